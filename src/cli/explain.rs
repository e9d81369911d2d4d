//! `rdprobe explain`: what a documented cause is, how to confirm it and how to mend it.

use std::process::ExitCode;

use rdprobe::diagnosis::catalogue;
use rdprobe::render::human;

use super::Trouble;
use super::args::ExplainArgs;
use super::output::{self, Output};
use super::settings::UsageError;

/// Explains one cause, or lists them all.
pub(super) fn run(args: &ExplainArgs, output: Output) -> Result<ExitCode, Trouble> {
    let style = output.human_style(0);
    let Some(id) = &args.cause else {
        output::write(|out| human::index(catalogue::all(), &style, out))?;
        return Ok(ExitCode::SUCCESS);
    };
    let cause = catalogue::get(id).ok_or_else(|| unknown(id))?;
    output::write(|out| human::explain(cause, &style, out))?;
    Ok(ExitCode::SUCCESS)
}

fn unknown(id: &str) -> UsageError {
    let alike: Vec<&str> = catalogue::all()
        .iter()
        .map(|cause| cause.id.as_str())
        .filter(|known| {
            known.contains(id) || id.split('-').any(|word| word.len() > 3 && known.contains(word))
        })
        .take(4)
        .collect();
    let hint = match alike.as_slice() {
        [] => "rdprobe explain, without a name, lists them all".to_owned(),
        alike => format!("perhaps {}", alike.join(", ")),
    };
    UsageError { message: format!("no cause is called {id}"), hint: Some(hint) }
}

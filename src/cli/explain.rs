//! `rdprobe explain`: what a cause, a code, an event or a message means, and the commands that mend it.

use std::io::Write;
use std::process::ExitCode;

use rdprobe::diagnosis::catalogue::{self, Cause, Channel, Remedy};
use rdprobe::diagnosis::lookup::{self, Entry, Unknown};
use rdprobe::diagnosis::procedure;
use rdprobe::render::{human, markdown, paste};

use super::Trouble;
use super::args::{ExplainArgs, ExplainFormat};
use super::output::{self, Output};
use super::settings::UsageError;

/// How many causes a hint names.
const NAMED: usize = 6;

/// Explains a word, lists every cause, or writes the book of them.
pub(super) fn run(args: &ExplainArgs, output: Output) -> Result<ExitCode, Trouble> {
    let style = output.human_style(0);
    if args.words.is_empty() {
        output::write(|out| match (args.format, args.all) {
            (ExplainFormat::Human, false) => human::index(&style, out),
            (ExplainFormat::Human, true) => human::explain_all(&style, out),
            (ExplainFormat::Markdown, _) => markdown::book(out),
            (ExplainFormat::Json, _) => json(&everything(), out),
        })?;
        return Ok(ExitCode::SUCCESS);
    }
    let found = lookup::look_up(&args.words.join(" ")).map_err(|it| unknown(&it))?;
    if let Some(channel) = args.channel {
        return commands(&found, channel);
    }
    output::write(|out| match args.format {
        ExplainFormat::Human => human::explain(&found, &style, out),
        ExplainFormat::Markdown => markdown::entries(&found, out),
        ExplainFormat::Json => json(&found, out),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn everything() -> Vec<Entry> {
    let causes = catalogue::all().iter().map(Entry::Cause);
    causes.chain(procedure::all().iter().map(Entry::Procedure)).collect()
}

fn json(entries: &[Entry], out: &mut dyn Write) -> std::io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, entries)?;
    writeln!(out)
}

/// Prints the commands of one channel, and nothing else, on stdout.
fn commands(found: &[Entry], channel: Channel) -> Result<ExitCode, Trouble> {
    let (id, fixes) = one(found)?;
    if !fixes.iter().any(|fix| fix.channel == channel) {
        let mut channels: Vec<&str> = fixes.iter().map(|fix| fix.channel.word()).collect();
        channels.sort_unstable();
        channels.dedup();
        let message = format!("{id} has no commands for {}", channel.word());
        return Err(UsageError { message, hint: Some(format!("it has {}", channels.join(", "))) }.into());
    }
    let mut notes = Vec::new();
    output::write(|out| {
        notes = paste::paste(fixes, channel, out)?;
        Ok(())
    })?;
    for note in &notes {
        output::say(note);
    }
    Ok(ExitCode::SUCCESS)
}

/// The one cause or procedure that was found: commands of several must not be mixed.
fn one(found: &[Entry]) -> Result<(&'static str, &'static [Remedy]), UsageError> {
    let mut causes: Vec<&'static Cause> = Vec::new();
    for entry in found {
        match entry {
            Entry::Cause(cause) => return Ok((&cause.id, &cause.fixes)),
            Entry::Procedure(procedure) => return Ok((&procedure.id, &procedure.fixes)),
            Entry::Reading(reading) => {
                causes.extend(reading.causes.iter().filter_map(|id| catalogue::get(id)));
            }
        }
    }
    causes.sort_unstable_by_key(|cause| &cause.id);
    causes.dedup_by_key(|cause| &cause.id);
    match causes.as_slice() {
        [] => {
            let message = "no cause goes with it, so there is nothing to run".to_owned();
            Err(UsageError { message, hint: None })
        }
        [only] => Ok((&only.id, &only.fixes)),
        several => {
            let ids: Vec<&str> = several.iter().map(|cause| cause.id.as_str()).collect();
            let message = format!("{} causes go with it, and --channel needs one", ids.len());
            let named = ids.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
            let more = if ids.len() > NAMED { ", ..." } else { "" };
            Err(UsageError { message, hint: Some(format!("name it: {named}{more}")) })
        }
    }
}

fn unknown(unknown: &Unknown) -> UsageError {
    let hint = match unknown.alike.as_slice() {
        [] => "rdprobe explain, without a word, lists every cause; explain --help shows what it takes"
            .to_owned(),
        alike => format!("perhaps {}", alike.iter().map(|it| as_word(it)).collect::<Vec<_>>().join(", ")),
    };
    UsageError { message: unknown.to_string(), hint: Some(hint) }
}

/// A message stands in quotes, as it is to be typed.
fn as_word(name: &str) -> String {
    if name.contains(' ') { format!("\"{name}\"") } else { name.to_owned() }
}

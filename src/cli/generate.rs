//! `rdprobe generate`: what is made from the program itself, so that it never goes stale.

use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;
use rdprobe::render::schema;

use super::Trouble;
use super::args::{Cli, Generate, GenerateArgs, SchemaOf};
use super::output;
use super::settings::UsageError;

/// Prints a schema, a shell's completions or the manual.
pub(super) fn run(args: &GenerateArgs) -> Result<ExitCode, Trouble> {
    match &args.what {
        Generate::Schema { of } => {
            let schema = match of {
                SchemaOf::Report => schema::schema(),
                SchemaOf::Check => schema::check_schema(),
                SchemaOf::Baseline => schema::baseline_schema(),
                SchemaOf::Diff => schema::diff_schema(),
                SchemaOf::Scan => schema::scan_schema(),
                SchemaOf::Record => schema::record_schema(),
                SchemaOf::Fleet => schema::fleet_schema(),
            };
            output::write(|out| writeln!(out, "{schema:#}"))?;
        }
        Generate::Completions { shell } => {
            // In memory first: the generator panics where a reader has gone away.
            let mut script = Vec::new();
            clap_complete::generate(Shell::from(*shell), &mut Cli::command(), "rdprobe", &mut script);
            output::write(|out| out.write_all(&script))?;
        }
        Generate::Man { dir: None } => {
            let first = page(&program()).map_err(Trouble::Output)?;
            output::write(|out| out.write_all(&first))?;
        }
        Generate::Man { dir: Some(dir) } => {
            pages(dir, &program()).map_err(|error| UsageError {
                message: format!("cannot write the pages to {}: {error}", dir.display()),
                hint: Some("name a folder that you may write to".to_owned()),
            })?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The whole command line, each command with its full name.
fn program() -> clap::Command {
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    program
}

/// `rdprobe.1`, and `rdprobe-COMMAND.1` for each command.
fn pages(dir: &Path, command: &clap::Command) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    fs::write(dir.join(Man::new(command.clone()).get_filename()), page(command)?)?;
    command.get_subcommands().try_for_each(|command| pages(dir, command))
}

/// One manual page. The examples keep their columns, which filled text would not.
fn page(command: &clap::Command) -> io::Result<Vec<u8>> {
    let title = command.get_display_name().unwrap_or_else(|| command.get_name());
    let man = Man::new(command.clone()).title(title).manual("rdprobe manual");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    if command.get_after_help().is_some() {
        let mut examples = Vec::new();
        man.render_extra_section(&mut examples)?;
        let examples = String::from_utf8_lossy(&examples).replacen(".SH EXTRA\n", ".SH EXAMPLES\n.nf\n", 1);
        page.extend_from_slice(examples.as_bytes());
        page.extend_from_slice(b".fi\n");
    }
    Ok(page)
}

//! `rdprobe collect`: the script that gathers what the catalogue asks of the guest.

use std::process::ExitCode;

use rdprobe::diagnosis::guest::collect::{CMD, POWERSHELL};

use super::Trouble;
use super::args::{CollectArgs, CollectShell};
use super::output;

/// Prints the script for one shell.
pub(super) fn run(args: &CollectArgs) -> Result<ExitCode, Trouble> {
    let script = match args.shell {
        CollectShell::Powershell => POWERSHELL,
        CollectShell::Cmd => CMD,
    };
    output::write(|out| out.write_all(script.as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}

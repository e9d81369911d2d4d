//! The `rdprobe` command: arguments in, bytes and an exit code out.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}

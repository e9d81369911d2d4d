//! The arguments of `rdprobe generate`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use clap_complete::Shell;

const COMPLETIONS: &str = "\
Examples:
  rdprobe generate completions bash > /etc/bash_completion.d/rdprobe
  rdprobe generate completions zsh > ~/.zfunc/_rdprobe
  rdprobe generate completions fish > ~/.config/fish/completions/rdprobe.fish
  rdprobe generate completions powershell >> $PROFILE";

#[derive(Debug, Args)]
pub(in crate::cli) struct GenerateArgs {
    #[command(subcommand)]
    pub(in crate::cli) what: Generate,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Generate {
    /// The JSON Schema of what is printed or saved
    Schema {
        /// Of what
        #[arg(value_enum, default_value_t = SchemaOf::Report)]
        of: SchemaOf,
    },
    /// What a shell needs to complete rdprobe's options
    #[command(after_help = COMPLETIONS)]
    Completions {
        /// For which shell
        #[arg(value_enum)]
        shell: CompletedShell,
    },
    /// The manual pages
    Man {
        /// Write a page for every command into this folder, instead of the first one on standard output
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum SchemaOf {
    /// A report, as --format json prints it
    Report,
    /// A check, as check --format json prints it
    Check,
    /// A baseline, as check --save writes it
    Baseline,
    /// What diff --format json prints
    Diff,
    /// A line of scan --format ndjson
    Scan,
    /// What report --format json prints of a monitor's record
    Record,
    /// What report --format json prints of a scan
    Fleet,
}

/// The shells that are tested here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum CompletedShell {
    /// GNU bash
    Bash,
    /// Z shell
    Zsh,
    /// fish
    Fish,
    /// PowerShell
    Powershell,
}

impl From<CompletedShell> for Shell {
    fn from(shell: CompletedShell) -> Self {
        match shell {
            CompletedShell::Bash => Self::Bash,
            CompletedShell::Zsh => Self::Zsh,
            CompletedShell::Fish => Self::Fish,
            CompletedShell::Powershell => Self::PowerShell,
        }
    }
}

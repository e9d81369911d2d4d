//! The arguments of `rdprobe diff`.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use rdprobe::policy::baseline;

const EXAMPLES: &str = "\
Examples:
  rdprobe --format json old-vm > a.json; rdprobe --format json new-vm > b.json
  rdprobe diff a.json b.json --ignore address,name,thumbprint,issuer
  rdprobe check --save today.json myvm; rdprobe diff monday.json today.json

One target a file: compared whatever its name is. Several: by name.
Only what both saw is compared: a host that is down differs in its verdict only.

Exit codes:
  0  no difference, or only what --ignore names
  1  differences
  2  wrong usage";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct DiffArgs {
    /// How it was: reports (json, ndjson) or a baseline; - for standard input
    #[arg(value_name = "A.json")]
    pub(in crate::cli) before: PathBuf,

    /// How it is
    #[arg(value_name = "B.json")]
    pub(in crate::cli) after: PathBuf,

    /// What may differ; may be repeated
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', value_parser = PossibleValuesParser::new(baseline::NAMES))]
    pub(in crate::cli) ignore: Vec<String>,

    /// How to print
    #[arg(long, value_enum, default_value_t = DiffFormat::Human)]
    pub(in crate::cli) format: DiffFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum DiffFormat {
    /// For people: two columns
    Human,
    /// For programs
    Json,
    /// A table for a merge request or a ticket
    Markdown,
}

//! The arguments of `rdprobe check`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;
use rdprobe::policy::baseline;

use super::{Color, ExpectationArgs, NetworkArgs, RequestArgs, SourceArgs, TimeoutArgs, values};
use crate::cli::sink::{self, Destination};

const EXAMPLES: &str = "\
Examples:
  rdprobe check myvm                        does RDP answer?
  rdprobe check myvm --expect 'nla=required, tls>=1.2, cert>30d:7d'
  rdprobe check myvm --wait 15m --for 3 --format junit=rdp.xml
                                            after terraform apply
  rdprobe check myvm --format nagios --expect 'rtt<80ms:150ms, cert>30d:7d'
                                            every minute, by a monitoring system
  rdprobe check myvm --profile secure --against monday.json --ignore address
                                            every night
  rdprobe check myvm --save monday.json     what the next one compares with
  az vm list-ip-addresses -o json | rdprobe check --targets - --format junit
                                            every machine of a subscription
  rdprobe check --targets vms.csv --targets 10.0.0.0/28 --exclude 10.0.0.1
                                            lists and ranges

Sources: - (standard input), a file (one target a line, CSV, Azure's JSON,
         output of nmap or masscan), a folder of .rdp files, 10.0.0.0/24,
         10.0.0.1-200, with :PORT if need be

Formats: human, json, ndjson, junit, sarif, nagios, github, azure-pipelines,
         tap, markdown

Exit codes:
  0  every expectation holds (a warning is no failure)
  1  an expectation is missed, or something changed since the baseline
  2  wrong usage
  3  could not decide: this machine's own network, a line of --targets that
     names no target, or Ctrl-C ended a wait
  4  --wait ran out
With --format nagios on standard output: 0 ok, 1 warning, 2 critical, 3 unknown.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct CheckArgs {
    /// Host, host:port, address, [v6]:port, rdp:// URI or .rdp file
    #[arg(value_name = "TARGET", required_unless_present_any = ["list_expectations", "sources"])]
    pub(in crate::cli) targets: Vec<String>,

    /// More targets: a file, - for standard input, a folder of .rdp files, a network, a range; may be repeated
    #[arg(long = "targets", value_name = "SOURCE")]
    pub(in crate::cli) sources: Vec<String>,

    #[command(flatten)]
    pub(in crate::cli) expected: ExpectationArgs,

    /// List what can be expected, and the built-in profiles
    #[arg(long)]
    pub(in crate::cli) list_expectations: bool,

    /// How to print, and where to: FORMAT or FORMAT=FILE; may be repeated
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = sink::destination)]
    pub(in crate::cli) format: Vec<Destination>,

    /// Ask the rarer rows too: NLA alone, RDSTLS, Entra ID, restricted admin
    #[arg(long)]
    pub(in crate::cli) full: bool,

    /// Show more; twice: more still
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(in crate::cli) verbose: u8,

    /// Colours
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub(in crate::cli) color: Color,

    #[command(flatten)]
    pub(in crate::cli) wait: WaitArgs,

    #[command(flatten)]
    pub(in crate::cli) baseline: BaselineArgs,

    #[command(flatten)]
    pub(in crate::cli) source: SourceArgs,

    #[command(flatten)]
    pub(in crate::cli) network: NetworkArgs,

    #[command(flatten)]
    pub(in crate::cli) request: RequestArgs,

    #[command(flatten)]
    pub(in crate::cli) timeouts: TimeoutArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Waiting")]
pub(in crate::cli) struct WaitArgs {
    /// Probe again and again, for so long at most: 90s, 15m
    #[arg(long = "wait", value_name = "TIME", value_parser = values::duration)]
    pub(in crate::cli) limit: Option<Duration>,

    /// How many times in a row the expectations have to hold
    #[arg(long = "for", value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..), requires = "limit")]
    pub(in crate::cli) in_a_row: u32,

    /// From the start of one probe to the start of the next
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = values::duration, requires = "limit")]
    pub(in crate::cli) every: Duration,

    /// Give up at once on what waiting does not mend: an answering server without NLA, an expired certificate, ...
    #[arg(long, requires = "limit")]
    pub(in crate::cli) fail_fast: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Baselines")]
pub(in crate::cli) struct BaselineArgs {
    /// Keep what was seen, for --against
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) save: Option<PathBuf>,

    /// Fail on what changed since --save
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) against: Option<PathBuf>,

    /// What may change: address, thumbprint, build, ...; may be repeated
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', value_parser = PossibleValuesParser::new(baseline::NAMES), requires = "against")]
    pub(in crate::cli) ignore: Vec<String>,
}

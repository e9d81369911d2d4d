//! The arguments of `rdprobe scan`.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use rdprobe::fleet::depth::Depth;
use rdprobe::render::scan::table::Show;

use super::{Color, ExpectationArgs, NetworkArgs, RequestArgs, SourceArgs, TimeoutArgs, values};
use crate::cli::scan::outlets::{self, Destination};

const EXAMPLES: &str = "\
Examples:
  rdprobe scan vms.txt                       a file, one target a line
  rdprobe scan 10.0.0.0/24 --depth x224      who speaks RDP in this network?
  az vm list-ip-addresses -o json | rdprobe scan - --resume azure.scan
                                             every machine of a subscription
  rdprobe scan vms.txt --expect 'nla=required, tls>=1.2, cert>30d' --show bad
                                             who does not follow the rules?
  rdprobe scan vms.txt --format ndjson=all.ndjson --format csv=all.csv
                                             for programs and spreadsheets
  rdprobe scan 10.0.0.0/16 --record rdp.db; rdprobe report rdp.db > fleet.html
                                             a page about all of them

Formats: table, ndjson, csv; a file grows while the scan runs, a line a target.
In CSV a text that a spreadsheet would take for a formula begins with '.
A depth below full makes one connection to each address: it is faster, and does
not tell which TLS versions are accepted or whether NLA is required. Below nla
who passes is called open (tcp) or passed: that RDP works is not known then.

Ctrl-C finishes what is in flight and says how to go on; again, it ends at once.
With --resume FILE the same command goes on where it ended, even after kill -9:
files hold every target once, standard output only what came since.

Exit codes:
  0  every target is reachable (or passed the depth asked for) and as expected
  1  a failure was found, or an expectation missed; with --expect 'reachable'
     is expected too, unless you say 'reachable' or '!reachable' yourself
  2  wrong usage
  3  none of that, but not everything is known: a target is undecided, a line of
     a source is no target, a source names none (rdprobe check calls no target at
     all wrong usage), the scan was ended early, a file was not written";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct ScanArgs {
    /// What to scan: targets, networks, ranges, files of them; - for standard input
    #[arg(value_name = "SOURCE", required = true)]
    pub(in crate::cli) sources: Vec<String>,

    /// How much is asked of every target
    #[arg(long, value_enum, default_value_t = ScanDepth::Full)]
    pub(in crate::cli) depth: ScanDepth,

    /// Go on where the scan that kept this file ended; a new file begins one
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) resume: Option<PathBuf>,

    #[command(flatten)]
    pub(in crate::cli) source: SourceArgs,

    #[command(flatten)]
    pub(in crate::cli) speed: SpeedArgs,

    #[command(flatten)]
    pub(in crate::cli) told: ScanOutputArgs,

    #[command(flatten, next_help_heading = "Expectations")]
    pub(in crate::cli) expected: ExpectationArgs,

    #[command(flatten)]
    pub(in crate::cli) network: NetworkArgs,

    #[command(flatten)]
    pub(in crate::cli) request: RequestArgs,

    #[command(flatten)]
    pub(in crate::cli) timeouts: TimeoutArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Speed")]
pub(in crate::cli) struct SpeedArgs {
    /// How many targets at a time [default: by the limit of open files, at most 250, or 2,000 below full depth]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(in crate::cli) concurrency: Option<u32>,

    /// New connections a second, to all targets together
    #[arg(long, value_name = "N")]
    pub(in crate::cli) rate: Option<NonZeroU32>,

    /// From one connection to the next to the same address, at least; a minute at most
    #[arg(long, value_name = "TIME", default_value = "5ms", value_parser = values::gap)]
    pub(in crate::cli) host_gap: Duration,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(in crate::cli) struct ScanOutputArgs {
    /// How to print, and where to: FORMAT or FORMAT=FILE; may be repeated
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = outlets::destination)]
    pub(in crate::cli) format: Vec<Destination>,

    /// Which targets the table shows
    #[arg(long, value_enum, default_value_t = Shown::All)]
    pub(in crate::cli) show: Shown,

    /// The whole report of every target in ndjson, for rdprobe diagnose; in --record too below --depth tls
    #[arg(long)]
    pub(in crate::cli) reports: bool,

    /// Keep it all in this SQLite file for rdprobe report, from --depth tls on with every whole report
    #[arg(long, value_name = "FILE.db")]
    pub(in crate::cli) record: Option<PathBuf>,

    /// Show the causes and every expectation that does not hold, too
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(in crate::cli) verbose: u8,

    /// Colours
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub(in crate::cli) color: Color,
}

/// How much is asked of every target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ScanDepth {
    /// TCP only; says nothing of RDP
    Tcp,
    /// The RDP negotiation
    X224,
    /// TLS and the certificate too
    Tls,
    /// The NLA challenge too, with name and build
    Nla,
    /// Everything that rdprobe TARGET asks, on several connections
    Full,
}

impl From<ScanDepth> for Depth {
    fn from(depth: ScanDepth) -> Self {
        match depth {
            ScanDepth::Tcp => Self::Tcp,
            ScanDepth::X224 => Self::X224,
            ScanDepth::Tls => Self::Tls,
            ScanDepth::Nla => Self::Nla,
            ScanDepth::Full => Self::Full,
        }
    }
}

/// Which targets the table shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Shown {
    /// Every one
    All,
    /// Those that fail, miss an expectation, are undecided, or bear a warning
    Bad,
    /// The others
    Good,
}

impl From<Shown> for Show {
    fn from(shown: Shown) -> Self {
        match shown {
            Shown::All => Self::All,
            Shown::Bad => Self::Bad,
            Shown::Good => Self::Good,
        }
    }
}

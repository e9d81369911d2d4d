//! The arguments of `rdprobe monitor`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use rdprobe::evidence::Stage;

use super::{Color, NetworkArgs, RequestArgs, SourceArgs, TimeoutArgs, values};

const EXAMPLES: &str = "\
Examples:
  rdprobe monitor myvm                       watch it live; q quits
  rdprobe monitor myvm 10.0.0.4 --record rdp.db
                                             keep everything, for rdprobe report
  rdprobe monitor myvm --hold                find who cuts idle connections
  rdprobe monitor --targets vms.txt --listen 127.0.0.1:9339 --format lines
                                             as a service, for Prometheus
  rdprobe monitor --targets 10.0.0.0/28 --exclude 10.0.0.1 --record rdp.db
                                             a network
  rdprobe monitor myvm --format ndjson | jq 'select(.event == \"state\")'
  rdprobe monitor myvm --for 10m --depth nla --hdr rdp.hdr
                                             a measurement

Each round is one connection, ended in order. At every change of state a whole
probe finds the cause. Down after 3 bad rounds, up again after 2 good ones.
Without a terminal: one line a change, and a table every --summary-every.

Signals: SIGUSR1 (or Enter) prints the table, SIGHUP reads --targets again,
SIGTERM and Ctrl-C end with a summary within two seconds.
Environment: RDPROBE_WEBHOOK_URL instead of --webhook, for a URL with a secret;
RUST_LOG=rdprobe=debug for the program's own log.

Exit codes:
  0  no target was seen down
  1  an outage was seen
  2  wrong usage
  3  could not decide: of some target nothing was ever known, or what was to be
     recorded could not be";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct MonitorArgs {
    /// Host, host:port, address, [v6]:port, rdp:// URI or .rdp file
    #[arg(value_name = "TARGET", required_unless_present = "sources")]
    pub(in crate::cli) targets: Vec<String>,

    /// More targets: a file, a folder of .rdp files, a network, a range; may be repeated; SIGHUP reads it again
    #[arg(long = "targets", value_name = "SOURCE")]
    pub(in crate::cli) sources: Vec<String>,

    /// From the start of one round to the start of the next
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = values::duration)]
    pub(in crate::cli) interval: Duration,

    /// How far a round goes
    #[arg(long, value_enum, default_value_t = Depth::X224)]
    pub(in crate::cli) depth: Depth,

    /// From one whole probe to the next while nothing happens
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = values::duration)]
    pub(in crate::cli) deep_every: Duration,

    /// So many bad rounds in a row: down
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(in crate::cli) down_after: u32,

    /// So many good rounds in a row: up again
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(in crate::cli) up_after: u32,

    /// So many times slower than its usual time, and by 20 ms: degraded; 0: never
    #[arg(long, value_name = "FACTOR", default_value = "3", value_parser = values::slower)]
    pub(in crate::cli) slower_by: f64,

    /// So many times down or up within ten minutes: flapping; 0: never
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u32).range(0..=1000))]
    pub(in crate::cli) flapping_after: u32,

    /// Whom to ask whether this machine's own network is there; without it the default gateway; may be repeated
    #[arg(long, value_name = "HOST[:PORT]")]
    pub(in crate::cli) control: Vec<String>,

    /// End after so long: 10m, 24h
    #[arg(long = "for", value_name = "TIME", value_parser = values::long_duration)]
    pub(in crate::cli) limit: Option<Duration>,

    #[command(flatten)]
    pub(in crate::cli) hold: HoldArgs,

    #[command(flatten)]
    pub(in crate::cli) told: ToldArgs,

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
#[command(next_help_heading = "Held connections")]
pub(in crate::cli) struct HoldArgs {
    /// Keep one negotiated connection open beside the rounds, and tell how it ends
    #[arg(long)]
    pub(in crate::cli) hold: bool,

    /// The idle times to try, ascending
    #[arg(long = "hold-steps", value_name = "TIME,...", value_delimiter = ',', default_value = "1m,2m,4m,8m", value_parser = values::duration, requires = "hold")]
    pub(in crate::cli) steps: Vec<Duration>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Who is told")]
pub(in crate::cli) struct ToldArgs {
    /// How to print: auto is the live view on a terminal and lines elsewhere
    #[arg(long, value_enum, default_value_t = MonitorFormat::Auto)]
    pub(in crate::cli) format: MonitorFormat,

    /// How much time one row of latency covers, on the screen and in --hdr
    #[arg(long, value_name = "TIME", default_value = "1m", value_parser = values::duration)]
    pub(in crate::cli) summary_every: Duration,

    /// Keep everything in this SQLite file, for rdprobe report
    #[arg(long, value_name = "FILE.db")]
    pub(in crate::cli) record: Option<PathBuf>,

    /// Append latency histograms to this file, as HdrHistogram's tools read them
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) hdr: Option<PathBuf>,

    /// Serve /metrics and /healthz for Prometheus here
    #[arg(long, value_name = "ADDR")]
    pub(in crate::cli) listen: Option<SocketAddr>,

    /// Run this at every event, which it reads as JSON on its standard input; no shell is asked
    #[arg(long, value_name = "COMMAND")]
    pub(in crate::cli) on_change: Option<String>,

    /// POST every event there as JSON
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) webhook: Option<String>,

    /// Colours
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub(in crate::cli) color: Color,
}

/// How far a round goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Depth {
    /// TCP only; says nothing of RDP
    Tcp,
    /// The RDP negotiation
    X224,
    /// TLS too
    Tls,
    /// The NLA challenge too
    Nla,
}

impl Depth {
    pub(in crate::cli) const fn stage(self) -> Stage {
        match self {
            Self::Tcp => Stage::Connect,
            Self::X224 => Stage::Negotiate,
            Self::Tls => Stage::Tls,
            Self::Nla => Stage::Credssp,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum MonitorFormat {
    /// The live view on a terminal, lines elsewhere
    Auto,
    /// One line a change, and a table now and then
    Lines,
    /// Every event as one JSON object a line
    Ndjson,
}

//! What may be written on the command line, and its help.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use rdprobe::diagnosis::catalogue::Channel;
use rdprobe::evidence::Stage;

use super::values;

// What has to hold, for every command that judges.
mod expected;

// Where targets come from.
mod source;

// `rdprobe check`
mod check;

// `rdprobe scan`
mod scan;

// `rdprobe diff`
mod diff;

// `rdprobe generate`
mod generate;

// `rdprobe serve`
mod serve;

// `rdprobe monitor`
mod monitor;

// `rdprobe report`
mod report;

pub(super) use check::{CheckArgs, WaitArgs};
pub(super) use diff::{DiffArgs, DiffFormat};
pub(super) use expected::ExpectationArgs;
pub(super) use generate::{Generate, GenerateArgs, SchemaOf};
pub(super) use monitor::{MonitorArgs, MonitorFormat};
pub(super) use scan::{ScanArgs, SpeedArgs};
pub(super) use serve::ServeArgs;
pub(super) use source::SourceArgs;

pub(super) use report::{ReportArgs, ReportFormat, ScanChoice};

const EXAMPLES: &str = "\
Examples:
  rdprobe myvm.westus.cloudapp.azure.com        diagnose one machine
  rdprobe 10.0.0.4 '[2001:db8::1]:3390'         addresses, other ports
  rdprobe \"My server.rdp\"                       what an .rdp file points at
  rdprobe --format json myvm | jq .diagnosis    for scripts
  rdprobe myvm --says 0x904                     with what your client displays
  rdprobe --full -vv myvm                       every request, with the bytes
  rdprobe --only connect myvm                   TCP only; says nothing of RDP
  rdprobe demo                                  see it work, without a server

Exit codes:
  0  reachable (or every stage asked for by --only passed)
  1  not reachable, or not on every address
  2  wrong usage
  3  could not decide: this machine's own network, resolver or limits";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  rdprobe explain                        every cause, by family
  rdprobe explain nsg-blocks-rdp         one cause: what it is, how to mend it
  rdprobe explain 0x904                  the code that mstsc displays
  rdprobe explain extended 8             its extended code
  rdprobe explain \"internal error\"       the message that it displays
  rdprobe explain event 36871            an event of Windows
  rdprobe explain Schannel 36871         the same, with its provider
  rdprobe explain negfail 5              why a server refuses to negotiate
  rdprobe explain errinfo 0x101          why a server disconnects
  rdprobe explain STATUS_LOGON_FAILURE   an NTSTATUS, or 0xC000006D
  rdprobe explain alert 70               a TLS alert
  rdprobe explain tcp.timeout            an observation of a report
  rdprobe explain static-ip-in-guest --channel serial-console-cmd
                                         only the commands, ready to paste
  rdprobe explain --all --format markdown > book.md

Codes are hexadecimal, with or without 0x; digits alone are tried as decimal too.
Channels: serial-console-cmd, serial-console-powershell, portal, az-cli,
          az-powershell, offline-disk, client, server";

const COLLECT: &str = "\
The script reads only: it changes nothing and holds no secret. The PowerShell
variant prints at most 4,096 bytes, which is what Run Command returns.

  rdprobe collect > rdprobe-collect.ps1
  az vm run-command invoke -g GROUP -n VM --command-id RunPowerShellScript --scripts @rdprobe-collect.ps1 > guest.json
  rdprobe --format json TARGET > report.json
  rdprobe diagnose report.json --guest guest.json

The cmd variant has no such bound: save what the console shows.";

/// Can this Windows machine be reached by Remote Desktop, and if not, exactly why and what to run next?
///
/// Sends no credential and completes no logon. Every address of a name is tried on its own.
#[derive(Debug, Parser)]
#[command(name = "rdprobe", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true, max_term_width = 80)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,

    #[command(flatten)]
    pub(super) probe: ProbeArgs,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Pass or fail against expectations, now or within --wait, for pipelines and monitoring
    Check(Box<CheckArgs>),
    /// Probe many targets: files, networks, inventories; thousands a minute
    Scan(Box<ScanArgs>),
    /// Probe on request, for Prometheus: /probe?target=HOST&module=NAME
    Serve(ServeArgs),
    /// Watch latency and disconnects, day and night
    Monitor(Box<MonitorArgs>),

    /// Show what monitor --record kept: a page to read or print, text or JSON
    Report(ReportArgs),
    /// Be a healthy or a broken RDP server, for rehearsal
    Simulate(SimulateArgs),
    /// Start every persona on loopback, probe each, and show the diagnoses
    Demo(DemoArgs),
    /// Judge saved reports again, with what the guest tells
    Diagnose(DiagnoseArgs),
    /// Print a script that gathers, inside the machine, what --guest reads
    #[command(after_help = COLLECT)]
    Collect(CollectArgs),
    /// Say what a cause, a code, an event or a message means, and how to mend it
    Explain(ExplainArgs),
    /// Say what differs between two saved reports or baselines: two hosts, or two dates
    Diff(DiffArgs),
    /// Print what is made from the program itself: completions, manual pages, schemas
    Generate(GenerateArgs),
}

#[derive(Debug, Args)]
pub(super) struct ProbeArgs {
    /// Host, host:port, address, [v6]:port, rdp:// URI or .rdp file
    #[arg(value_name = "TARGET", required = true)]
    pub(super) targets: Vec<String>,

    /// Ask the rarer rows too: NLA alone, RDSTLS, Entra ID, restricted admin
    #[arg(long)]
    pub(super) full: bool,

    /// Stop after this stage: resolve, connect, negotiate, tls, credssp
    #[arg(long, value_name = "STAGE", value_parser = stage)]
    pub(super) only: Option<Stage>,

    /// What your client displays: a code (0x904, 0x904/0x7) or a message, in English or French; may be repeated
    #[arg(long, value_name = "TEXT")]
    pub(super) says: Vec<String>,

    /// What a command inside the machine printed: rdprobe collect, wevtutil, reg query, netstat, sc, netsh, ...
    #[arg(long, value_name = "FILE")]
    pub(super) guest: Vec<PathBuf>,

    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(super) format: Format,

    /// Show the evidence; twice: the bytes too
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,

    /// Colours
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub(super) color: Color,

    #[command(flatten)]
    pub(super) network: NetworkArgs,

    #[command(flatten)]
    pub(super) request: RequestArgs,

    #[command(flatten)]
    pub(super) timeouts: TimeoutArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(super) struct NetworkArgs {
    /// IPv4 only
    #[arg(short = '4', long = "ipv4", conflicts_with = "v6")]
    pub(super) v4: bool,

    /// IPv6 only
    #[arg(short = '6', long = "ipv6")]
    pub(super) v6: bool,

    /// Ask this resolver instead of the system's
    #[arg(long, value_name = "IP[:PORT]", value_parser = values::resolver)]
    pub(super) resolver: Option<SocketAddr>,

    /// Connect from this local address
    #[arg(long, value_name = "ADDR")]
    pub(super) source: Option<IpAddr>,

    /// Connect through this interface
    #[arg(long, value_name = "NAME")]
    pub(super) interface: Option<String>,

    /// Other ports to try when RDP's port stays silent
    #[arg(long, value_name = "PORT,...", value_delimiter = ',', default_value = "135,445,5985,443,80,22")]
    pub(super) control_ports: Vec<u16>,

    /// Never touch another port
    #[arg(long, conflicts_with = "control_ports")]
    pub(super) no_control_ports: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Request")]
pub(super) struct RequestArgs {
    /// The mstshash cookie
    #[arg(long, value_name = "NAME", default_value = "rdprobe", value_parser = values::cookie)]
    pub(super) cookie: String,

    /// Send no cookie
    #[arg(long, conflicts_with = "cookie")]
    pub(super) no_cookie: bool,

    /// Send a correlation id, which Windows writes to its event log: 32 hex digits or a UUID
    #[arg(long, value_name = "ID", value_parser = values::correlation_id)]
    pub(super) correlation_id: Option<[u8; 16]>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Timeouts (500ms, 5s, 1m)")]
pub(super) struct TimeoutArgs {
    /// The whole probe of one target
    #[arg(long = "timeout", value_name = "TIME", default_value = "30s", value_parser = values::duration)]
    pub(super) total: Duration,

    /// Name resolution
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = values::duration)]
    pub(super) resolve_timeout: Duration,

    /// One TCP connect
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = values::duration)]
    pub(super) connect_timeout: Duration,

    /// One answer of the RDP negotiation
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = values::duration)]
    pub(super) negotiate_timeout: Duration,

    /// One TLS handshake
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = values::duration)]
    pub(super) tls_timeout: Duration,

    /// The NLA challenge
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = values::duration)]
    pub(super) credssp_timeout: Duration,
}

#[derive(Debug, Args)]
pub(super) struct SimulateArgs {
    /// Whom to play; --list names them
    #[arg(long, value_name = "NAME", required_unless_present = "list")]
    pub(super) persona: Option<String>,

    /// Where to listen
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:3389")]
    pub(super) listen: SocketAddr,

    /// List the personas
    #[arg(long)]
    pub(super) list: bool,
}

#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// Only these personas
    #[arg(value_name = "PERSONA")]
    pub(super) personas: Vec<String>,

    /// Show the evidence; twice: the bytes too
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
}

#[derive(Debug, Args)]
pub(super) struct DiagnoseArgs {
    /// Reports as --format json or ndjson wrote them, a scan's with --reports; - for standard input
    #[arg(value_name = "REPORT.json", required = true)]
    pub(super) reports: Vec<PathBuf>,

    /// What a command inside the machine printed: rdprobe collect, wevtutil, reg query, netstat, sc, netsh, ...
    #[arg(long, value_name = "FILE")]
    pub(super) guest: Vec<PathBuf>,

    /// What your client displays: a code (0x904, 0x904/0x7) or a message, in English or French; may be repeated
    #[arg(long, value_name = "TEXT")]
    pub(super) says: Vec<String>,

    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(super) format: Format,

    /// Show the evidence; twice: the bytes too
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
}

#[derive(Debug, Args)]
pub(super) struct CollectArgs {
    /// For which shell
    #[arg(long, value_enum, default_value_t = CollectShell::Powershell)]
    pub(super) shell: CollectShell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum CollectShell {
    /// A script of compact output, for Azure's Run Command or a console
    Powershell,
    /// Plain commands, to paste into the serial console's CMD channel
    Cmd,
}

#[derive(Debug, Args)]
#[command(after_help = EXPLAIN_EXAMPLES)]
pub(super) struct ExplainArgs {
    /// A cause or procedure, a code, an event, or what the client displays; without it: the list of all causes
    #[arg(value_name = "WORD")]
    pub(super) words: Vec<String>,

    /// Print only the commands for this place, ready to paste
    #[arg(long, value_name = "CHANNEL", value_parser = channel, requires = "words", conflicts_with = "format")]
    pub(super) channel: Option<Channel>,

    /// Everything: all causes and procedures
    #[arg(long, conflicts_with = "words")]
    pub(super) all: bool,

    /// How to print
    #[arg(long, value_enum, default_value_t = ExplainFormat::Human)]
    pub(super) format: ExplainFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ExplainFormat {
    /// For people
    Human,
    /// A document with headings, links and fenced commands
    Markdown,
    /// For programs
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Human,
    /// One document: an object for one target, an array for several
    Json,
    /// One object a line, as the targets end
    Ndjson,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

fn stage(word: &str) -> Result<Stage, String> {
    Stage::ALL.into_iter().find(|stage| stage.word() == word).ok_or_else(|| {
        let words: Vec<&str> = Stage::ALL.iter().map(|stage| stage.word()).collect();
        format!("the stages are {}", words.join(", "))
    })
}

fn channel(word: &str) -> Result<Channel, String> {
    Channel::ALL.into_iter().find(|channel| channel.word() == word).ok_or_else(|| {
        let words: Vec<&str> = Channel::ALL.iter().map(|channel| channel.word()).collect();
        format!("the channels are {}", words.join(", "))
    })
}

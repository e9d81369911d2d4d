//! The arguments of `rdprobe serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

const EXAMPLES: &str = "\
Examples:
  rdprobe serve --allow '*.corp.example.com'
                                       names, wherever they lead
  rdprobe serve --allow 10.20.0.0/16 --allow 192.0.2.7:3390
                                       addresses, and names that lead there
  rdprobe serve --config /etc/rdprobe/serve.toml
                                       the same from a file, with modules
  curl 'http://127.0.0.1:9338/probe?target=vm1.corp.example.com&module=nla'

Modules: rdp (everything; the default), tcp, tls, nla (NLA is required)

  allow = [\"*.corp.example.com\"]
  [modules.production]
  depth = \"credssp\"      # or connect, negotiate, tls
  timeout = \"9s\"         # or less, as Prometheus's scrape timeout says
  expect = [\"reachable, nla=required\", \"cert>7d\"]

A name that --allow has is trusted wherever it leads. Any other name is
connected to only if all its addresses lie in the networks that --allow has.
Nothing else is ever connected to, and no port but 3389 unless it is named.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct ServeArgs {
    /// Where to listen
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9338")]
    pub(in crate::cli) listen: SocketAddr,

    /// Where it may connect: name, *.suffix, address, network, each with :PORT if wanted; may be repeated
    #[arg(long, value_name = "NAME|CIDR")]
    pub(in crate::cli) allow: Vec<String>,

    /// Another port than 3389 for all that --allow names without one; may be repeated
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub(in crate::cli) allow_port: Vec<u16>,

    /// Modules, and more to allow, from a TOML file
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) config: Option<PathBuf>,

    /// How many probes may be under way; beyond that a request is answered with 503
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(in crate::cli) concurrency: u16,
}

//! How sources of targets are read: what is left out, which column, which port, which order.

use clap::Args;
use rdprobe::fleet::source::Settings;
use rdprobe::target::DEFAULT_PORT;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Sources")]
pub(in crate::cli) struct SourceArgs {
    /// Leave out: an address, a network, a range, a name as it is written, or a file of them; may be repeated
    #[arg(long, value_name = "HOSTS")]
    pub(in crate::cli) exclude: Vec<String>,

    /// The column of a table that names the machines: its name, or its number where there is no header
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) column: Option<String>,

    /// The port of what names none [default: 3389]
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub(in crate::cli) port: Option<u16>,

    /// Ranges of more than 65,536 addresses too
    #[arg(long)]
    pub(in crate::cli) i_mean_it: bool,

    /// The order within ranges: the same number, the same order
    #[arg(long, value_name = "N")]
    pub(in crate::cli) seed: Option<u64>,
}

impl SourceArgs {
    /// The settings; `seed` is the order where the user asks for none.
    pub(in crate::cli) fn settings(&self, seed: u64) -> Settings {
        Settings {
            exclude: self.exclude.clone(),
            i_mean_it: self.i_mean_it,
            seed: self.seed.unwrap_or(seed),
            column: self.column.clone(),
            default_port: self.port.unwrap_or(DEFAULT_PORT),
        }
    }

    /// The first of these options that was given.
    pub(in crate::cli) fn given(&self) -> Option<&'static str> {
        [
            (!self.exclude.is_empty(), "--exclude"),
            (self.column.is_some(), "--column"),
            (self.port.is_some(), "--port"),
            (self.i_mean_it, "--i-mean-it"),
            (self.seed.is_some(), "--seed"),
        ]
        .into_iter()
        .find_map(|(is_given, name)| is_given.then_some(name))
    }
}

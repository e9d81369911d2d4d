//! `rdprobe serve`: the exporter that Prometheus asks to probe.

use std::net::TcpListener;
use std::process::ExitCode;

use rdprobe::serve::exporter::allow::Allow;
use rdprobe::serve::exporter::module::Config;
use rdprobe::serve::exporter::{self, Settings};

use super::args::ServeArgs;
use super::output;
use super::settings::{self, UsageError};
use super::{Trouble, descriptors, runtime, stop_asked};

/// A file of modules is not longer than this, in bytes.
const CONFIG_LIMIT: u64 = 1024 * 1024;

/// Serves until it is stopped.
pub(super) fn run(args: &ServeArgs) -> Result<ExitCode, Trouble> {
    let settings = exporter_settings(args)?;
    // A probe has eight connections at most, and Prometheus a few.
    descriptors::make_room_for(settings.concurrency.saturating_mul(8).saturating_add(128));
    let listen = |error| Trouble::Listen { address: args.listen, error };
    let listener = TcpListener::bind(args.listen).map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    runtime()?.block_on(async {
        let stop = stop_asked();
        output::say(&format!("the exporter listens on http://{address}/; Ctrl-C ends it"));
        exporter::exporter(listener, settings, stop).await.map_err(listen)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn exporter_settings(args: &ServeArgs) -> Result<Settings, UsageError> {
    let config = match &args.config {
        None => Config::built_in(),
        Some(path) => {
            let content = settings::read_file(path, CONFIG_LIMIT, "any file of modules")?;
            let wrong = |message: String, hint| UsageError {
                message: format!("{}: {message}", path.display()),
                hint,
            };
            let text = String::from_utf8(content).map_err(|_| wrong("not UTF-8 text".to_owned(), None))?;
            Config::read(&text).map_err(|error| wrong(error.to_string(), error.hint))?
        }
    };
    let entries = [config.allow.as_slice(), &args.allow].concat();
    let ports = [config.allow_ports.as_slice(), &args.allow_port].concat();
    let allow = Allow::read(&entries, &ports)
        .map_err(|error| UsageError { message: error.to_string(), hint: Some(error.hint) })?;
    if allow.is_empty() {
        return Err(UsageError {
            message: "nothing is allowed, so there is nothing to probe".to_owned(),
            hint: Some("such as --allow '*.corp.example.com', or --allow 10.0.0.0/8".to_owned()),
        });
    }
    Ok(Settings { allow, modules: config.modules, concurrency: usize::from(args.concurrency) })
}

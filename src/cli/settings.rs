//! Arguments to targets and a plan, and the errors of a user who mistyped.

use std::io::Read;
use std::path::Path;

use rdprobe::diagnosis::says;
use rdprobe::evidence::{Stage, Testimony};
use rdprobe::fleet::source::SourceError;
use rdprobe::probe::plan::{Families, Plan, Timeouts};
use rdprobe::render::escape::escape;
use rdprobe::target::{self, Target};

use super::args::{NetworkArgs, RequestArgs, TimeoutArgs};

/// An .rdp file is a page of settings; nothing longer is one.
const RDP_FILE_LIMIT: u64 = 256 * 1024;

/// The arguments cannot be carried out: what is wrong, and what to try.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(super) struct UsageError {
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl From<SourceError> for UsageError {
    /// What was read may be quoted in it.
    fn from(error: SourceError) -> Self {
        Self { message: escape(&error.to_string()), hint: Some(escape(error.hint())) }
    }
}

/// The plan that the arguments ask for.
pub(super) fn plan(
    depth: Stage,
    full: bool,
    network: &NetworkArgs,
    request: &RequestArgs,
    timeouts: &TimeoutArgs,
) -> Plan {
    Plan {
        depth,
        full,
        lean: false,
        families: match (network.v4, network.v6) {
            (true, _) => Families::V4,
            (_, true) => Families::V6,
            _ => Families::Any,
        },
        resolver: network.resolver,
        source: network.source,
        interface: network.interface.clone(),
        cookie: (!request.no_cookie && !request.cookie.is_empty()).then(|| request.cookie.clone()),
        correlation_id: request.correlation_id,
        control_ports: if network.no_control_ports { Vec::new() } else { network.control_ports.clone() },
        timeouts: Timeouts {
            total: timeouts.total,
            resolve: timeouts.resolve_timeout,
            connect: timeouts.connect_timeout,
            negotiate: timeouts.negotiate_timeout,
            tls: timeouts.tls_timeout,
            credssp: timeouts.credssp_timeout,
        },
    }
}

/// The targets that the arguments name, .rdp files read.
pub(super) fn targets(inputs: &[String]) -> Result<Vec<Target>, UsageError> {
    inputs.iter().map(|input| one_target(input)).collect()
}

/// What the user's client displayed.
pub(super) fn said(texts: &[String]) -> Result<Vec<Testimony>, UsageError> {
    let mut told = Vec::new();
    for text in texts {
        let heard =
            says::hear(text).map_err(|it| UsageError { message: it.to_string(), hint: Some(it.hint()) })?;
        told.extend(heard);
    }
    Ok(told)
}

fn one_target(input: &str) -> Result<Target, UsageError> {
    let path = Path::new(input);
    let is_rdp_file = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("rdp"));
    let parsed = if is_rdp_file && (path.exists() || input.contains(['/', '\\'])) {
        target::from_rdp_file(input, &read_file(path, RDP_FILE_LIMIT, "any .rdp file")?)
    } else {
        Target::parse(input)
    };
    parsed.map_err(|error| UsageError { message: error.to_string(), hint: Some(error.hint().to_owned()) })
}

/// Reads a file, or standard input for `-`, up to a limit; `than` says what is never that long.
pub(super) fn read_file(path: &Path, limit: u64, than: &str) -> Result<Vec<u8>, UsageError> {
    let mut content = Vec::new();
    let most = limit.saturating_add(1);
    let reading = if path == Path::new("-") {
        std::io::stdin().lock().take(most).read_to_end(&mut content)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut content))
    };
    match reading {
        Ok(_) if u64::try_from(content.len()).unwrap_or(u64::MAX) <= limit => Ok(content),
        Ok(_) => Err(UsageError { message: format!("{} is longer than {than}", path.display()), hint: None }),
        Err(error) => Err(UsageError {
            message: format!("cannot read {}: {error}", path.display()),
            hint: Some("is the path right?".to_owned()),
        }),
    }
}

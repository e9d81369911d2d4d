//! Which of the open ports that a scanner found speak Remote Desktop.

use super::SourceError;
use super::entry::Entry;
use crate::target::{DEFAULT_PORT, Target, port};

/// What nmap calls Remote Desktop.
const SERVICE: &str = "ms-wbt-server";

/// Port 3389, the port that the user gave, and any port where the scanner recognised the service.
#[derive(Debug, Clone, Copy)]
pub(super) struct OpenPorts {
    /// The port that the user gave.
    pub(super) default_port: u16,
}

impl OpenPorts {
    /// Whether an open port is one of Remote Desktop, or none at all: that is told.
    pub(super) fn wants(self, digits: &str, service: &str) -> bool {
        let is_wanted = |number| number == DEFAULT_PORT || number == self.default_port || service == SERVICE;
        port(digits).map_or(true, is_wanted)
    }

    /// The target of an open port, if it is one of Remote Desktop.
    pub(super) fn take(
        self,
        address: &str,
        digits: &str,
        service: &str,
    ) -> Option<Result<Entry, SourceError>> {
        self.wants(digits, service).then(|| target(address, port(digits)?).map(Entry::One))
    }
}

/// The address alone is the input where the port is the usual one, as in every other source.
fn target(address: &str, port: u16) -> Result<Target, SourceError> {
    let mut target = Target::parse_or(address, port)?;
    // What names a port of its own is no address.
    if target.port != port {
        return Err(SourceError::new(
            format!("not an address: `{address}`"),
            "a scanner gives address and port apart",
        ));
    }
    if port != DEFAULT_PORT {
        target.input = target.to_string();
    }
    Ok(target)
}

//! Random bytes from the system.

use crate::evidence::Failure;
use crate::evidence::failure::LocalTrouble;

/// As many random bytes as asked for.
pub(super) fn bytes<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Failure::Local {
        what: LocalTrouble::Other,
        errno: error.raw_os_error(),
        detail: format!("this machine gave no random numbers: {error}"),
    })?;
    Ok(bytes)
}

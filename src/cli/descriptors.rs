//! File descriptors, one a connection: as many as the system lets this process have.

use super::output;

/// What a monitor or an exporter needs beside its connections: files, the runtime, whoever asks it.
const BESIDE: u64 = 100;

/// Raises this process's limit as far as it may be raised, and says so if that is not enough for so many connections.
pub(super) fn make_room_for(connections: usize) {
    let wanted = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(BESIDE);
    let Some(limit) = raise() else { return };
    if limit < wanted {
        output::say(&format!(
            "rdprobe: {wanted} file descriptors may be needed, and this process may have {limit}\n   hint: raise the limit: ulimit -n {wanted}, or LimitNOFILE= in the unit"
        ));
    }
}

/// The limit after it was raised; none where the system has no such limit or does not tell.
#[cfg(unix)]
fn raise() -> Option<u64> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).ok()?;
    match setrlimit(Resource::RLIMIT_NOFILE, hard, hard) {
        Ok(()) => Some(hard),
        // macOS takes less than its own hard limit.
        Err(_) => Some(soft),
    }
}

#[cfg(not(unix))]
fn raise() -> Option<u64> {
    None
}

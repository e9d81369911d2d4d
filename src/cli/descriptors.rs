//! File descriptors, one a connection: as many as the system lets this process have.

use super::output;

/// What a monitor or an exporter needs beside its connections: files, the runtime, whoever asks it.
const BESIDE: u64 = 100;

/// Raises this process's limit as far as it may be raised, and says so if that is not enough for so many connections.
pub(super) fn make_room_for(connections: usize) {
    warn(raise(), connections);
}

/// Says so if so many connections are more than this limit, where one is known, has room for.
pub(super) fn warn(limit: Option<u64>, connections: usize) {
    let wanted = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(BESIDE);
    let Some(limit) = limit else { return };
    if limit < wanted {
        output::say(&format!(
            "rdprobe: {wanted} file descriptors may be needed, and this process may have {limit}\n   hint: raise the limit: ulimit -n {wanted}, or LimitNOFILE= in the unit"
        ));
    }
}

/// Raises the limit as far as it may be raised: the limit then; none where the system has no such limit or does not tell.
#[cfg(unix)]
pub(super) fn raise() -> Option<u64> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).ok()?;
    match setrlimit(Resource::RLIMIT_NOFILE, hard, hard) {
        Ok(()) => Some(hard),
        // macOS takes less than its own hard limit.
        Err(_) => Some(soft),
    }
}

#[cfg(not(unix))]
pub(super) fn raise() -> Option<u64> {
    None
}

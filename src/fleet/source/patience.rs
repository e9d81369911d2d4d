//! Opening files while the scan beside it has used up the descriptors: they come back as its connections end.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

/// Connections end long before that; whoever lacks descriptors for so long lacks them for another reason.
const LONGEST: Duration = Duration::from_secs(120);

/// A connection lives longer.
const PAUSE: Duration = Duration::from_millis(20);

/// Opens something; where descriptors are lacking, again and again for minutes. Blocks.
pub(super) fn patiently<T>(open: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    within(LONGEST, open)
}

/// Whether this process or the machine has no descriptor left.
#[cfg(unix)]
pub(super) fn is_lack(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE))
}

/// Whether this process has no handle left (`ERROR_TOO_MANY_OPEN_FILES`).
#[cfg(not(unix))]
pub(super) fn is_lack(error: &io::Error) -> bool {
    error.raw_os_error() == Some(4)
}

fn within<T>(longest: Duration, mut open: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let begun = Instant::now();
    loop {
        match open() {
            Err(error) if is_lack(&error) && begun.elapsed() < longest => thread::sleep(PAUSE),
            opened => return opened,
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_lack_of_descriptors_is_waited_for_and_nothing_else() {
        let mut tries = 0;
        let mut fails_twice_with = |errno| {
            tries += 1;
            if tries % 3 == 0 { Ok(tries) } else { Err(io::Error::from_raw_os_error(errno)) }
        };
        assert_eq!(patiently(|| fails_twice_with(libc::EMFILE)).unwrap(), 3);
        assert_eq!(patiently(|| fails_twice_with(libc::ENFILE)).unwrap(), 6);
        let error = patiently(|| fails_twice_with(libc::ENOENT)).unwrap_err();
        assert_eq!((error.kind(), tries), (io::ErrorKind::NotFound, 7));
    }

    #[test]
    fn patience_ends() {
        let lack = || Err::<(), _>(io::Error::from_raw_os_error(libc::EMFILE));
        assert!(is_lack(&within(PAUSE, lack).unwrap_err()));
    }
}

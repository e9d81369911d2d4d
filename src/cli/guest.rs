//! `--guest FILE`: what tools inside the machine printed, as testimony.

use std::path::PathBuf;

use rdprobe::diagnosis::guest::{self, KINDS, LONGEST, NotUnderstood};
use rdprobe::evidence::Testimony;

use super::settings::{UsageError, read_file};

/// Reads the files. They are the words of one machine, so that there has to be one `whose` only.
pub(super) fn testimony(files: &[PathBuf], many: usize, whose: &str) -> Result<Vec<Testimony>, UsageError> {
    if !files.is_empty() && many != 1 {
        return Err(UsageError {
            message: format!("--guest is one machine's word, and there are {many} {whose}s"),
            hint: Some(format!("run rdprobe once for each {whose}, with its own --guest")),
        });
    }
    let mut told = Vec::new();
    for path in files {
        let limit = u64::try_from(LONGEST).unwrap_or(u64::MAX);
        let bytes = read_file(path, limit, "4 MiB, the most that --guest reads")?;
        let name = path
            .file_name()
            .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        told.extend(guest::read(&name, &bytes).map_err(|error| not_understood(path, error))?);
    }
    Ok(guest::merge(told))
}

fn not_understood(path: &std::path::Path, error: NotUnderstood) -> UsageError {
    let hint = match error {
        NotUnderstood::Empty => {
            "run rdprobe collect's script inside the machine, and save what it prints".to_owned()
        }
        NotUnderstood::TooLong | NotUnderstood::NothingKnown => format!("understood are {KINDS}"),
    };
    UsageError { message: format!("cannot understand {}: {error}", path.display()), hint: Some(hint) }
}

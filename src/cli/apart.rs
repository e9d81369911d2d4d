//! Where a command writes: no file twice, none that it is told by, and none that standard output goes to.

use std::path::Path;

use super::settings::UsageError;
use super::sink;

/// Where standard input has a name; elsewhere there is no such file.
const STDIN: &str = "/dev/stdin";

/// The same for standard output.
const STDOUT: &str = "/dev/stdout";

/// What is read where `-`, a file, or something that is no file at all may be named.
pub(super) fn named<'a>(texts: impl IntoIterator<Item = &'a String>) -> impl Iterator<Item = &'a Path> {
    texts.into_iter().map(|text| Path::new(if text == "-" { STDIN } else { text }))
}

/// The `.rdp` files among targets.
pub(super) fn rdp_files(targets: &[String]) -> impl Iterator<Item = &Path> {
    let paths = targets.iter().map(Path::new);
    paths.filter(|path| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("rdp")))
}

/// Refuses to write to one file twice, to that of standard output, or over one that `who`, such as "the scan", reads.
/// What is no plain file is not lost by being written to.
///
/// # Errors
/// If it would.
pub(super) fn apart(who: &str, inputs: &[&Path], outputs: &[&Path]) -> Result<(), UsageError> {
    for (place, output) in outputs.iter().enumerate() {
        // To a pipe or a terminal whole lines may go two ways; a file would be cut.
        if output.is_file() && sink::is_same(Path::new(STDOUT), output) {
            return Err(UsageError {
                message: format!("standard output goes to {} too", output.display()),
                hint: Some(
                    "name another file, or leave =FILE out: a format without one goes there".to_owned(),
                ),
            });
        }
        if outputs.iter().take(place).any(|before| sink::is_same(before, output)) {
            return Err(UsageError {
                message: format!("the same file twice: {}", output.display()),
                hint: Some("give each of them a file of its own".to_owned()),
            });
        }
        if inputs.iter().any(|input| input.is_file() && sink::is_same(input, output)) {
            return Err(UsageError {
                message: format!("{} would be written over, and {who} reads it", output.display()),
                hint: Some("name another file to write to".to_owned()),
            });
        }
    }
    Ok(())
}

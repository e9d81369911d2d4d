//! The targets of the arguments and of `--targets FILE`, which is read again when somebody asks for it.

use std::path::Path;

use rdprobe::render::escape::escape;
use rdprobe::target::Target;

use crate::cli::output;
use crate::cli::settings::{self, UsageError};

/// Nobody watches more targets from one machine than a file of this size holds.
const LIMIT: u64 = 4 * 1024 * 1024;

/// All targets, those of the arguments first; one that is there twice is watched once.
///
/// # Errors
/// If an argument is no target, the file cannot be read, or no target is left.
pub(super) fn all(arguments: &[String], file: Option<&Path>) -> Result<Vec<Target>, UsageError> {
    let mut targets = settings::targets(arguments)?;
    if let Some(file) = file {
        targets.extend(read(file)?);
    }
    let mut unique: Vec<Target> = Vec::with_capacity(targets.len());
    let mut known = std::collections::HashSet::new();
    unique.extend(targets.into_iter().filter(|target| known.insert(target.clone())));
    if unique.is_empty() {
        return Err(UsageError {
            message: "there is no target to watch".to_owned(),
            hint: Some("name one, or write one a line into the file of --targets".to_owned()),
        });
    }
    Ok(unique)
}

/// The targets of a file. A line that is none is told by its number, and the rest is taken.
fn read(path: &Path) -> Result<Vec<Target>, UsageError> {
    let content = settings::read_file(path, LIMIT, "any list of targets")?;
    let text = String::from_utf8_lossy(&content);
    let lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    let mut targets = Vec::new();
    for (number, line) in lines {
        let Some(written) = target_of(line) else { continue };
        match settings::targets(&[written.to_owned()]) {
            Ok(target) => targets.extend(target),
            Err(mistake) => {
                let number = number.saturating_add(1);
                let what = escape(&mistake.message);
                output::say(&format!("rdprobe: {}, line {number} is left out: {what}", path.display()));
            }
        }
    }
    Ok(targets)
}

/// What a line says without its comment, if anything. A comment begins at the beginning or after a blank.
fn target_of(line: &str) -> Option<&str> {
    let comment = line.char_indices().zip(std::iter::once(' ').chain(line.chars()));
    let begins = comment.into_iter().find(|((_, sign), before)| *sign == '#' && before.is_whitespace());
    let text = begins.map_or(line, |((place, _), _)| line.get(..place).unwrap_or_default()).trim();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_target_without_its_comment() {
        let cases = [
            ("myvm", Some("myvm")),
            ("  10.0.0.4:3390\t# the jump host", Some("10.0.0.4:3390")),
            ("# nobody", None),
            ("   ", None),
            ("C:\\list#1\\a.rdp", Some("C:\\list#1\\a.rdp")),
        ];
        for (line, expected) in cases {
            assert_eq!(target_of(line), expected, "{line}");
        }
    }

    #[test]
    fn a_bad_line_costs_only_itself_and_a_double_is_watched_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list");
        std::fs::write(&path, "\u{feff}a.example\r\nhttp://b\n\n#c\nb.example # two\na.example\n").unwrap();
        let targets = all(&["b.example".to_owned()], Some(&path)).unwrap();
        let inputs: Vec<&str> = targets.iter().map(|target| target.input.as_str()).collect();
        assert_eq!(inputs, ["b.example", "a.example"]);
    }

    #[test]
    fn no_target_at_all_is_a_mistake() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list");
        std::fs::write(&path, "# nobody yet\n").unwrap();
        assert!(all(&[], Some(&path)).unwrap_err().message.contains("no target"));
        assert!(all(&[], Some(&folder.path().join("none"))).unwrap_err().message.contains("cannot read"));
    }
}

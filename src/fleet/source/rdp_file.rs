//! .rdp files, and folders of them.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use walkdir::{DirEntry, WalkDir};

use super::entry::Entry;
use super::patience::{is_lack, patiently};
use super::text::Input;
use super::{SourceError, Written};
use crate::target::from_rdp_file_or;

/// An .rdp file is a page of settings; nothing longer is one.
const LONGEST: u64 = 256 * 1024;

/// Nobody sorts connections into more folders within folders.
const DEEPEST: usize = 16;

/// Whether a line or an argument means an .rdp file, and no host of that name: the file is there, or a path is written.
pub(super) fn is_meant_by(text: &str) -> bool {
    // A list may come from anywhere, and Windows would log on at the server of such a path to look for the file.
    let is_on_a_server = text.starts_with(r"\\") || text.starts_with("//");
    !is_on_a_server
        && is_named_so(Path::new(text))
        && (text.contains(['/', '\\']) || Path::new(text).exists())
}

/// The target of a file; the default port is that of a file that names none.
pub(super) fn read(path: &str, default_port: u16) -> Result<Entry, SourceError> {
    let failed = |error: std::io::Error| {
        SourceError::new(format!("cannot read {path}: {error}"), "is the path right?")
    };
    // A pipe would wait for somebody who writes.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(SourceError::new(format!("no file: {path}"), "an .rdp file is a regular file"));
    }
    of_text(Some(path), Box::new(patiently(|| File::open(path)).map_err(failed)?), default_port)
}

/// The target of settings; the input is the path, or else the host that they name.
pub(super) fn of_text(path: Option<&str>, input: Input, default_port: u16) -> Result<Entry, SourceError> {
    let name = path.unwrap_or("standard input");
    let mut content = Vec::new();
    input
        .take(LONGEST.saturating_add(1))
        .read_to_end(&mut content)
        .map_err(|error| SourceError::new(format!("cannot read {name}: {error}"), "is the path right?"))?;
    if u64::try_from(content.len()).unwrap_or(u64::MAX) > LONGEST {
        return Err(SourceError::new(format!("longer than any .rdp file: {name}"), "is it another file?"));
    }
    let mut target = from_rdp_file_or(name, &content, default_port)?;
    if path.is_none() {
        target.input = target.to_string();
    }
    Ok(Entry::One(target))
}

/// The targets of every .rdp file in a folder and the folders within, by name. Links to files are followed, links to
/// folders are not, so that none leads round in a circle; what is no regular file is left alone.
pub(super) fn in_folder(folder: &Path, default_port: u16) -> impl Iterator<Item = Written> + Send + use<> {
    entries(folder).filter_map(move |entry| {
        let entry = match entry {
            Ok(entry) => {
                let path = entry.path();
                let is_one = is_named_so(path) && fs::metadata(path).is_ok_and(|kind| kind.is_file());
                is_one.then(|| read(&path.to_string_lossy(), default_port))?
            }
            Err(error) => {
                Err(SourceError::new(format!("cannot look into a folder: {error}"), "may you read it?"))
            }
        };
        Some(Written { line: None, entry })
    })
}

/// What is in a folder and the folders within. What could not be opened for lack of descriptors is walked once there
/// are some.
fn entries(folder: &Path) -> impl Iterator<Item = walkdir::Result<DirEntry>> + Send + use<> {
    let walk = |folder: &Path, depth| {
        WalkDir::new(folder).max_depth(DEEPEST.saturating_sub(depth)).sort_by_file_name().into_iter()
    };
    let mut walks = vec![(walk(folder, 0), 0_usize)];
    std::iter::from_fn(move || {
        loop {
            let (current, above) = walks.last_mut()?;
            match current.next() {
                None => drop(walks.pop()),
                Some(Err(error)) if error.io_error().is_some_and(is_lack) => {
                    let depth = above.saturating_add(error.depth());
                    match error.path().filter(|closed| patiently(|| fs::read_dir(closed)).is_ok()) {
                        Some(closed) => walks.push((walk(closed, depth), depth)),
                        None => return Some(Err(error)),
                    }
                }
                entry => return entry,
            }
        }
    })
}

fn is_named_so(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("rdp"))
}

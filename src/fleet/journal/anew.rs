//! A file written anew beside and put in the place of the old one.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Puts a file with this text in the place of another one, with its permissions and locked like it; a link to it stays
/// a link. Only for whoever has the old one locked: the name beside it is always the same, so that what a sudden end
/// leaves there is taken away later.
pub(super) fn put_in_place(path: &Path, old: &File, text: &[u8]) -> io::Result<File> {
    let path = fs::canonicalize(path)?;
    let beside = beside(&path);
    remove(&beside)?;
    let mut builder = tempfile::Builder::new();
    let name = beside.file_name().unwrap_or_default();
    let mut new = builder.prefix(name).suffix("").rand_bytes(0).tempfile_in(folder(&path))?;
    // Had before it takes the place: at no time is the journal anybody's.
    new.as_file().try_lock()?;
    new.as_file().set_permissions(old.metadata()?.permissions())?;
    new.write_all(text)?;
    new.as_file().sync_all()?;
    new.persist(&path).map_err(|error| error.error)
}

/// Takes away what a sudden end left.
pub(super) fn tidy(path: &Path) -> io::Result<()> {
    remove(&beside(&fs::canonicalize(path)?))
}

fn remove(beside: &Path) -> io::Result<()> {
    match fs::remove_file(beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// `.scan.journal.new` beside `scan.journal`
fn beside(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".new");
    folder(path).join(name)
}

fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

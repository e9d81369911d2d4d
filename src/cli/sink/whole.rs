//! A file that is written whole or not at all: a new one in the same folder, then a rename.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// The path with links followed, as far as it is there: the same file has one such path.
pub(super) fn resolved(path: &Path) -> PathBuf {
    if let Ok(path) = fs::canonicalize(path) {
        return path;
    }
    match (fs::canonicalize(folder(path)), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_path_buf(),
    }
}

/// Whether the file could be written now; leaves nothing behind.
pub(super) fn try_out(path: &Path) -> io::Result<()> {
    let path = resolved(path);
    if is_device(&path)? { Ok(()) } else { beside(&path).map(drop) }
}

/// Writes the file. On any error the old one, if there was one, is as it was.
pub(super) fn write(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    // A link stays a link: what it points at is replaced.
    let path = resolved(path);
    if is_device(&path)? {
        let mut out = BufWriter::new(File::options().write(true).open(&path)?);
        return write(&mut out).and_then(|()| out.flush());
    }
    let mut out = BufWriter::new(beside(&path)?);
    write(&mut out)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    if let Ok(old) = fs::metadata(&path) {
        file.as_file().set_permissions(old.permissions())?;
    }
    // Without this a crash of the machine could leave the new name with nothing in it.
    file.as_file().sync_all()?;
    file.persist(&path).map(drop).map_err(|error| error.error)
}

/// Whether it is a pipe, a terminal, `/dev/null`: nothing that a rename may replace.
fn is_device(path: &Path) -> io::Result<bool> {
    match fs::metadata(path) {
        Ok(kind) if kind.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(kind) => Ok(!kind.is_file()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// A file without a lasting name in the same folder, with the rights of any new file.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(".rdprobe-");
    // Read and write for all, less what the umask takes; Windows takes the rights from the folder.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder(path))
}

/// The folder that a path names; the current one for a bare name.
fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

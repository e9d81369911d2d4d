//! What one argument is: standard input, a file, a folder, or a target, a network or a range itself.

use std::fs;
use std::path::{Path, PathBuf};

use super::entry::Entry;
use super::format::Format;
use super::patience::patiently;
use super::text::{Input, decoded, look_ahead, unreadable};
use super::{Settings, SourceError, Written, azure, csv, list, masscan, nmap, open_port, rdp_file};

/// An argument understood.
#[derive(Debug, Clone)]
pub(super) enum Argument {
    /// `-`
    Stdin,
    /// A file that lists targets.
    File(PathBuf),
    /// An .rdp file.
    RdpFile(String),
    /// A folder of .rdp files.
    Folder(PathBuf),
    /// What it says itself.
    Itself(Box<Entry>),
}

/// The endings of files that list targets; none is a top-level domain.
const ENDINGS: &[&str] = &["txt", "lst", "list", "csv", "tsv", "json", "ndjson", "xml", "gnmap", "rdp"];

impl Argument {
    /// Understands an argument. What is there as a file or a folder is that; to mean a host of the same name write its
    /// port too. A file is opened once to see whether it may be read.
    pub(super) fn read(text: &str, default_port: u16) -> Result<Self, SourceError> {
        if text == "-" {
            return Ok(Self::Stdin);
        }
        let path = Path::new(text);
        match fs::metadata(path) {
            Ok(kind) if kind.is_dir() => {
                fs::read_dir(path).map_err(|error| cannot_read(text, &error))?;
                Ok(Self::Folder(path.to_owned()))
            }
            Ok(_) if rdp_file::is_meant_by(text) => Ok(Self::RdpFile(text.to_owned())),
            Ok(kind) => {
                // Opening a pipe would wait for its writer.
                if kind.is_file() {
                    fs::File::open(path).map_err(|error| cannot_read(text, &error))?;
                }
                Ok(Self::File(path.to_owned()))
            }
            Err(error) => match Entry::read(text, default_port) {
                Ok(entry) if !is_named_like_a_file(path) => Ok(Self::Itself(Box::new(entry))),
                Err(mistake) if !is_written_like_a_path(text) => Err(mistake),
                Ok(_) | Err(_) => Err(cannot_read(text, &error)),
            },
        }
    }

    /// Whether it says itself what it is.
    pub(super) const fn is_itself(&self) -> bool {
        matches!(self, Self::Itself(_))
    }

    /// Whether what it names can be read a second time.
    pub(super) fn can_be_read_twice(&self) -> bool {
        match self {
            Self::Stdin => false,
            Self::File(path) => fs::metadata(path).is_ok_and(|kind| kind.is_file()),
            // A pipe of that name is read not even once.
            Self::RdpFile(_) | Self::Folder(_) | Self::Itself(_) => true,
        }
    }

    /// What it names, as it is read. Nothing is read before the first is asked for.
    pub(super) fn entries(
        self,
        settings: &Settings,
        stdin: &mut Option<Input>,
    ) -> Box<dyn Iterator<Item = Written> + Send> {
        let once = |entry| Box::new(std::iter::once(Written { line: None, entry }));
        match self {
            Self::Itself(entry) => once(Ok(*entry)),
            Self::RdpFile(path) => once(rdp_file::read(&path, settings.default_port)),
            Self::Folder(path) => Box::new(rdp_file::in_folder(&path, settings.default_port)),
            Self::Stdin => match stdin.take() {
                Some(input) => in_text(None, input, settings),
                None => once(Err(SourceError::new("there is no standard input", "name a file"))),
            },
            Self::File(path) => match patiently(|| fs::File::open(&path)) {
                Ok(file) => in_text(Some(&path.to_string_lossy()), Box::new(file), settings),
                Err(error) => once(Err(cannot_read(&path.to_string_lossy(), &error))),
            },
        }
    }
}

/// What a text names, whichever kind of text it is.
fn in_text(
    path: Option<&str>,
    input: Input,
    settings: &Settings,
) -> Box<dyn Iterator<Item = Written> + Send> {
    let has_column = settings.column.is_some();
    let told = decoded(input)
        .and_then(|input| look_ahead(input, |ahead, is_last| Format::told_by(ahead, is_last, has_column)));
    let (format, input) = match told {
        Ok((format, input)) => (format.unwrap_or(Format::List), input),
        Err(error) => {
            return Box::new(std::iter::once(Written { line: None, entry: Err(unreadable(&error)) }));
        }
    };
    let default_port = settings.default_port;
    let wanted = open_port::OpenPorts { default_port };
    match format {
        Format::List => Box::new(list::entries(input, default_port)),
        Format::Csv => Box::new(csv::Rows::new(input, settings.column.clone(), default_port)),
        Format::Json => Box::new(azure::entries(input, default_port)),
        Format::Xml => Box::new(nmap::Hosts::new(input, wanted)),
        Format::Masscan => Box::new(masscan::list(input, wanted)),
        Format::Grepable => Box::new(masscan::grepable(input, wanted)),
        Format::Rdp => Box::new(std::iter::once(Written {
            line: None,
            entry: rdp_file::of_text(path, input, default_port),
        })),
    }
}

fn is_named_like_a_file(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// A slash after an address is a network's.
fn is_written_like_a_path(text: &str) -> bool {
    let before = text.split('/').next().unwrap_or_default();
    let is_network = before.trim_start_matches('[').parse::<std::net::IpAddr>().is_ok();
    let is_url = text.contains("://") || text.starts_with(r"\\");
    !is_network && !is_url && (text.contains('/') || is_named_like_a_file(Path::new(text)))
}

fn cannot_read(path: &str, error: &std::io::Error) -> SourceError {
    SourceError::new(
        format!("cannot read {path}: {error}"),
        "is the path right? a host is written name, name:port, an address, 10.0.0.0/24 or 10.0.0.1-200",
    )
}

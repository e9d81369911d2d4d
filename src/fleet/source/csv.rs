//! A table with a column of names: CSV with commas, semicolons or tabs, as Excel, PowerShell and portals write it.

use std::collections::VecDeque;

use super::entry::Entry;
use super::records::Records;
use super::text::Input;
use super::{SourceError, Written};
use crate::target::port;

/// The columns that name a machine, the best first: what surely leads there stands before what may be only a label.
/// Case, blanks and signs do not count.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "target", "fqdn", "fqdns", "dnshostname", "dnsname", "hostname", "host", "dns",
    "publicipaddress", "publicip", "publicips", "ipaddress", "ipv4address", "ipv4", "ip", "address",
    "ipv6address", "ipv6", "privateipaddress", "privateip", "privateips",
    "computername", "computer", "machinename", "machine", "servername", "server", "vmname", "vm", "name",
];

/// What stands in a cell that has nothing to say.
const NOTHING: &[&str] = &["", "-", "n/a", "none", "null"];

/// The rows of a table.
pub(super) struct Rows {
    records: Records,
    column: Option<String>,
    default_port: u16,
    header: Option<Header>,
    found: VecDeque<Written>,
    ended: bool,
}

/// What the first row tells.
struct Header {
    delimiter: u8,
    /// The places of the columns that name the machine, the best first.
    columns: Vec<usize>,
    port: Option<usize>,
    /// Its columns as written, for messages.
    written: String,
}

impl Rows {
    /// The column of the given name or number (from 1; then there is no header), or else for each row the best of
    /// [`NAMES`] that says something in it. A column called `port` is the port.
    pub(super) fn new(input: Input, column: Option<String>, default_port: u16) -> Self {
        let records = Records::new(input);
        Self { records, column, default_port, header: None, found: VecDeque::new(), ended: false }
    }

    /// The next record, or several if a stray quote held them together.
    fn step(&mut self, line: u64, text: &str) {
        if let Some(header) = &self.header {
            self.found.extend(header.rows(line, text, self.default_port));
            return;
        }
        // Windows PowerShell begins with `#TYPE`; for Excel the first line may be `sep=;`, which the header shows anyway.
        if text.trim().is_empty() || text.starts_with('#') || text.starts_with("sep=") {
            return;
        }
        match Header::read(text, self.column.as_deref()) {
            Ok((header, is_data)) => {
                if is_data {
                    self.found.extend(header.rows(line, text, self.default_port));
                }
                self.header = Some(header);
            }
            // Every row would be as unreadable.
            Err(error) => {
                self.ended = true;
                self.found.push_back(Written { line: Some(line), entry: Err(error) });
            }
        }
    }
}

impl Iterator for Rows {
    type Item = Written;

    fn next(&mut self) -> Option<Written> {
        loop {
            if let Some(found) = self.found.pop_front() {
                return Some(found);
            }
            if self.ended {
                return None;
            }
            match self.records.next()? {
                (line, Ok(text)) => self.step(line, &text),
                (line, Err(error)) => return Some(Written { line: Some(line), entry: Err(error) }),
            }
        }
    }
}

impl Header {
    /// Reads the first row; true if it is a row like the others.
    fn read(text: &str, column: Option<&str>) -> Result<(Self, bool), SourceError> {
        let delimiter = delimiter(text);
        let cells = cells(text, delimiter).into_iter().next().unwrap_or_default();
        let names: Vec<String> = cells.iter().map(|cell| comparable(cell)).collect();
        let place = |name: &str| names.iter().position(|known| known == name);
        let header = |columns: Vec<usize>, port| Self { delimiter, columns, port, written: cells.join(", ") };
        let Some(column) = column else {
            let columns: Vec<usize> = NAMES.iter().filter_map(|name| place(name)).collect();
            if columns.is_empty() {
                return Err(no_column(&cells, None));
            }
            return Ok((header(columns, place("port")), false));
        };
        match (place(&comparable(column)), column.parse::<usize>()) {
            (Some(place_of_it), _) => Ok((header(vec![place_of_it], place("port")), false)),
            (None, Ok(number)) if (1..=cells.len()).contains(&number) => {
                Ok((header(vec![number.saturating_sub(1)], None), true))
            }
            (None, _) => Err(no_column(&cells, Some(column))),
        }
    }

    fn rows(&self, line: u64, text: &str, default_port: u16) -> Vec<Written> {
        let entries =
            cells(text, self.delimiter).into_iter().filter_map(|cells| self.entry(&cells, default_port));
        entries.map(|entry| Written { line: Some(line), entry }).collect()
    }

    /// What a row names; nothing if it is empty.
    fn entry(&self, cells: &[String], default_port: u16) -> Option<Result<Entry, SourceError>> {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return None;
        }
        let named =
            self.columns.iter().filter_map(|place| cells.get(*place)).find(|cell| says_something(cell));
        let digits = self.port.and_then(|place| cells.get(place)).filter(|cell| says_something(cell));
        let port = digits.map_or(Ok(default_port), |digits| port(digits.trim()).map_err(SourceError::from));
        let none = || {
            let hint = format!("the header has {}; name another with --column NAME", self.written);
            SourceError::new("a row without a name or an address", hint)
        };
        Some(port.and_then(|port| Entry::read(named.ok_or_else(none)?, port)))
    }
}

fn says_something(cell: &str) -> bool {
    let cell = cell.trim();
    !NOTHING.iter().any(|nothing| cell.eq_ignore_ascii_case(nothing))
}

/// What a header means whichever way it is written: `DNS Host-Name` is `dnshostname`.
fn comparable(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The sign that stands most often between the names.
fn delimiter(header: &str) -> u8 {
    let count = |sign: u8| header.bytes().filter(|byte| *byte == sign).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|sign| count(*sign)).unwrap_or(b',')
}

fn cells(text: &str, delimiter: u8) -> Vec<Vec<String>> {
    let mut reader = ::csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .buffer_capacity(text.len().max(1))
        .from_reader(text.as_bytes());
    let records = reader.records().map_while(Result::ok);
    records.map(|record| record.iter().map(str::to_owned).collect()).collect()
}

fn no_column(cells: &[String], asked: Option<&str>) -> SourceError {
    let header = cells.join(", ");
    let message = match asked {
        Some(column) => format!("no column `{column}` in the header: {header}"),
        None => format!("no column of names or addresses in the header: {header}"),
    };
    SourceError::new(
        message,
        "name it with --column NAME, or by its number where there is no header: --column 1",
    )
}

//! One small file per output; none words a cause or decides a severity.
//!
//! A renderer is handed judged values and a `Write`, and nothing else: no clock, no terminal, no environment.

// Peer-supplied text made harmless for a terminal.
pub mod escape;

// The one text of each failure, reason and quantity.
pub mod words;

// For a person: one screen a target, the evidence with -v.
pub mod human;

// For programs: JSON and NDJSON.
pub mod json;

// The book of causes.
pub mod markdown;

// What checks came to, one small file a format.
pub mod check;

// What a scan comes to: a line a target, how it goes, the sum.
pub mod scan;

// What differs between two files, as JSON and Markdown.
pub mod diff;

// Quantities and names in few columns.
pub mod measure;

// An event of the monitor as one line.
pub mod event;

// The state of every watched target as a table.
pub mod summary;

// The monitor's live view: list, detail page, help.
pub mod live;

// A record: a page for people, text, JSON.
pub mod record;

// A scan's record: a page for people, text, JSON.
pub mod fleet;

// Commands of one channel, ready to paste.
pub mod paste;

// The JSON Schemas of what is written.
pub mod schema;

//! The check itself, for programs.

use std::io::{self, Write};

use crate::render::json;
use crate::report::check::Check;

/// An object for one target, an array for several.
pub(super) fn json(checks: &[Check], out: &mut dyn Write) -> io::Result<()> {
    json::json(checks, out)
}

/// One compact object a line.
pub(super) fn ndjson(checks: &[Check], out: &mut dyn Write) -> io::Result<()> {
    checks.iter().try_for_each(|check| json::ndjson(check, out))
}

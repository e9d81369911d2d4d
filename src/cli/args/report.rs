//! The arguments of `rdprobe report`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use jiff::Timestamp;

const EXAMPLES: &str = "\
Examples:
  rdprobe report record.db                     writes record.html beside it
  rdprobe report record.db --format text --last 7d
  rdprobe report record.db --from 2026-03-01 --to 2026-04-01 --target myvm
  rdprobe report record.db > page.html
  rdprobe report record.db --format json | jq '.targets[].available'
  rdprobe report fleet.db --scan --format json | jq '.causes'

The record may be written by a monitor or a scan meanwhile. Times without an offset are UTC.
A file that holds scans only shows the latest one; where a monitor recorded to it too, --scan does.
--last counts back from --to, or from the end of the record.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct ReportArgs {
    /// What monitor --record or scan --record wrote
    #[arg(value_name = "FILE.db")]
    pub(in crate::cli) file: PathBuf,

    /// How to show it
    #[arg(long, value_enum, default_value_t = ReportFormat::Html)]
    pub(in crate::cli) format: ReportFormat,

    /// Where to write it; - for standard output [default: standard output, but a page on a terminal goes to FILE.html]
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,

    /// From here: 2026-03-01, 2026-03-01T12:00, 2026-03-01T12:00:00+01:00
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(in crate::cli) from: Option<Timestamp>,

    /// Up to here, and not with it
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(in crate::cli) to: Option<Timestamp>,

    /// Only so much before the end: 12h, 7d, 4w
    #[arg(long, value_name = "TIME", value_parser = length, conflicts_with = "from")]
    pub(in crate::cli) last: Option<Duration>,

    /// Only this target, as it was given to the monitor; may be repeated
    #[arg(long = "target", value_name = "NAME")]
    pub(in crate::cli) targets: Vec<String>,

    /// Show a scan of the file: its number, or the latest [default: the latest, if no monitor recorded to the file]
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "latest", value_parser = scan)]
    pub(in crate::cli) scan: Option<ScanChoice>,
}

/// Which scan of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum ScanChoice {
    /// The one that began last.
    Latest,
    /// The one of that number.
    Run(i64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ReportFormat {
    /// One page that needs nothing but itself
    Html,
    /// For programs
    Json,
    /// For a terminal or a mail, 80 columns
    Text,
}

fn scan(text: &str) -> Result<ScanChoice, String> {
    if text == "latest" {
        return Ok(ScanChoice::Latest);
    }
    text.parse().map(ScanChoice::Run).map_err(|_| "a scan is a number, or latest".to_owned())
}

/// An instant; without an offset it is UTC, as everywhere in a record.
fn instant(text: &str) -> Result<Timestamp, String> {
    let as_utc = || text.parse::<jiff::civil::DateTime>()?.to_zoned(jiff::tz::TimeZone::UTC);
    text.parse::<Timestamp>().or_else(|_| as_utc().map(|zoned| zoned.timestamp())).map_err(|_| {
        "a time is a date, with a time of day and an offset if need be: 2026-03-01T12:00Z".to_owned()
    })
}

/// A length of time; a day has 24 hours.
fn length(text: &str) -> Result<Duration, String> {
    let explain = || "a length of time is a number and a unit, such as 12h, 7d or 4w".to_owned();
    let span: jiff::Span = text.parse().map_err(|_| explain())?;
    let signed = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).map_err(|_| explain())?;
    let length = Duration::try_from(signed).map_err(|_| explain())?;
    if length.is_zero() { Err("nothing fits in no time".to_owned()) } else { Ok(length) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_an_offset_is_utc() {
        let noon: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        for text in
            ["2026-03-01T12:00", "2026-03-01 12:00:00", "2026-03-01T13:00:00+01:00", "2026-03-01T12:00Z"]
        {
            assert_eq!(instant(text), Ok(noon), "{text}");
        }
        assert_eq!(instant("2026-03-01").unwrap().as_second() % 86_400, 0);
        assert!(instant("yesterday").is_err());
    }

    #[test]
    fn days_and_weeks_are_lengths() {
        assert_eq!(length("7d"), Ok(Duration::from_secs(7 * 86_400)));
        assert_eq!(length("2w"), Ok(Duration::from_secs(14 * 86_400)));
        assert_eq!(length("90m"), Ok(Duration::from_secs(5_400)));
        for wrong in ["", "7", "-1d", "0s", "soon"] {
            assert!(length(wrong).is_err(), "{wrong}");
        }
    }
}

//! The JSON Schemas of what rdprobe writes (draft 2020-12).

use schemars::JsonSchema;

use crate::fleet::scanned::{SCANNED_SCHEMA, Scanned};
use crate::fleet::survey::{FLEET_SCHEMA, Fleet};
use crate::monitor::record::{RECORD_SCHEMA, Record};
use crate::policy::baseline::{BASELINE_SCHEMA, Baselines};
use crate::report::check::{CHECK_SCHEMA, Check};
use crate::report::diff::{DIFF_SCHEMA, Diff};
use crate::report::{Report, SCHEMA};

/// The schema of one report, as `rdprobe generate schema` prints it.
///
/// A document may hold more fields than the schema knows: within a version there are additions only.
#[must_use]
pub fn schema() -> serde_json::Value {
    of::<Report>("urn:rdprobe:report:1", SCHEMA)
}

/// The schema of one check, as `rdprobe generate schema check` prints it; additions as in a report.
#[must_use]
pub fn check_schema() -> serde_json::Value {
    of::<Check>("urn:rdprobe:check:1", CHECK_SCHEMA)
}

/// The schema of a file of baselines, as `check --save` writes it.
#[must_use]
pub fn baseline_schema() -> serde_json::Value {
    of::<Baselines>("urn:rdprobe:baseline:1", BASELINE_SCHEMA)
}

/// The schema of what `diff --format json` prints.
#[must_use]
pub fn diff_schema() -> serde_json::Value {
    of::<Diff>("urn:rdprobe:diff:1", DIFF_SCHEMA)
}

/// The schema of a record, as `report --format json` prints it.
#[must_use]
pub fn record_schema() -> serde_json::Value {
    of::<Record>("urn:rdprobe:record:1", RECORD_SCHEMA)
}

/// The schema of one target of a scan, as `scan --format ndjson` prints it.
#[must_use]
pub fn scan_schema() -> serde_json::Value {
    of::<Scanned>("urn:rdprobe:scan:1", SCANNED_SCHEMA)
}

/// The schema of a fleet, as `report --format json` prints it of a scan.
#[must_use]
pub fn fleet_schema() -> serde_json::Value {
    of::<Fleet>("urn:rdprobe:fleet:1", FLEET_SCHEMA)
}

/// `id`: an absolute name, as `$id` wants one (JSON Schema core, 8.2.1), that promises no server behind it.
fn of<T: JsonSchema>(id: &str, title: &str) -> serde_json::Value {
    let mut schema = schemars::generate::SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<T>();
    schema.insert("$id".to_owned(), id.into());
    schema.insert("title".to_owned(), title.into());
    schema.to_value()
}

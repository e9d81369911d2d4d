//! The JSON Schemas of what rdprobe writes (draft 2020-12).

use crate::policy::baseline::{BASELINE_SCHEMA, Baselines};
use crate::report::diff::{DIFF_SCHEMA, Diff};
use crate::report::{Report, SCHEMA};

/// The schema of one report, as `rdprobe generate schema` prints it.
///
/// A document may hold more fields than the schema knows: within a version there are additions only.
#[must_use]
pub fn schema() -> serde_json::Value {
    schema_of::<Report>(SCHEMA, "urn:rdprobe:report:1")
}

/// The schema of a file of baselines, as `check --save` writes it.
#[must_use]
pub fn baseline_schema() -> serde_json::Value {
    schema_of::<Baselines>(BASELINE_SCHEMA, "urn:rdprobe:baseline:1")
}

/// The schema of what `diff --format json` prints.
#[must_use]
pub fn diff_schema() -> serde_json::Value {
    schema_of::<Diff>(DIFF_SCHEMA, "urn:rdprobe:diff:1")
}

/// `id` is an absolute name, as `$id` wants one (JSON Schema core, 8.2.1), that promises no server behind it.
fn schema_of<T: schemars::JsonSchema>(title: &str, id: &str) -> serde_json::Value {
    let mut schema = schemars::generate::SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<T>();
    schema.insert("$id".to_owned(), id.into());
    schema.insert("title".to_owned(), title.into());
    schema.to_value()
}

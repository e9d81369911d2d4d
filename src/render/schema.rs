//! The JSON Schema of a report (draft 2020-12).

use crate::report::{Report, SCHEMA};

/// The schema of one report, as `rdprobe generate schema` prints it.
///
/// A document may hold more fields than the schema knows: within a version there are additions only.
#[must_use]
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::generate::SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<Report>();
    schema.insert("$id".to_owned(), ID.into());
    schema.insert("title".to_owned(), SCHEMA.into());
    schema.to_value()
}

/// An absolute name, as `$id` wants one (JSON Schema core, 8.2.1), that promises no server behind it.
const ID: &str = "urn:rdprobe:report:1";

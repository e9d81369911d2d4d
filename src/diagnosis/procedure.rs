//! Procedures: what is done to a machine whatever the cause, one Markdown file each, as the catalogue has them.
//!
//! To add one: add `procedures/<id>.md` and its name to the list below.

use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

use super::catalogue::{self, Remedy};

/// One procedure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// The stable id; the file's name.
    pub id: String,
    /// What it does, in one clause.
    pub title: String,
    /// The vendor's pages.
    #[serde(default)]
    pub docs: Vec<String>,
    /// What to run, one entry a channel.
    #[serde(rename = "fix")]
    pub fixes: Vec<Remedy>,
    /// What it does, when to use it, what to watch for: Markdown.
    #[serde(skip_deserializing)]
    pub prose: String,
}

/// Every procedure, in the order of the list.
#[must_use]
pub fn all() -> &'static [Procedure] {
    &PROCEDURES.0
}

/// The procedure with this id.
#[must_use]
pub fn get(id: &str) -> Option<&'static Procedure> {
    all().iter().find(|procedure| procedure.id == id)
}

/// Files that cannot be read, with the reason. Never any in a build whose tests have passed.
#[must_use]
pub fn broken() -> &'static [String] {
    &PROCEDURES.1
}

/// Every embedded file: name and text.
#[must_use]
pub const fn files() -> &'static [(&'static str, &'static str)] {
    FILES
}

static PROCEDURES: LazyLock<(Vec<Procedure>, Vec<String>)> =
    LazyLock::new(|| catalogue::load(FILES, parse, |procedure| &procedure.id));

fn parse(text: &str) -> Result<Procedure, String> {
    let (mut procedure, prose): (Procedure, &str) = catalogue::front_matter(text)?;
    prose.clone_into(&mut procedure.prose);
    Ok(procedure)
}

macro_rules! embedded {
    ($($name:literal)*) => {
        &[$( ($name, include_str!(concat!("procedures/", $name, ".md"))) ),*]
    };
}

/// The cheapest first: what only looks, what changes a setting, what restarts, what rebuilds.
const FILES: &[(&str, &str)] = embedded! {
    "console-log"
    "resource-health"
    "check-nsg"
    "snapshot-os-disk"
    "run-command"
    "serial-console"
    "reset-rdp"
    "reset-password"
    "reset-network-interface"
    "restart-vm"
    "redeploy-vm"
    "attach-os-disk"
};

//! What a server does, and which verdict, observations and finding must come out: one data file a persona.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

use rdprobe::simulate::personas;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::Path;

/// One file of `tests/scenarios/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read by the runner that needs the probe")]
struct Scenario {
    /// The file's name without `.toml`.
    #[serde(skip)]
    name: String,
    /// Whom to probe.
    persona: String,
    /// The verdict, as it stands in JSON.
    verdict: String,
    /// The failing stage, or `none`; not checked when absent.
    failing_stage: Option<String>,
    /// Ids that must be observed.
    #[serde(default)]
    observations: Vec<String>,
    /// Ids that must not be.
    #[serde(default)]
    absent: Vec<String>,
    /// The cause of the first finding, or `none`; not checked when absent.
    findings_first: Option<String>,
    /// Whether to ask the rarer rows of the matrix too.
    #[serde(default)]
    full: bool,
    /// How long a stage may last, where the persona never answers; the default of a plan otherwise.
    patience_ms: Option<u64>,
}

fn scenarios() -> Vec<Scenario> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut files: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: &Path| {
        let text = std::fs::read_to_string(path).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let scenario: Scenario = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        Scenario { name, ..scenario }
    };
    files.iter().map(|path| read(path)).collect()
}

#[test]
fn every_persona_has_a_scenario() {
    let played: BTreeSet<String> = scenarios().into_iter().map(|scenario| scenario.persona).collect();
    let known: BTreeSet<String> = personas().iter().map(|persona| persona.name.to_owned()).collect();
    assert_eq!(played, known);
}

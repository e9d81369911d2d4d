//! What a server does, and which verdict, observations and finding must come out: one data file a persona.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

use rdprobe::probe::plan::Plan;
use rdprobe::probe::{Quiet, probe};
use rdprobe::report::Report;
use rdprobe::simulate::{Server, persona, personas};
use rdprobe::target::Target;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

/// One file of `tests/scenarios/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
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
    /// Causes that must be among the findings.
    #[serde(default)]
    findings: Vec<String>,
    /// Whether to ask the rarer rows of the matrix too.
    #[serde(default)]
    full: bool,
    /// What the scenario waits for, where it does not come out yet. Once it does, the test asks to delete this.
    waits_for: Option<String>,
    /// How long a stage may last, where the persona never answers; the default of a plan otherwise.
    patience_ms: Option<u64>,
}

/// The causes that some scenario comes to.
pub(crate) fn causes() -> BTreeSet<String> {
    scenarios().into_iter().flat_map(|scenario| scenario.findings).collect()
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

#[tokio::test]
async fn every_scenario_comes_out() {
    let mut failures = Vec::new();
    let mut runs = tokio::task::JoinSet::new();
    for scenario in scenarios() {
        runs.spawn(async move { judge(&scenario, compare(&scenario, &report(&scenario).await)) });
    }
    while let Some(wrong) = runs.join_next().await {
        failures.extend(wrong.unwrap());
    }
    failures.sort();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Plays the persona and probes it.
async fn report(scenario: &Scenario) -> Report {
    let persona = persona(&scenario.persona).unwrap_or_else(|| panic!("no persona {}", scenario.persona));
    let server = Server::bind(persona, (Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
    let target = Target::parse(&server.local_addr().to_string()).unwrap();
    let served = tokio::spawn(server.run());
    let mut plan = Plan { full: scenario.full, control_ports: Vec::new(), ..Plan::default() };
    if let Some(patience) = scenario.patience_ms.map(Duration::from_millis) {
        // The stages before the one that never ends have all the time of a busy machine.
        match scenario.failing_stage.as_deref() {
            Some("credssp") => plan.timeouts.credssp = patience,
            _ => plan.timeouts.negotiate = patience,
        }
    }
    let evidence = probe(&target, &plan, &Quiet).await;
    served.abort();
    Report::new(evidence)
}

/// A scenario that waits for something must not come out yet.
fn judge(scenario: &Scenario, wrong: Vec<String>) -> Vec<String> {
    match &scenario.waits_for {
        None => wrong,
        Some(_) if !wrong.is_empty() => Vec::new(),
        Some(what) => vec![format!("{}: comes out now, so it no longer waits for: {what}", scenario.name)],
    }
}

/// What came out otherwise than the scenario says, one line each.
fn compare(scenario: &Scenario, report: &Report) -> Vec<String> {
    let diagnosis = &report.diagnosis;
    let seen: Vec<&str> = diagnosis.observations.iter().map(|it| it.id.as_str()).collect();
    let stage = diagnosis.failing_stage.map_or("none", |stage| stage.word());
    let first = diagnosis.findings.first().map_or("none", |finding| finding.cause.as_str());
    let verdict = serde_json::to_value(diagnosis.verdict).unwrap();
    let mut wrong = Vec::new();
    if verdict != scenario.verdict.as_str() {
        wrong.push(format!("verdict is {verdict}: {}", diagnosis.summary));
    }
    if scenario.failing_stage.as_deref().is_some_and(|wanted| wanted != stage) {
        wrong.push(format!("failing stage is {stage}"));
    }
    if scenario.findings_first.as_deref().is_some_and(|wanted| wanted != first) {
        wrong.push(format!("first finding is {first} for {}", seen.join(" ")));
    }
    let found: Vec<&str> = diagnosis.findings.iter().map(|finding| finding.cause.as_str()).collect();
    let lacking = scenario.findings.iter().filter(|cause| !found.contains(&cause.as_str()));
    wrong.extend(lacking.map(|cause| format!("{cause} is not found among {}", found.join(" "))));
    let missing = scenario.observations.iter().filter(|id| !seen.contains(&id.as_str()));
    wrong.extend(missing.map(|id| format!("{id} is missing among {}", seen.join(" "))));
    let surplus = scenario.absent.iter().filter(|id| seen.contains(&id.as_str()));
    wrong.extend(surplus.map(|id| format!("{id} was observed")));
    wrong.iter().map(|what| format!("{}: {what}", scenario.name)).collect()
}

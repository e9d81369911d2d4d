//! The golden cases of checks: each a report of the other goldens and what it was held against.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use rdprobe::evidence::Millis;
use rdprobe::policy::{Change, Judged, Measure, Outcome};
use rdprobe::report::Report;
use rdprobe::report::check::{Check, Turn, Wait};

use crate::goldens::cases;

/// Text of a server that wants to break every format at once.
pub(crate) const HOSTILE: &str = "a|b ' \" ` <b>&amp; ]]> ::error::x ##vso[task.complete result=Succeeded;]y %0A \\ \
    # SKIP $x @all | c=1;2;3\r\nok 99 - z\n::set-output name=a::b\n...\0\u{1b}[2J\u{202e}\u{9b}\u{fffe}é";

/// Every case by the name of its folder.
pub(crate) fn all() -> Vec<(&'static str, Vec<Check>)> {
    vec![
        ("met", vec![met()]),
        ("warning", vec![warning()]),
        ("missed", vec![missed()]),
        ("undecided", vec![undecided()]),
        ("ran-out", vec![ran_out()]),
        ("given-up", vec![given_up()]),
        ("stopped", vec![stopped()]),
        ("ready", vec![ready()]),
        ("changes", vec![changes()]),
        ("several-targets", vec![met(), several_addresses(), elsewhere()]),
        ("hostile", vec![hostile()]),
    ]
}

pub(crate) fn met() -> Check {
    let expectations = vec![
        judged("nla=required", "nla", Outcome::Met, "NLA is required"),
        judged("tls>=1.2", "tls", Outcome::Met, "the oldest that it accepts is TLS 1.2"),
        measured("cert>30d:7d", 91.0, "d", "cert_days", [Some(30.0), Some(7.0)], Outcome::Met),
        measured("rtt<150ms", 31.0, "ms", "rtt_ms", [None, Some(150.0)], Outcome::Met),
    ];
    check("secure", expectations, None, None, "reachable-domain")
}

pub(crate) fn warning() -> Check {
    let expectations = vec![
        judged("nla=required", "nla", Outcome::Met, "NLA is required"),
        measured("cert>120d:7d", 91.0, "d", "cert_days", [Some(120.0), Some(7.0)], Outcome::Warning),
    ];
    check("--expect", expectations, None, None, "reachable-domain")
}

pub(crate) fn missed() -> Check {
    let expectations = vec![
        judged("reachable", "reachable", Outcome::Missed, "SYN to 20.50.1.2:3389 unanswered for 5.0 s"),
        judged("nla=required", "nla", Outcome::Undecided, "no answer to a request was seen"),
    ];
    check("reachable + --expect", expectations, None, None, "tcp-silent-port-only")
}

pub(crate) fn undecided() -> Check {
    let fact = "this machine has no route to [2001:db8::2]:3389";
    let expectations = vec![judged("reachable", "reachable", Outcome::Undecided, fact)];
    check("reachable", expectations, None, None, "undecided-no-route")
}

pub(crate) fn ran_out() -> Check {
    let mut check = missed();
    let turns = [(0.0, "no such name"), (65_000.0, "silent"), (600_000.0, "refused"), (605_000.0, "silent")];
    check.wait = Some(wait(90, 900_000.0, [0, 3], &turns));
    check
}

fn given_up() -> Check {
    let mut wait = wait(4, 31_000.0, [0, 3], &[(0.0, "silent"), (20_000.0, "NLA required")]);
    (wait.ran_out, wait.gave_up) = (false, Some("the certificate has expired".to_owned()));
    let missed = measured("cert>30d", -3.0, "d", "cert_days", [None, Some(30.0)], Outcome::Missed);
    check("--expect", vec![missed], None, Some(wait), "reachable-certificate-expired")
}

fn stopped() -> Check {
    let mut wait = wait(4, 31_000.0, [1, 3], &[(0.0, "silent"), (20_000.0, "NLA required")]);
    (wait.ran_out, wait.stopped) = (false, true);
    check("secure", met().expectations, None, Some(wait), "reachable-domain")
}

pub(crate) fn ready() -> Check {
    let mut check = met();
    let turns: Vec<(f64, &str)> = (0..20)
        .map(|place| (f64::from(place) * 11_500.0, if place % 2 == 0 { "silent" } else { "NLA required" }))
        .collect();
    check.wait = Some(wait(22, 250_000.0, [3, 3], &turns));
    check
}

pub(crate) fn changes() -> Check {
    let change = |what: &str, before: &str, after: Option<&str>, ignored| Change {
        what: what.to_owned(),
        before: Some(before.to_owned()),
        after: after.map(ToOwned::to_owned),
        ignored,
    };
    let changes = vec![
        change("address", "20.50.1.9", Some("20.50.1.2"), true),
        change("thumbprint", &"ab".repeat(32), Some(&"cd".repeat(32)), false),
        change("build", "10.0.17763", None, false),
    ];
    let expectations = vec![judged("reachable", "reachable", Outcome::Met, "RDP negotiates over TLS 1.3")];
    check("reachable", expectations, Some(changes), None, "reachable-domain")
}

/// Another target.
pub(crate) fn elsewhere() -> Check {
    let mut check = missed();
    "othervm.example.net".clone_into(&mut check.target);
    check.report.evidence.target = rdprobe::target::Target::parse(&check.target).unwrap();
    check
}

fn several_addresses() -> Check {
    let at = |address: &str, outcome, fact: &str| Judged {
        address: Some(address.parse().unwrap()),
        ..judged("reachable", "reachable", outcome, fact)
    };
    let expectations = vec![
        at("20.50.1.2:3389", Outcome::Met, "RDP negotiates over TLS 1.3"),
        at("[2001:db8::2]:3389", Outcome::Missed, "SYN to [2001:db8::2]:3389 unanswered for 5.0 s"),
    ];
    check("reachable", expectations, None, None, "partly-reachable")
}

pub(crate) fn hostile() -> Check {
    let expectations = vec![
        judged("name=MYVM", "name", Outcome::Missed, HOSTILE),
        judged(HOSTILE, "os", Outcome::Undecided, HOSTILE),
        measured("cert>30d", f64::NAN, HOSTILE, HOSTILE, [Some(f64::INFINITY), None], Outcome::Warning),
        judged("nla=required", "nla", Outcome::Met, HOSTILE),
    ];
    let change = Change {
        what: "name".to_owned(),
        before: Some(HOSTILE.to_owned()),
        after: Some("MYVM".to_owned()),
        ignored: false,
    };
    let mut check = check(HOSTILE, expectations, Some(vec![change]), None, "hostile-strings");
    HOSTILE.clone_into(&mut check.target);
    check.report.evidence.target.host = rdprobe::target::Host::Name(format!("host{HOSTILE}"));
    HOSTILE.clone_into(&mut check.report.diagnosis.summary);
    check.wait = Some(wait(2, 2000.0, [0, 1], &[(0.0, HOSTILE)]));
    check
}

fn check(
    policy: &str,
    expectations: Vec<Judged>,
    changes: Option<Vec<Change>>,
    wait: Option<Wait>,
    case: &str,
) -> Check {
    Check::new(policy.to_owned(), expectations, changes, wait, report(case))
}

fn report(case: &str) -> Report {
    cases::all().into_iter().find(|(name, _)| *name == case).unwrap().1
}

pub(crate) fn judged(expectation: &str, subject: &str, outcome: Outcome, fact: &str) -> Judged {
    Judged {
        expectation: expectation.to_owned(),
        subject: subject.to_owned(),
        outcome,
        fact: fact.to_owned(),
        address: None,
        measure: None,
    }
}

fn measured(
    expectation: &str,
    value: f64,
    unit: &str,
    name: &str,
    [warning, critical]: [Option<f64>; 2],
    outcome: Outcome,
) -> Judged {
    let subject = expectation.split(['<', '>']).next().unwrap();
    let measure = Measure { name: name.to_owned(), value, unit: unit.to_owned(), warning, critical };
    Judged { measure: Some(measure), ..judged(expectation, subject, outcome, &format!("{value} {unit}")) }
}

fn wait(probes: u32, waited: f64, [in_a_row, wanted_in_a_row]: [u32; 2], turns: &[(f64, &str)]) -> Wait {
    let begin: jiff::Timestamp = "2025-06-02T08:00:00Z".parse().unwrap();
    let turns = turns.iter().map(|(after, stage)| Turn {
        at: begin.checked_add(std::time::Duration::from_secs_f64(after / 1000.0)).unwrap(),
        after_ms: Millis(*after),
        stage: (*stage).to_owned(),
        summary: format!("the summary of {stage}"),
    });
    Wait {
        probes,
        waited_ms: Millis(waited),
        ran_out: in_a_row < wanted_in_a_row,
        stopped: false,
        gave_up: None,
        in_a_row,
        wanted_in_a_row,
        turns: turns.collect(),
    }
}

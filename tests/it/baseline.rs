//! What is kept of a server, what changed since, and that nothing changes by itself.

use rdprobe::diagnosis::diagnose;
use rdprobe::evidence::negotiate::RowVerdict;
use rdprobe::evidence::{Evidence, Outcome, Route, Step};
use rdprobe::policy::Change;
use rdprobe::policy::baseline::{Baseline, BaselineError, Baselines, NAMES, changes};
use rdprobe::render::json;
use rdprobe::render::schema::baseline_schema;
use rdprobe::wire::codes::negotiation::Protocol;
use rdprobe::wire::codes::tls::TlsVersion;

use crate::fixture::{self, V4, V6, named, timed_out, unconnected, windows};
use crate::goldens::cases;
use crate::rehearsal::{patient, play, report};

fn baseline(evidence: &Evidence) -> Baseline {
    Baseline::of(evidence, &diagnose(evidence))
}

/// What differs, as `name: before -> after`.
fn differences(before: &Evidence, after: &Evidence) -> Vec<String> {
    changes(&baseline(before), &baseline(after), &[]).iter().map(line).collect()
}

fn line(change: &Change) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    format!("{}: {} -> {}", change.what, text(&change.before), text(&change.after))
}

fn windows_with(change: impl FnOnce(&mut Route)) -> Evidence {
    let mut route = windows(V4);
    change(&mut route);
    named(vec![route])
}

/// A value of a step that was seen, to be changed.
fn of<T>(step: &mut Step<T>) -> &mut T {
    match &mut step.outcome {
        Outcome::Seen(value) => value,
        Outcome::Failed(_) | Outcome::Skipped(_) => panic!("not seen"),
    }
}

/// Changes one thing about a server.
type Spoil = fn(&mut Route);

#[test]
fn each_difference_is_named_once() {
    let one: [(&str, Spoil); 7] = [
        ("name: myvm -> other", |route| {
            of(&mut route.credssp).dns_computer_name = None;
            of(&mut route.credssp).netbios_computer_name = Some("other".to_owned());
        }),
        ("build: 10.0.17763 -> 10.0.20348", |route| {
            of(&mut route.credssp).os.as_mut().unwrap().build = 20348;
        }),
        ("credssp: TSRequest version 6 -> TSRequest version 2", |route| {
            of(&mut route.credssp).ts_request_version = 2;
        }),
        ("tls: TLS 1.2 -> TLS 1.2, TLS 1.3", |route| {
            route.tls_versions =
                fixture::versions(&[TlsVersion::TLS_1_2, TlsVersion::TLS_1_3], &fixture::reset());
        }),
        ("issuer: CN=myvm -> CN=somebody else", |route| {
            of(&mut route.certificate).issuer = "CN=somebody else".to_owned();
        }),
        ("protocol: HYBRID_EX -> HYBRID", |route| {
            route.negotiate[0] = fixture::row(0x0b, fixture::selects(Protocol::HYBRID));
        }),
        ("standard: refused -> allowed", |route| {
            route.negotiate[2] = fixture::row(0, fixture::selects(Protocol::RDP));
            route.negotiate[2].verdict = RowVerdict::Offered;
        }),
    ];
    let before = named(vec![windows(V4)]);
    for (expected, spoil) in one {
        let found = differences(&before, &windows_with(spoil));
        assert!(found.contains(&expected.to_owned()), "{expected}: {found:?}");
        let names: Vec<&str> = found.iter().filter_map(|line| line.split(':').next()).collect();
        assert!(names.iter().all(|name| NAMES.contains(name)), "{names:?}");
        let mut once = names.clone();
        once.dedup();
        assert_eq!(once, names);
    }
}

#[test]
fn another_certificate_shows_both_thumbprints_and_its_end() {
    let after = windows_with(|route| {
        let certificate = of(&mut route.certificate);
        certificate.thumbprint_sha1 = "AA".repeat(20);
        certificate.thumbprint_sha256 = "BB".repeat(32);
        certificate.not_after = "2031-05-06T00:00:00Z".parse().unwrap();
    });
    let found = changes(&baseline(&named(vec![windows(V4)])), &baseline(&after), &[]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].what, "thumbprint");
    let now = found[0].after.clone().unwrap();
    for part in ["AA".repeat(20), "BB".repeat(32), "2031-05-06".to_owned()] {
        assert!(now.contains(&part), "{now}");
    }
}

#[test]
fn a_host_that_is_down_has_changed_its_verdict_only() {
    let down = named(vec![unconnected(V4, timed_out())]);
    let up = named(vec![windows(V4)]);
    assert_eq!(differences(&up, &down), ["verdict: reachable -> not reachable"]);
    assert_eq!(differences(&down, &up), ["verdict: not reachable -> reachable"]);
    let gone = fixture::unnamed(timed_out());
    assert_eq!(differences(&up, &gone), ["verdict: reachable -> undecided"]);
}

#[test]
fn a_version_that_was_never_put_to_the_server_was_not_refused() {
    let after = windows_with(|route| {
        for attempt in &mut route.tls_versions {
            attempt.connect_ms = None;
            attempt.step = fixture::failed(timed_out());
        }
    });
    let found = differences(&named(vec![windows(V4)]), &after);
    assert!(found.iter().all(|line| !line.starts_with("tls:")), "{found:?}");
}

#[test]
fn the_order_of_addresses_is_no_change() {
    let (one, other) = (named(vec![windows(V4), windows(V6)]), named(vec![windows(V6), windows(V4)]));
    assert_eq!(differences(&one, &other), Vec::<String>::new());
}

#[test]
fn one_address_silent_among_two_keeps_its_certificate() {
    let mut second = windows(V6);
    of(&mut second.certificate).thumbprint_sha1 = "CC".repeat(20);
    let both = named(vec![windows(V4), second]);
    let half = named(vec![windows(V4), unconnected(V6, timed_out())]);
    assert_eq!(differences(&both, &half), ["verdict: reachable -> partly reachable"]);
}

#[test]
fn a_moved_server_has_changed_its_address_only() {
    let found = differences(&named(vec![windows(V4)]), &named(vec![windows("20.51.100.5:3389")]));
    assert_eq!(found, ["address: 20.51.100.4:3389 -> 20.51.100.5:3389"]);
}

#[test]
fn a_stranger_at_an_address_that_was_added_shows() {
    let mut stranger = windows("20.51.100.5:3389");
    of(&mut stranger.credssp).dns_computer_name = Some("stranger".to_owned());
    let found = differences(&named(vec![windows(V4)]), &named(vec![windows(V4), stranger]));
    assert_eq!(
        found,
        ["address: 20.51.100.4:3389 -> 20.51.100.4:3389; 20.51.100.5:3389", "name: - -> stranger"]
    );
}

#[test]
fn one_of_two_that_changes_to_what_the_other_is_shows() {
    let with = |address: &str, build: u16| {
        let mut route = windows(address);
        of(&mut route.credssp).os.as_mut().unwrap().build = build;
        route
    };
    let before = named(vec![with(V4, 17763), with(V6, 20348)]);
    let after = named(vec![with(V4, 20348), with(V6, 20348)]);
    assert_eq!(differences(&before, &after), ["build: 10.0.17763 -> 10.0.20348"]);
}

#[test]
fn what_is_ignored_is_there_and_marked() {
    let after = windows_with(|route| of(&mut route.credssp).ts_request_version = 2);
    let found = changes(&baseline(&named(vec![windows(V4)])), &baseline(&after), &["credssp".to_owned()]);
    assert!(found.iter().any(|change| change.what == "credssp" && change.ignored), "{found:?}");
    assert!(found.iter().filter(|change| change.what != "credssp").all(|change| !change.ignored));
}

fn every_case() -> Baselines {
    let kept = |(case, report): (&str, rdprobe::report::Report)| {
        (case.to_owned(), Baseline::of(&report.evidence, &report.diagnosis))
    };
    cases::all().into_iter().map(kept).collect()
}

fn written(baselines: &Baselines) -> Vec<u8> {
    let mut out = Vec::new();
    json::baselines(baselines, &mut out).unwrap();
    out
}

#[test]
fn a_file_comes_back_unchanged_and_follows_its_schema() {
    let baselines = every_case();
    let bytes = written(&baselines);
    assert_eq!(Baselines::read(&bytes).unwrap(), baselines);
    assert_eq!(Baselines::read(&[b"\xef\xbb\xbf", bytes.as_slice()].concat()).unwrap(), baselines);
    assert!(baselines.targets().len() > 20);
    let schema = baseline_schema();
    assert!(jsonschema::draft202012::meta::is_valid(&schema));
    let document: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    jsonschema::draft202012::options().build(&schema).unwrap().validate(&document).unwrap();
    for (target, kept) in baselines.targets() {
        assert_eq!(changes(kept, kept, &[]), Vec::new(), "{target}");
        assert_eq!(baselines.of_target(target), Some(kept));
    }
}

#[test]
fn a_terminal_that_shows_the_file_is_safe() {
    let text = String::from_utf8(written(&every_case())).unwrap();
    let acts = |character: char| character != '\n' && rdprobe::render::escape::needs_escape(character);
    assert!(!text.contains(acts));
}

/// A later rdprobe adds fields, and an earlier one did not know those of today.
#[test]
fn additions_are_read_over_and_what_is_absent_was_not_seen() {
    let baselines = every_case();
    let mut document: serde_json::Value = serde_json::from_slice(&written(&baselines)).unwrap();
    document["later"] = 1.into();
    let target = &mut document["targets"]["reachable-domain"];
    target["later"] = 1.into();
    let address = target["addresses"].as_object_mut().unwrap().values_mut().next().unwrap();
    address["later"] = 1.into();
    let mut earlier = document.clone();
    assert_eq!(Baselines::from_document(document).unwrap(), baselines);
    let target = &mut earlier["targets"]["reachable-domain"];
    let address = target["addresses"].as_object_mut().unwrap().values_mut().next().unwrap();
    address.as_object_mut().unwrap().remove("build");
    let before = Baselines::from_document(earlier).unwrap();
    let (before, after) = (before.of_target("reachable-domain"), baselines.of_target("reachable-domain"));
    assert_eq!(changes(before.unwrap(), after.unwrap(), &[]), Vec::new());
}

#[test]
fn what_is_no_baseline_is_told_from_a_broken_one() {
    let read = |text: &str| Baselines::read(text.as_bytes()).unwrap_err();
    assert!(matches!(read("hello"), BaselineError::NoJson(_)));
    assert!(matches!(read(""), BaselineError::NoJson(_)));
    assert_eq!(read("{}"), BaselineError::NoSchema);
    assert_eq!(read("[1]"), BaselineError::NoSchema);
    assert_eq!(
        read(r#"{"schema":"rdprobe.report/1"}"#),
        BaselineError::OtherSchema("rdprobe.report/1".to_owned())
    );
    assert!(matches!(read(r#"{"schema":"rdprobe.baseline/1","targets":7}"#), BaselineError::Broken(_)));
    assert!(read("{}").to_string().contains("no \"schema\""));
}

#[tokio::test]
async fn two_runs_over_the_same_server_give_no_change() {
    for persona in [
        "windows-2022-nla",
        "windows-11",
        "windows-2016-tls",
        "windows-2012r2",
        "windows-xp",
        "rdp-security-only",
        "old-credssp",
        "no-certificate",
        "tls-reset",
        "expired-certificate",
    ] {
        let address = play(persona).await;
        let mut kept = Vec::new();
        for _ in 0..2 {
            let report = report(address, &patient()).await;
            kept.push(Baseline::of(&report.evidence, &report.diagnosis));
        }
        assert!(kept[0].addresses.len() == 1, "{persona}");
        assert_eq!(changes(&kept[0], &kept[1], &[]), Vec::new(), "{persona}");
    }
}

#[tokio::test]
async fn another_server_at_the_same_address_shows_what_it_is() {
    let old = report(play("old-credssp").await, &patient()).await;
    let new = report(play("windows-2022-nla").await, &patient()).await;
    let kept = |report: &rdprobe::report::Report| Baseline::of(&report.evidence, &report.diagnosis);
    let found = changes(&kept(&old), &kept(&new), &["address".to_owned()]);
    let credssp = found.iter().find(|change| change.what == "credssp").expect("a change of credssp");
    assert_eq!(credssp.after.as_deref(), Some("TSRequest version 6"));
    assert!(found.iter().any(|change| change.what == "address" && change.ignored), "{found:?}");
}

//! What must never be concluded from too little.

use super::{causes, find, has, judged, standing};
use crate::fixture::{
    self as fix, V4, alert, bare_confirm, clock, connected, control, failed, named, refused, refuses, reset,
    row, seen, selects, timed_out, unconnected, versions, windows,
};
use rdprobe::diagnosis::{Nla, StandardRdp, Standing, Tls, Verdict};
use rdprobe::evidence::{Because, Certificate, Evidence, Failure, Route, Stage, Step};
use rdprobe::wire::codes::negotiation::{FailureCode, Protocol};
use rdprobe::wire::codes::tls::{AlertDescription, TlsVersion};

fn one(route: Route) -> Evidence {
    named(vec![route])
}

/// Stealth mode makes a stopped service look exactly like a filtered port.
#[test]
fn a_timeout_leaves_group_service_and_firewall_possible_together() {
    let route = Route { control_ports: vec![control(445, Some(refused()))], ..unconnected(V4, timed_out()) };
    let diagnosis = judged(&one(route));
    for cause in
        ["nsg-blocks-rdp", "termservice-not-running", "guest-firewall-rule-disabled", "rdp-disabled-registry"]
    {
        assert_eq!(standing(&diagnosis, cause), Some(Standing::Possible), "{cause}");
    }
    let group = find(&diagnosis, "nsg-blocks-rdp").expect("it stands");
    assert!(group.twins.iter().any(|twin| twin == "termservice-not-running"));
    assert!(group.next_check.as_deref().is_some_and(|check| check.contains("IP flow verify")));
}

#[test]
fn another_living_port_rules_out_what_takes_the_whole_host() {
    let whole = ["vm-not-running", "nic-disabled", "static-ip-in-guest", "guest-firewall-block-all-inbound"];
    let silent =
        Route { control_ports: vec![control(445, Some(timed_out()))], ..unconnected(V4, timed_out()) };
    let dark = judged(&one(silent));
    let alive = Route { control_ports: vec![control(445, None)], ..unconnected(V4, timed_out()) };
    let lit = judged(&one(alive));
    for cause in whole {
        assert!(find(&dark, cause).is_some() && find(&lit, cause).is_none(), "{cause}");
    }
    let group = find(&lit, "nsg-blocks-rdp").expect("it stands");
    assert!(!group.twins.iter().any(|twin| twin == "vm-not-running"), "a twin that was told apart is named");
}

#[test]
fn silent_ports_rank_what_concerns_one_port_lower_and_keep_it() {
    let route =
        Route { control_ports: vec![control(445, Some(timed_out()))], ..unconnected(V4, timed_out()) };
    let diagnosis = judged(&one(route));
    let order = causes(&diagnosis);
    let place =
        |cause: &str| order.iter().position(|id| *id == cause).unwrap_or_else(|| panic!("no {cause}"));
    assert!(place("vm-not-running") < place("termservice-not-running"));
    assert!(place("vm-not-running") < place("guest-firewall-rule-disabled"));
    let service = find(&diagnosis, "termservice-not-running").expect("it stands");
    assert_eq!(service.evidence_against, ["host.all-ports-silent"]);
}

#[test]
fn a_reset_is_never_a_security_group() {
    let diagnosis = judged(&one(unconnected(V4, refused())));
    assert!(find(&diagnosis, "nsg-blocks-rdp").is_none());
    assert!(find(&diagnosis, "termservice-not-running").is_some());
    assert!(find(&diagnosis, "client-side-block").is_some(), "somebody near could have sent it");
}

/// Old Schannel resets a narrow offer: our doing, not the server's.
#[test]
fn a_reset_of_the_narrow_offer_alone_is_no_fault_of_the_server() {
    let route = Route {
        handshake: failed(reset()),
        tls_versions: versions(&[TlsVersion::TLS_1_2], &reset()),
        credssp: Step::skipped(Because::EarlierStageFailed),
        clock: None,
        ..windows(V4)
    };
    let diagnosis = judged(&one(route));
    assert_eq!(diagnosis.verdict, Verdict::Reachable);
    assert!(has(&diagnosis, "tls.library-too-new") && !has(&diagnosis, "tls.reset-after-ch"));
    assert_eq!(causes(&diagnosis), Vec::<&str>::new());
}

#[test]
fn without_the_wide_offers_a_reset_does_not_blame_the_versions() {
    let route = Route { tls_versions: Vec::new(), ..fix::resets_every_hello(V4) };
    let diagnosis = judged(&one(route));
    assert_eq!(diagnosis.failing_stage, Some(Stage::Tls));
    assert!(find(&diagnosis, "tls-library-too-new").is_some());
    for cause in ["tls-version-disabled", "cipher-suite-mismatch"] {
        assert!(find(&diagnosis, cause).is_none(), "{cause}");
    }
}

#[test]
fn all_versions_reset_names_key_and_versions_and_decides_for_neither() {
    let diagnosis = judged(&one(fix::resets_every_hello(V4)));
    assert!(diagnosis.summary.contains("cannot use its certificate key or has no TLS version enabled"));
    for cause in ["rdp-cert-private-key-inaccessible", "tls-version-disabled", "cipher-suite-mismatch"] {
        assert_eq!(standing(&diagnosis, cause), Some(Standing::Possible), "{cause}");
    }
    let check = find(&diagnosis, "tls-version-disabled").and_then(|finding| finding.next_check.clone());
    let check = check.expect("a check");
    assert!(check.contains("36871") && check.contains("36870"), "{check}");
    assert!(find(&diagnosis, "tls-library-too-new").is_none(), "the wide offers were reset too");
}

#[test]
fn alerts_for_every_version_count_as_resets_do() {
    let refuse = alert(AlertDescription::HANDSHAKE_FAILURE);
    let route = Route {
        handshake: failed(refuse.clone()),
        tls_versions: versions(&[], &refuse),
        ..fix::resets_every_hello(V4)
    };
    let diagnosis = judged(&one(route));
    assert!(has(&diagnosis, "tls.refused-every-version"));
    assert!(find(&diagnosis, "tls-version-disabled").is_some());
}

/// A sound Windows renews its certificate by itself.
#[test]
fn an_expired_certificate_is_told_apart_by_who_made_it() {
    let own = Route { certificate: seen(fix::expired_certificate()), ..windows(V4) };
    let own = judged(&one(own));
    assert_eq!(standing(&own, "rdp-selfsigned-cert-expired-not-renewed"), Some(Standing::Likely));
    assert!(find(&own, "custom-cert-out-of-date").is_none());
    let issued = Certificate { self_issued: false, ..fix::expired_certificate() };
    let issued = judged(&one(Route { certificate: seen(issued), ..windows(V4) }));
    assert_eq!(standing(&issued, "custom-cert-out-of-date"), Some(Standing::Likely));
    assert!(find(&issued, "rdp-selfsigned-cert-expired-not-renewed").is_none());
    assert_eq!((own.verdict, issued.verdict), (Verdict::Reachable, Verdict::Reachable));
}

#[test]
fn the_name_of_a_machine_certificate_is_no_finding() {
    let diagnosis = judged(&one(windows(V4)));
    assert!(has(&diagnosis, "cert.machine-name") && diagnosis.findings.is_empty());
}

#[test]
fn nla_required_is_no_failure() {
    let diagnosis = judged(&one(windows(V4)));
    assert!(has(&diagnosis, "x224.negfail.5") && find(&diagnosis, "nla-required").is_none());
}

/// xrdp answers every request with a selection: a type byte is not a yes.
#[test]
fn a_selected_zero_is_a_downgrade_and_neither_tls_nor_nla() {
    let route = Route {
        negotiate: [0x0b, 0x01, 0x02, 0x04, 0x08, 0x00].map(|bits| row(bits, selects(Protocol::RDP))).into(),
        standard_security: seen(fix::mcs(0)),
        ..connected(V4)
    };
    let diagnosis = judged(&one(route));
    let posture = diagnosis.posture.first().expect("a posture");
    assert_eq!((posture.nla, posture.tls), (Nla::NotOffered, Tls::NotOffered));
    assert_eq!(posture.standard_rdp, StandardRdp::Only);
    assert!(has(&diagnosis, "x224.downgraded"));
}

#[test]
fn a_bare_confirm_is_not_standard_security_until_mcs_says_so() {
    for standard_security in [failed(fix::disconnected()), Step::skipped(Because::NotAsked)] {
        let route = Route {
            negotiate: vec![row(0x0b, bare_confirm()), row(0x00, bare_confirm())],
            standard_security,
            ..connected(V4)
        };
        let diagnosis = judged(&one(route));
        let posture = diagnosis.posture.first().expect("a posture");
        assert_eq!((posture.standard_rdp, posture.tls), (StandardRdp::Unknown, Tls::Unknown));
        assert_ne!(diagnosis.verdict, Verdict::Reachable);
    }
}

#[test]
fn one_odd_row_decides_nothing_against_the_others() {
    let mut rows = windows(V4).negotiate;
    rows.push(row(0x02, refuses(FailureCode::SSL_NOT_ALLOWED)));
    rows.push(row(0x10, rdprobe::evidence::Outcome::Failed(fix::disconnected())));
    let diagnosis = judged(&one(Route { negotiate: rows, ..windows(V4) }));
    assert_eq!((diagnosis.verdict, diagnosis.findings.len()), (Verdict::Reachable, 0));
    assert!(has(&diagnosis, "x224.row-refused") && has(&diagnosis, "x224.row-failed"));
    let posture = diagnosis.posture.first().expect("a posture");
    assert_eq!((posture.nla, posture.tls), (Nla::Required, Tls::Offered));
}

#[test]
fn nla_is_not_required_where_standard_security_is_taken() {
    let route = Route {
        negotiate: vec![
            row(0x0b, selects(Protocol::HYBRID)),
            row(0x01, refuses(FailureCode::HYBRID_REQUIRED)),
            row(0x00, selects(Protocol::RDP)),
        ],
        standard_security: seen(fix::mcs(0)),
        ..windows(V4)
    };
    let diagnosis = judged(&one(route));
    let posture = diagnosis.posture.first().expect("a posture");
    assert_eq!((posture.nla, posture.standard_rdp), (Nla::Offered, StandardRdp::Allowed));
}

#[test]
fn a_selection_outside_the_request_is_none() {
    let route = Route { negotiate: vec![row(0x04, selects(Protocol::HYBRID))], ..windows(V4) };
    let diagnosis = judged(&one(route));
    assert_eq!((diagnosis.verdict, diagnosis.failing_stage), (Verdict::NotReachable, Some(Stage::Negotiate)));
    assert!(has(&diagnosis, "x224.contradiction"));
}

#[test]
fn a_certificate_that_the_server_says_it_lacks_is_confirmed_and_the_reason_is_not() {
    let refusal = || refuses(FailureCode::SSL_CERT_NOT_ON_SERVER);
    let route = Route { negotiate: vec![row(0x0b, refusal()), row(0x00, refusal())], ..connected(V4) };
    let diagnosis = judged(&one(route));
    assert_eq!(standing(&diagnosis, "rdp-cert-missing"), Some(Standing::Confirmed));
    assert_eq!(standing(&diagnosis, "rdp-cert-private-key-inaccessible"), Some(Standing::Possible));
    assert_eq!(diagnosis.posture.first().map(|posture| posture.tls), Some(Tls::Broken));
}

#[test]
fn five_minutes_are_the_limit_of_a_skew() {
    let with = |skew_ms| judged(&one(Route { clock: Some(clock(skew_ms)), ..windows(V4) }));
    assert!(find(&with(299_000.0), "time-skew").is_none());
    assert!(find(&with(301_000.0), "time-skew").is_some() && find(&with(-301_000.0), "time-skew").is_some());
}

#[test]
fn a_tls_handshake_is_not_enough_where_nla_was_selected() {
    let route = Route { credssp: failed(Failure::Closed { bytes_read: 0 }), clock: None, ..windows(V4) };
    let diagnosis = judged(&one(route));
    assert_eq!((diagnosis.verdict, diagnosis.failing_stage), (Verdict::NotReachable, Some(Stage::Credssp)));
    assert!(diagnosis.still_open.is_empty());
}

#[test]
fn an_interrupted_probe_decides_nothing() {
    let route = Route { credssp: Step::skipped(Because::ProbeEnded), ..windows(V4) };
    let diagnosis = judged(&Evidence { interrupted: true, ..one(route) });
    assert_eq!((diagnosis.verdict, diagnosis.failing_stage), (Verdict::Undecided, Some(Stage::Credssp)));
}

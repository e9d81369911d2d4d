//! FreeRDP's shadow server: real NLA.

use super::{Certificates, HYBRID, RDP, Running, SSL, own_address, probe, script, trouble};

fn shadow(security: &str) -> Running {
    Running::start(script("shadow.sh").arg(format!("{}:0", own_address())).arg(security))
}

#[test]
#[ignore = "needs FreeRDP's shadow server; run by tests/run"]
fn nla_shows_names_build_and_clock() {
    let server = shadow("nla");
    let probed = probe(&server.ready, &["--full"]);
    probed.expect_verdict(0, "reachable");
    probed.expect_posture("required", "offered", "refused");
    probed.expect_selected(0x0b, HYBRID, "offered");
    probed.expect_selected(2, HYBRID, "offered");
    probed.expect_refused(1, 5);
    probed.expect_refused(0, 5);
    probed.expect_refused(4, 5);
    probed.expect_refused(0x10, 5);
    assert_eq!(probed.row(0x0b)["seen"]["raw"], "030000130ed000000000000203080002000000");
    assert_eq!(probed.row(0x0b)["seen"]["flags"], 3);
    assert_eq!(probed.row(0x0b)["seen"]["src_ref"], 0);

    let route = probed.route();
    assert_eq!(route["handshake"]["seen"]["version"]["code"], 0x0304, "{:#}", route["handshake"]);
    let challenge = &route["credssp"]["seen"];
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("a host name");
    let netbios: String = host.trim().to_uppercase().chars().take(15).collect();
    assert_eq!(challenge["target_name"], netbios, "{:#}", route["credssp"]);
    assert_eq!(challenge["netbios_computer_name"], netbios);
    assert_eq!(challenge["netbios_domain_name"], netbios);
    assert!(challenge["dns_computer_name"].is_string(), "{challenge:#}");
    assert_eq!(challenge["dns_tree_name"], serde_json::Value::Null);
    assert_eq!(challenge["membership"], "workgroup");
    assert_eq!(challenge["ts_request_version"], 6);
    assert_eq!(challenge["os"]["major"], 6);
    assert_eq!(challenge["os"]["minor"], 1);
    assert_eq!(challenge["os"]["build"], 7601);

    assert_eq!(route["clock"]["source"], "ntlm_timestamp", "{:#}", route["clock"]);
    // The same machine's clock; a wrong epoch or zone would be hours, a minute is a machine that stands still.
    let skew = route["clock"]["skew_ms"].as_f64().expect("a skew");
    assert!(skew.abs() < 60_000.0, "{skew} ms");
    assert_eq!(probed.versions()[2..], ["ok", "ok"]);
}

#[test]
#[ignore = "needs FreeRDP's shadow server; run by tests/run"]
fn tls_alone_has_no_challenge() {
    let server = shadow("tls");
    let probed = probe(&server.ready, &[]);
    probed.expect_verdict(0, "reachable");
    probed.expect_posture("not_offered", "offered", "refused");
    probed.expect_selected(0x0b, SSL, "offered");
    probed.expect_selected(1, SSL, "offered");
    probed.expect_refused(0, 1);
    assert_eq!(probed.route()["credssp"]["skipped"], "protocol_has_none");
    // OpenSSL's security level forbids the old ones.
    assert_eq!(probed.versions(), ["alert 80", "alert 80", "ok", "ok"]);
}

#[test]
#[ignore = "needs FreeRDP's shadow server; run by tests/run"]
fn standard_security_alone_refuses_tls() {
    let server = shadow("rdp");
    let probed = probe(&server.ready, &[]);
    probed.expect_posture("not_offered", "not_offered", "only");
    probed.expect_refused(0x0b, 2);
    probed.expect_refused(1, 2);
    probed.expect_selected(0, RDP, "offered");
    // It would complete a handshake all the same: none may follow a refusal.
    assert_eq!(probed.route()["handshake"]["skipped"], "server_refused");
    let standard = &probed.route()["standard_security"];
    assert_eq!(standard["seen"]["mcs_result"], 0, "{}: {standard:#}", trouble(standard));
}

#[test]
#[ignore = "needs FreeRDP's shadow server; run by tests/run"]
fn any_security_offers_tls_and_standard_security() {
    let server = shadow("any");
    let probed = probe(&server.ready, &["--full"]);
    probed.expect_verdict(0, "reachable");
    probed.expect_posture("not_offered", "offered", "allowed");
    probed.expect_selected(0x0b, SSL, "offered");
    probed.expect_selected(1, SSL, "offered");
    probed.expect_selected(0, RDP, "offered");
    probed.expect_refused(2, 2);
    probed.expect_refused(0x10, 2);
}

#[test]
#[ignore = "needs FreeRDP's shadow server; run by tests/run"]
fn nla_with_an_expired_certificate_still_shows_its_names() {
    let certificates = Certificates::make(&["expired"]);
    let server = Running::start(script("shadow.sh").arg(format!("{}:0", own_address())).args([
        "nla",
        &certificates.path("expired.crt"),
        &certificates.path("expired.key"),
    ]));
    let probed = probe(&server.ready, &[]);
    assert!(probed.observed("cert.expired"), "{:#}", probed.report["diagnosis"]);
    assert_eq!(probed.route()["certificate"]["seen"]["common_name"], "expired.lab.test");
    assert!(probed.route()["credssp"]["seen"]["target_name"].is_string(), "{:#}", probed.route()["credssp"]);
}

//! Weston's RDP back end.

use super::{Certificates, RDP, Running, SSL, own_address, probe, script};

#[test]
#[ignore = "needs weston; run by tests/run"]
fn tls_beside_standard_security() {
    let certificates = Certificates::make(&["good"]);
    let server = Running::start(script("weston.sh").arg(format!("{}:0", own_address())).args([
        "tls",
        &certificates.path("good.crt"),
        &certificates.path("good.key"),
    ]));
    let probed = probe(&server.ready, &["--full"]);
    probed.expect_verdict(0, "reachable");
    probed.expect_posture("not_offered", "offered", "allowed");
    probed.expect_selected(0x0b, SSL, "offered");
    probed.expect_selected(1, SSL, "offered");
    probed.expect_selected(0, RDP, "offered");
    probed.expect_refused(2, 2);
    assert_eq!(probed.row(1)["seen"]["flags"], 1);
    assert_eq!(probed.route()["handshake"]["seen"]["version"]["code"], 0x0304);
    assert_eq!(probed.versions()[2..], ["ok", "ok"]);
    assert_eq!(probed.route()["certificate"]["seen"]["common_name"], "good.lab.test");
}

#[test]
#[ignore = "needs weston; run by tests/run"]
fn standard_security_alone() {
    let server = Running::start(script("weston.sh").arg(format!("{}:0", own_address())).arg("rdp4"));
    let probed = probe(&server.ready, &[]);
    probed.expect_posture("not_offered", "not_offered", "only");
    probed.expect_selected(0, RDP, "offered");
    probed.expect_refused(0x0b, 2);
    probed.expect_refused(1, 2);
    assert_eq!(probed.route()["handshake"]["skipped"], "server_refused");
}

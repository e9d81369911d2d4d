//! What a resolver does to a name.

use super::{Certificates, Probed, Running, own_address, probe, script};

/// A misbehaving name server whose good answer is an xrdp; it ends with its fields.
struct Names {
    dns: Running,
    server: Running,
    _certificates: Certificates,
}

impl Names {
    fn start() -> Self {
        let certificates = Certificates::make(&["good"]);
        let server = Running::start(
            script("xrdp.sh")
                .arg(format!("{}:0", own_address()))
                .arg(format!("certificate={}", certificates.path("good.crt")))
                .arg(format!("key_file={}", certificates.path("good.key"))),
        );
        let (alive, _) = server.ready.split_once(':').expect("address and port");
        let dns = Running::start(script("dns.py").args([&own_address(), alive, &own_address()]));
        Self { dns, server, _certificates: certificates }
    }

    fn probe(&self, name: &str) -> Probed {
        let (_, port) = self.server.ready.split_once(':').expect("address and port");
        probe(&format!("{name}.lab.test:{port}"), &["--resolver", &self.dns.ready, "--no-control-ports"])
    }
}

#[test]
#[ignore = "needs xrdp; run by tests/run"]
fn a_name_leads_to_the_server() {
    let names = Names::start();
    let plain = names.probe("plain");
    plain.expect_verdict(0, "reachable");
    let resolution = &plain.report["evidence"]["resolve"]["seen"];
    assert_eq!(resolution["source"], "dns");
    assert_eq!(resolution["query_name"], "plain.lab.test");
    assert_eq!(resolution["addresses"][0]["ttl_s"], 30);
    assert_eq!(resolution["cname_chain"], serde_json::json!([]));

    let alias = names.probe("alias");
    alias.expect_verdict(0, "reachable");
    let chain = &alias.report["evidence"]["resolve"]["seen"]["cname_chain"];
    assert_eq!(
        chain,
        &serde_json::json!([{ "name": "alias.lab.test", "target": "plain.lab.test", "ttl_s": 30 }])
    );
}

#[test]
#[ignore = "needs xrdp; run by tests/run"]
fn every_kind_of_no_is_told_from_the_others() {
    let names = Names::start();
    for (name, kind) in [
        ("nx", "no_such_name"),
        ("nodata", "no_address"),
        ("servfail", "resolver_failed"),
        ("refused", "resolver_failed"),
        ("silent", "timed_out"),
    ] {
        let probed = names.probe(name);
        let resolve = &probed.report["evidence"]["resolve"];
        assert_eq!(resolve["failed"]["kind"], kind, "{name}: {resolve:#}");
        assert_eq!(probed.report["evidence"]["routes"], serde_json::json!([]), "{name}");
        assert_ne!(probed.exit, Some(0), "{name}");
    }
}

#[test]
#[ignore = "needs xrdp; run by tests/run"]
fn one_silent_family_does_not_hide_the_other() {
    let names = Names::start();
    let probed = names.probe("noaaaa");
    probed.expect_selected(1, super::SSL, "offered");
    let families = probed.report["evidence"]["resolve"]["seen"]["families"].as_array().expect("families");
    let aaaa = families.iter().find(|family| family["record"] == "AAAA").expect("the AAAA query is reported");
    assert_eq!(aaaa["failed"]["kind"], "timed_out", "{aaaa:#}");
}

#[test]
#[ignore = "needs xrdp; run by tests/run"]
fn a_dead_address_beside_a_living_one_is_reported() {
    let names = Names::start();
    let probed = names.probe("both");
    let routes = probed.report["evidence"]["routes"].as_array().expect("routes");
    assert_eq!(routes.len(), 2, "{routes:#?}");
    let refused = routes.iter().filter(|route| route["connect"]["failed"]["kind"] == "refused").count();
    let connected = routes.iter().filter(|route| route["connect"]["seen"].is_object()).count();
    assert_eq!((refused, connected), (1, 1));
    probed.expect_verdict(1, "partly_reachable");
}

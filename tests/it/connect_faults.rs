//! What a network does to a SYN, made with namespaces and nft, and what is told of it. Linux, as root.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::dns::{A, Question, Record, Reply, Server};
use crate::lab::{Lab, ip, rule, run};

fn refused(icmp: &Value) -> Value {
    json!({ "kind": "refused", "errno": libc::ECONNREFUSED, "icmp": icmp })
}

fn unreachable(what: &str, errno: i32, icmp: &Value) -> Value {
    json!({ "kind": "unreachable", "what": what, "errno": errno, "icmp": icmp })
}

fn icmp(kind: u8, code: u8, from: &str) -> Value {
    json!({ "type": kind, "code": code, "from": from })
}

/// ICMP type 3 from the server.
fn from_server(code: u8) -> Value {
    icmp(3, code, "10.77.0.2")
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn a_closed_port_refuses_by_reset() {
    let lab = Lab::new();
    assert_eq!(lab.failure("10.77.0.2:3001"), refused(&Value::Null));
    assert_eq!(lab.failure("[fd77::2]:3001"), refused(&Value::Null));
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn a_dropped_syn_is_silence() {
    let lab = Lab::with_rule("tcp dport 3001 drop");
    let failure = lab.failure("10.77.0.2:3001 --connect-timeout 1500ms");
    assert_eq!(failure["kind"], "timed_out");
    assert!(failure["after_ms"].as_f64().unwrap() >= 1500.0, "{failure}");
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn a_firewalls_reset_looks_like_a_closed_port() {
    let lab = Lab::with_rule("tcp dport 3001 reject with tcp reset");
    assert_eq!(lab.failure("10.77.0.2:3001"), refused(&Value::Null));
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn a_port_unreachable_refuses_by_icmp() {
    let lab = Lab::with_rule("tcp dport 3001 reject with icmpx type port-unreachable");
    assert_eq!(lab.failure("10.77.0.2:3001"), refused(&from_server(3)));
    assert_eq!(lab.failure("[fd77::2]:3001"), refused(&icmp(1, 4, "fd77::2")));
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn a_host_unreachable_names_its_sender() {
    let lab = Lab::with_rule("tcp dport 3001 reject with icmpx type host-unreachable");
    assert_eq!(lab.failure("10.77.0.2:3001"), unreachable("host", libc::EHOSTUNREACH, &from_server(1)));
    let v6 = unreachable("host", libc::EHOSTUNREACH, &icmp(1, 3, "fd77::2"));
    assert_eq!(lab.failure("[fd77::2]:3001"), v6);
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn an_admin_prohibited_is_a_filter() {
    let lab = Lab::with_rule("tcp dport 3001 reject with icmpx type admin-prohibited");
    let v4 = unreachable("prohibited", libc::EHOSTUNREACH, &from_server(13));
    assert_eq!(lab.failure("10.77.0.2:3001"), v4);
    let v6 = unreachable("prohibited", libc::EACCES, &icmp(1, 1, "fd77::2"));
    assert_eq!(lab.failure("[fd77::2]:3001"), v6);
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn a_net_unreachable_is_the_network() {
    let lab = Lab::with_rule("ip protocol tcp reject with icmp type net-unreachable");
    assert_eq!(lab.failure("10.77.0.2:3001"), unreachable("network", libc::ENETUNREACH, &from_server(0)));
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn a_net_prohibited_is_a_filter() {
    let lab = Lab::with_rule("ip protocol tcp reject with icmp type net-prohibited");
    assert_eq!(lab.failure("10.77.0.2:3001"), unreachable("prohibited", libc::ENETUNREACH, &from_server(9)));
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn a_host_prohibited_is_a_filter() {
    let lab = Lab::with_rule("ip protocol tcp reject with icmp type host-prohibited");
    assert_eq!(
        lab.failure("10.77.0.2:3001"),
        unreachable("prohibited", libc::EHOSTUNREACH, &from_server(10))
    );
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn a_protocol_unreachable_is_the_protocol() {
    let lab = Lab::with_rule("ip protocol tcp reject with icmp type prot-unreachable");
    assert_eq!(lab.failure("10.77.0.2:3001"), unreachable("protocol", libc::ENOPROTOOPT, &from_server(2)));
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn a_routers_word_is_told_as_the_routers() {
    let lab = Lab::new();
    run(&format!("ip netns exec {} sysctl -qw net.ipv4.ip_forward=1", lab.server));
    ip(&format!("-n {} route add unreachable 10.78.0.1/32", lab.server));
    ip(&format!("-n {} route add prohibit 10.78.0.2/32", lab.server));
    ip(&format!("-n {} route add blackhole 10.78.0.4/32", lab.server));
    ip(&format!("-n {} route add 10.78.0.0/24 via 10.77.0.2", lab.client));
    assert_eq!(lab.failure("10.78.0.1"), unreachable("host", libc::EHOSTUNREACH, &from_server(1)));
    assert_eq!(lab.failure("10.78.0.2"), unreachable("prohibited", libc::EHOSTUNREACH, &from_server(13)));
    assert_eq!(lab.failure("10.78.0.3"), unreachable("network", libc::ENETUNREACH, &from_server(0)));
    assert_eq!(lab.failure("10.78.0.4 --connect-timeout 500ms")["kind"], "timed_out");
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn this_machines_routes_are_its_own_trouble() {
    let lab = Lab::new();
    let cases = [
        ("blackhole", libc::EINVAL, "no_route"),
        ("unreachable", libc::EHOSTUNREACH, "no_route"),
        ("prohibit", libc::EACCES, "denied"),
        ("throw", libc::ENETUNREACH, "no_route"),
    ];
    for (kind, errno, what) in cases {
        ip(&format!("-n {} route replace {kind} 10.78.0.0/24", lab.client));
        let failure = lab.failure("10.78.0.1");
        assert_eq!(
            (&failure["kind"], &failure["what"]),
            (&json!("local"), &json!(what)),
            "{kind}: {failure}"
        );
        assert_eq!(failure["errno"], errno, "{kind}");
    }
    let nowhere = lab.failure("[2001:db8::1]:3389");
    assert_eq!((&nowhere["kind"], &nowhere["what"]), (&json!("local"), &json!("no_route")), "{nowhere}");
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn this_machines_firewall_is_its_own_trouble() {
    let lab = Lab::new();
    let rejecting = "tcp dport 3001 reject with icmpx type admin-prohibited\n tcp dport 3002 reject\n tcp dport 3003 drop";
    rule(&lab.client, "output", rejecting);
    for (target, said) in [
        ("10.77.0.2:3001", "a rule of this machine rejects it (ICMP 3/13)"),
        ("10.77.0.2:3002", "a rule of this machine rejects it (ICMP 3/3)"),
        ("[fd77::2]:3001", "a rule of this machine rejects it (ICMP 1/1)"),
    ] {
        let failure = lab.failure(target);
        assert_eq!((&failure["kind"], &failure["what"]), (&json!("local"), &json!("denied")), "{failure}");
        assert_eq!(failure["detail"], said);
    }
    // The kernel sends a dropped SYN again as if the network had lost it.
    assert_eq!(lab.failure("10.77.0.2:3003 --connect-timeout 500ms")["kind"], "timed_out");
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn nobody_answering_arp_is_an_unreachable_host() {
    let lab = Lab::new();
    let v4 = unreachable("host", libc::EHOSTUNREACH, &Value::Null);
    // The kernel asks for three seconds.
    for nobody in ["10.77.0.99", "[fd77::99]:3389"] {
        assert_eq!(lab.failure(&format!("{nobody} --connect-timeout 20s")), v4);
    }
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn a_cable_that_is_out_is_an_unreachable_host() {
    let lab = Lab::new();
    ip(&format!("-n {} link set vs down", lab.server));
    let failure = lab.failure("10.77.0.2 --connect-timeout 20s");
    assert_eq!(failure, unreachable("host", libc::EHOSTUNREACH, &Value::Null));
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn a_lost_syn_is_counted() {
    let mut lab = Lab::with_rule("tcp dport 3390 tcp flags & (syn | ack) == syn numgen inc mod 2 0 drop");
    lab.listen("10.77.0.2:3390");
    let connect = lab.connect("10.77.0.2:3390");
    assert_eq!(connect["seen"]["syn_retransmits"], 1, "{connect}");
    assert!(connect["elapsed_ms"].as_f64().unwrap() >= 900.0, "{connect}");
    assert_eq!(connect["seen"]["local_address"], "10.77.0.1");
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn an_undisturbed_connection_is_measured() {
    let mut lab = Lab::new();
    lab.listen("[fd77::2]:3390");
    let connect = lab.connect("[fd77::2]:3390 --interface vc --source fd77::1");
    assert_eq!(connect["seen"]["syn_retransmits"], 0, "{connect}");
    assert!(connect["seen"]["rtt_ms"].as_f64().unwrap() > 0.0, "{connect}");
    assert_eq!(connect["seen"]["interface"], "vc");
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn a_connection_cut_silently_times_out_in_the_negotiation() {
    let mut lab = Lab::new();
    lab.listen("10.77.0.2:3390");
    rule(&lab.server, "output", "tcp sport 3390 tcp flags & psh == psh drop");
    let evidence = lab.probe("--only negotiate --negotiate-timeout 500ms 10.77.0.2:3390");
    let route = &evidence["routes"][0];
    assert!(route["connect"]["seen"].is_object(), "{route}");
    assert_eq!(route["negotiate"][0]["failed"]["kind"], "timed_out", "{}", route["negotiate"][0]);
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn the_systems_resolver_and_hosts_file_are_used() {
    let lab = Lab::new();
    let etc = format!("/etc/netns/{}", lab.client);
    std::fs::create_dir_all(&etc).unwrap();
    std::fs::write(format!("{etc}/hosts"), "10.77.0.9 filed\n").unwrap();

    std::fs::write(format!("{etc}/resolv.conf"), "search corp.example\n").unwrap();
    let none = &lab.probe("--only resolve myvm")["resolve"]["failed"];
    assert_eq!(none["kind"], "no_resolver", "{none}");
    let filed = &lab.probe("--only resolve filed")["resolve"]["seen"];
    assert_eq!(
        (&filed["source"], &filed["addresses"][0]["address"]),
        (&json!("hosts_file"), &json!("10.77.0.9"))
    );

    std::fs::write(format!("{etc}/resolv.conf"), "nameserver 127.0.0.1\n").unwrap();
    let closed = &lab.probe("--only resolve myvm.example")["resolve"]["failed"];
    assert_eq!(closed["kind"], "no_resolver", "{closed}");
    assert!(closed["detail"].as_str().unwrap().starts_with("127.0.0.1:53: "), "{closed}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root and nft: run by tests/run"]
async fn search_domains_are_tried_as_glibc_does() {
    let lab = Lab::new();
    // The test's own DNS server stands at the other end of a second cable. One that an earlier run left behind, because
    // it was killed, would have the same address.
    let cable = "rdp-test-dns";
    drop(Command::new("ip").args(["link", "del", cable]).stderr(Stdio::null()).status());
    ip(&format!("link add {cable} type veth peer name vd netns {}", lab.client));
    ip(&format!("addr add 198.18.77.1/30 dev {cable}"));
    ip(&format!("link set {cable} up"));
    ip(&format!("-n {} addr add 198.18.77.2/30 dev vd", lab.client));
    ip(&format!("-n {} link set vd up", lab.client));
    let etc = format!("/etc/netns/{}", lab.client);
    std::fs::create_dir_all(&etc).unwrap();
    // Nobody is at the first server: the second is asked beside it.
    let conf = "nameserver 198.18.77.3\nnameserver 198.18.77.1\nsearch east.example corp.example\n";
    std::fs::write(format!("{etc}/resolv.conf"), conf).unwrap();

    let server = Server::start_at("198.18.77.1:53".parse().unwrap(), |question: &Question| {
        match (question.name.as_str(), question.kind) {
            ("myvm.corp.example", A) => {
                Reply::Records(vec![Record::Address("myvm.corp.example", 30, "10.77.0.2")])
            }
            ("myvm.corp.example" | "half.east.example", _) => Reply::Records(Vec::new()),
            ("broken.east.example", _) => Reply::Code(2),
            ("refused.east.example", _) => Reply::Code(5),
            _ => Reply::Code(3),
        }
    })
    .await;
    let resolve =
        |name: &str| lab.probe(&format!("--only resolve --resolve-timeout 30s {name}"))["resolve"].clone();

    let found = resolve("myvm");
    assert_eq!(found["seen"]["query_name"], "myvm.corp.example", "{found}");
    assert_eq!(found["seen"]["addresses"][0]["address"], "10.77.0.2");
    assert!(server.asked().iter().any(|question| question.name == "myvm.east.example"));

    assert_eq!(resolve("myvm.")["failed"]["kind"], "no_such_name");
    assert_eq!(resolve("half")["failed"]["kind"], "no_address");
    assert_eq!(resolve("broken")["failed"]["code"], "SERVFAIL");
    assert!(server.asked().iter().any(|question| question.name == "broken.corp.example"));
    assert_eq!(resolve("refused")["failed"]["code"], "REFUSED");
    assert!(!server.asked().iter().any(|question| question.name == "refused.corp.example"));
    assert_eq!(resolve("a.b")["failed"]["kind"], "no_such_name");
    let names: Vec<String> = server.asked().into_iter().map(|question| question.name).collect();
    let first = names.iter().position(|name| name == "a.b").unwrap();
    assert!(names.iter().skip(first).any(|name| name == "a.b.corp.example"), "{names:?}");
}

//! Each fault of the network, made with namespaces and nft, has its finding. Linux, as root.

use serde_json::Value;

use crate::lab::{Lab, ip, rule};

/// A fault and the causes that must come out: the first finding, its standing, and others that must be among them.
struct Fault {
    name: &'static str,
    /// Makes the fault.
    make: fn(&mut Lab),
    /// What is probed, with its options.
    probe: &'static str,
    verdict: &'static str,
    first: (&'static str, &'static str),
    others: &'static [&'static str],
}

const QUICK: &str = "10.77.0.2 --connect-timeout 1500ms";

/// What a living machine whose port alone is silent may suffer from.
const ONE_PORT: &[&str] = &[
    "guest-firewall-rule-disabled",
    "rdp-disabled-registry",
    "rdp-disabled-gpo",
    "termservice-not-running",
    "jit-access-not-requested",
    "listener-disabled",
    "listener-bound-to-wrong-nic",
    "network-service-rights",
    "rdp-port-changed",
    "client-side-block",
];

/// What a machine that is silent at every port may suffer from.
const WHOLE_HOST: &[&str] = &[
    "vm-boot-stuck",
    "vm-needs-redeploy",
    "platform-issue",
    "nic-disabled",
    "static-ip-in-guest",
    "guest-firewall-block-all-inbound",
    "wrong-route",
    "vm-not-running",
];

const FAULTS: &[Fault] = &[
    Fault {
        name: "a dropped SYN on a living machine",
        make: |lab| rule(&lab.server, "input", "tcp dport 3389 drop"),
        probe: QUICK,
        verdict: "not_reachable",
        first: ("nsg-blocks-rdp", "possible"),
        others: ONE_PORT,
    },
    Fault {
        name: "a machine that is silent at every port",
        make: |lab| rule(&lab.server, "input", "meta l4proto tcp drop"),
        probe: QUICK,
        verdict: "not_reachable",
        first: ("nsg-blocks-rdp", "possible"),
        others: WHOLE_HOST,
    },
    Fault {
        name: "a closed port",
        make: |_| (),
        probe: QUICK,
        verdict: "not_reachable",
        first: ("rdp-disabled-registry", "possible"),
        others: &["termservice-not-running", "server-not-windows", "client-side-block", "lb-or-nat-rule"],
    },
    Fault {
        name: "a firewall of the machine that refuses in words",
        make: |lab| rule(&lab.server, "input", "tcp dport 3389 reject with icmpx type admin-prohibited"),
        probe: QUICK,
        verdict: "not_reachable",
        first: ("other-firewall-refuses", "likely"),
        others: &[],
    },
    Fault {
        name: "a port-unreachable",
        make: |lab| rule(&lab.server, "input", "tcp dport 3389 reject with icmpx type port-unreachable"),
        probe: QUICK,
        verdict: "not_reachable",
        first: ("other-firewall-refuses", "likely"),
        others: &[],
    },
    Fault {
        name: "a net-unreachable",
        make: |lab| rule(&lab.server, "input", "ip protocol tcp reject with icmp type net-unreachable"),
        probe: QUICK,
        verdict: "not_reachable",
        first: ("wrong-route", "likely"),
        others: &[],
    },
    Fault {
        name: "a router that forbids it",
        make: |lab| {
            ip(&format!("-n {} route add prohibit 10.78.0.2/32", lab.server));
            ip(&format!("-n {} route add 10.78.0.0/24 via 10.77.0.2", lab.client));
            crate::lab::run(&format!("ip netns exec {} sysctl -qw net.ipv4.ip_forward=1", lab.server));
        },
        probe: "10.78.0.2",
        verdict: "not_reachable",
        first: ("client-side-block", "possible"),
        others: &["other-firewall-refuses"],
    },
    Fault {
        name: "nobody at the address",
        make: |_| (),
        probe: "10.77.0.99 --no-control-ports --connect-timeout 20s",
        verdict: "not_reachable",
        first: ("vm-not-running", "possible"),
        others: &["nic-disabled", "dns-stale-ip"],
    },
    Fault {
        name: "no route from here",
        make: |_| (),
        probe: "10.99.0.1",
        verdict: "undecided",
        first: ("client-no-network", "confirmed"),
        others: &[],
    },
    Fault {
        name: "this machine's own firewall",
        make: |lab| rule(&lab.client, "output", "tcp dport 3389 reject with icmpx type admin-prohibited"),
        probe: "10.77.0.2",
        verdict: "undecided",
        first: ("client-side-block", "confirmed"),
        others: &[],
    },
    Fault {
        name: "a source address that is not here",
        make: |_| (),
        probe: "10.77.0.2 --source 10.77.0.55",
        verdict: "undecided",
        first: ("client-limits", "confirmed"),
        others: &[],
    },
    Fault {
        name: "a connection that is cut in mid-handshake",
        make: |lab| {
            lab.listen("10.77.0.2:3389");
            rule(&lab.server, "output", "tcp sport 3389 tcp flags & psh == psh drop");
        },
        probe: "10.77.0.2 --negotiate-timeout 500ms",
        verdict: "not_reachable",
        first: ("termservice-hung", "possible"),
        others: &["middlebox-answers", "port-taken-by-other-app", "brute-force"],
    },
    Fault {
        name: "a TLS handshake that is cut",
        make: |lab| {
            lab.listen("10.77.0.2:3389");
            // The confirm is 19 bytes long; everything longer is lost.
            rule(&lab.server, "output", "tcp sport 3389 tcp flags & psh == psh meta length > 150 drop");
        },
        probe: "10.77.0.2 --tls-timeout 700ms",
        verdict: "not_reachable",
        first: ("termservice-hung", "possible"),
        others: &["brute-force"],
    },
    Fault {
        name: "no resolver",
        make: |lab| resolver(lab, "nameserver 127.0.0.1\n"),
        probe: "myvm.example",
        verdict: "undecided",
        first: ("client-resolver-down", "confirmed"),
        others: &[],
    },
    Fault {
        name: "a resolver that never answers",
        make: |lab| {
            resolver(lab, "nameserver 10.77.0.2\n");
            rule(&lab.server, "input", "udp dport 53 drop");
        },
        probe: "myvm.example --resolve-timeout 700ms",
        verdict: "undecided",
        first: ("client-resolver-down", "possible"),
        others: &["dns-zone-broken"],
    },
    Fault {
        name: "an IPv6 address that nobody serves",
        make: |lab| {
            lab.listen("10.77.0.2:3389");
            resolver(lab, "");
            hosts(lab, "10.77.0.2 myvm\nfd77::2 myvm\n");
            rule(&lab.server, "input", "meta nfproto ipv6 tcp dport 3389 drop");
        },
        probe: "myvm --connect-timeout 1500ms",
        verdict: "partly_reachable",
        first: ("ipv6-not-served", "possible"),
        others: &["nsg-blocks-rdp"],
    },
];

/// Every cause that the faults come to.
pub(crate) fn causes() -> impl Iterator<Item = &'static str> {
    FAULTS.iter().flat_map(|fault| fault.others.iter().copied().chain([fault.first.0]))
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn each_fault_has_its_finding() {
    let wrong: Vec<String> = FAULTS.iter().flat_map(judge).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What comes out otherwise than it must.
fn judge(fault: &Fault) -> Vec<String> {
    let mut lab = Lab::new();
    (fault.make)(&mut lab);
    let report = lab.report(fault.probe);
    let diagnosis = &report["diagnosis"];
    let findings: Vec<(&str, &str)> = diagnosis["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| (word(&finding["cause"]), word(&finding["standing"])))
        .collect();
    let mut wrong = Vec::new();
    if word(&diagnosis["verdict"]) != fault.verdict {
        wrong.push(format!("{}: {}: {}", fault.name, diagnosis["verdict"], diagnosis["summary"]));
    }
    if findings.first() != Some(&fault.first) {
        wrong.push(format!("{}: the findings are {findings:?}", fault.name));
    }
    let missing = fault.others.iter().filter(|cause| !findings.iter().any(|(found, _)| found == *cause));
    wrong.extend(missing.map(|cause| format!("{}: no {cause} in {findings:?}", fault.name)));
    wrong
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// What the client's namespace finds in its resolv.conf.
fn resolver(lab: &Lab, text: &str) {
    let etc = format!("/etc/netns/{}", lab.client);
    std::fs::create_dir_all(&etc).unwrap();
    std::fs::write(format!("{etc}/resolv.conf"), text).unwrap();
}

/// What it finds in its hosts file.
fn hosts(lab: &Lab, text: &str) {
    std::fs::write(format!("/etc/netns/{}/hosts", lab.client), text).unwrap();
}

//! Two machines and a cable, out of network namespaces: a place to make faults in. Linux, as root.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

/// A client and a server namespace, joined by a cable: 10.77.0.1 and fd77::1, 10.77.0.2 and fd77::2.
/// Both go when the lab goes.
pub(crate) struct Lab {
    /// The client's namespace.
    pub(crate) client: String,
    /// The server's namespace.
    pub(crate) server: String,
    servers: Vec<Child>,
}

impl Lab {
    /// Lays the cable.
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        // A run that was killed may have left its namespaces behind, and its process number may be given out again.
        let when = jiff::Timestamp::now().subsec_nanosecond();
        let id = format!("{}-{}-{when:x}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let lab =
            Self { client: format!("rdp-cl-{id}"), server: format!("rdp-sv-{id}"), servers: Vec::new() };
        let (client, server) = (&lab.client, &lab.server);
        ip(&format!("netns add {client}"));
        ip(&format!("netns add {server}"));
        ip(&format!("-n {client} link add vc type veth peer name vs netns {server}"));
        for (namespace, device, host) in [(client, "vc", 1), (server, "vs", 2)] {
            // Otherwise the answers after the first few come a second late.
            for limit in ["net.ipv4.icmp_ratelimit", "net.ipv6.icmp.ratelimit"] {
                run(&format!("ip netns exec {namespace} sysctl -qw {limit}=0"));
            }
            ip(&format!("-n {namespace} addr add 10.77.0.{host}/24 dev {device}"));
            ip(&format!("-n {namespace} addr add fd77::{host}/64 dev {device} nodad"));
            ip(&format!("-n {namespace} link set lo up"));
            ip(&format!("-n {namespace} link set {device} up"));
        }
        lab
    }

    /// A lab whose server does this with what comes in.
    pub(crate) fn with_rule(text: &str) -> Self {
        let lab = Self::new();
        rule(&lab.server, "input", text);
        lab
    }

    /// Starts a Remote Desktop server in the server's namespace; it listens when this returns.
    pub(crate) fn listen(&mut self, address: &str) {
        let mut server = Command::new("ip")
            .args(["netns", "exec", &self.server, env!("CARGO_BIN_EXE_rdprobe"), "simulate"])
            .args(["--persona", "windows-2022-nla", "--listen", address])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        BufReader::new(server.stderr.take().unwrap()).read_line(&mut said).unwrap();
        self.servers.push(server);
        assert!(said.contains(address), "{said}");
    }

    /// The evidence of one probe from the client's namespace, without control ports.
    pub(crate) fn probe(&self, arguments: &str) -> Value {
        self.report(&format!("--no-control-ports {arguments}"))["evidence"].clone()
    }

    /// The report of one probe from the client's namespace.
    pub(crate) fn report(&self, arguments: &str) -> Value {
        let output = Command::new("ip")
            .args(["netns", "exec", &self.client, env!("CARGO_BIN_EXE_rdprobe"), "--format", "json"])
            .args(arguments.split(' '))
            .output()
            .unwrap();
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
    }

    /// The connect step of the one route to an address.
    pub(crate) fn connect(&self, address: &str) -> Value {
        self.probe(&format!("--only connect {address}"))["routes"][0]["connect"].clone()
    }

    /// Why the connect to an address failed.
    pub(crate) fn failure(&self, address: &str) -> Value {
        let connect = self.connect(address);
        assert!(connect["failed"].is_object(), "{connect}");
        connect["failed"].clone()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        for server in &mut self.servers {
            let _ = server.kill();
            let _ = server.wait();
        }
        for namespace in [&self.client, &self.server] {
            let _ = Command::new("ip").args(["netns", "del", namespace]).status();
            let _ = std::fs::remove_dir_all(format!("/etc/netns/{namespace}"));
        }
    }
}

/// Loads one rule into a namespace, at a hook such as `input`.
pub(crate) fn rule(namespace: &str, hook: &str, rule: &str) {
    let table = format!(
        "table inet faults {{\n chain {hook} {{\n  type filter hook {hook} priority 0;\n  {rule}\n }}\n}}\n"
    );
    let mut nft = Command::new("ip")
        .args(["netns", "exec", namespace, "nft", "-f", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    nft.stdin.take().unwrap().write_all(table.as_bytes()).unwrap();
    assert!(nft.wait().unwrap().success(), "{table}");
}

/// Runs a command that must succeed; its words are parted by single spaces.
pub(crate) fn run(command: &str) {
    let mut words = command.split(' ');
    let status = Command::new(words.next().unwrap()).args(words).status().unwrap();
    assert!(status.success(), "{command}");
}

/// Runs iproute2.
pub(crate) fn ip(arguments: &str) {
    run(&format!("ip {arguments}"));
}

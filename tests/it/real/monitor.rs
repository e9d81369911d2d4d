//! `rdprobe monitor` beside real servers that are killed, stopped, cut off, changed and restarted.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::faults::namespaces;
use super::{Certificates, Running, script};
use crate::lab::ip;

const XRDP: &str = "10.88.0.2:3389";
const SHADOW: &str = "10.88.0.3:3389";

/// From one round to the next, in seconds: what every time has to be right to on a quiet machine.
const INTERVAL: f64 = 1.0;

/// What a machine that stands still may add to it, in seconds: it leaves turns out. Less than a fault lasts, so that
/// each outage is still told with its own.
const STALL: f64 = 5.0;

/// How long a fault lasts. `RDPROBE_LONG` (tests/run --long) makes ten minutes of the whole.
fn fault_time() -> Duration {
    Duration::from_secs(if std::env::var_os("RDPROBE_LONG").is_some() { 130 } else { 12 })
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs_f64()
}

/// The monitor at work in the client's namespace, its events going to a file.
struct Monitor {
    process: Child,
    events: PathBuf,
    talk: PathBuf,
}

impl Monitor {
    /// `most` is how long a connect and a negotiation may take.
    fn start(client: &str, folder: &Path, most: &str, arguments: &[&str]) -> Self {
        let events = folder.join("events.ndjson");
        let talk = folder.join("talk");
        let process = Command::new("ip")
            .args(["netns", "exec", client, env!("CARGO_BIN_EXE_rdprobe"), "monitor"])
            .args(arguments)
            // It tells when a deep probe is over.
            .env("RUST_LOG", "rdprobe=debug")
            .args(["--format", "ndjson", "--interval", "1s", "--deep-every", "30s"])
            // Three faults within ten minutes are what is done here.
            .args(["--flapping-after", "0"])
            // A busy machine makes every round slow for some seconds, which is no fault that was done here.
            .args(["--slower-by", "0"])
            .args(["--connect-timeout", most, "--negotiate-timeout", most])
            .arg("--record")
            .arg(folder.join("night.db"))
            .stdout(File::create(&events).expect("a file"))
            .stderr(File::create(&talk).expect("a file"))
            .spawn()
            .expect("rdprobe runs");
        Self { process, events, talk }
    }

    fn events(&self) -> Vec<Value> {
        let mut text = String::new();
        File::open(&self.events).and_then(|mut file| file.read_to_string(&mut text)).expect("its events");
        // The last line may be half written.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// How many deep probes of a target are over that found it up.
    fn probed_in_depth(&self, target: &str) -> usize {
        let talk = std::fs::read_to_string(&self.talk).expect("its talk");
        talk.matches(&format!("{target} probed in depth while Up")).count()
    }

    /// Waits until the deep probe at the return to "up" is over. Stopped amid it, xrdp would keep its connections, which
    /// fill its backlog of 2: then the next round is not accepted, as it is to be here.
    fn until_probed_in_depth(&self, target: &str, before: usize) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.probed_in_depth(target) == before {
            assert!(Instant::now() < deadline, "no deep probe of {target}: {:#?}", self.events());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Waits until so many events of a target fit.
    fn until(&self, what: &str, target: &str, count: usize, fits: impl Fn(&Value) -> bool) {
        self.within(Duration::from_secs(60), what, target, count, fits);
    }

    /// The same, for so long at most.
    fn within(&self, most: Duration, what: &str, target: &str, count: usize, fits: impl Fn(&Value) -> bool) {
        let deadline = Instant::now() + most;
        while self.events().iter().filter(|event| event["target"] == target && fits(event)).count() < count {
            assert!(Instant::now() < deadline, "{what}: not told within {most:?}: {:#?}", self.events());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Asks it to end, as systemd does; how long that took.
    fn stop(&mut self) -> Duration {
        let began = Instant::now();
        let stopped = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        assert!(stopped.expect("kill runs").success());
        self.process.wait().expect("it ends");
        began.elapsed()
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn state(to: &'static str) -> impl Fn(&Value) -> bool {
    move |event| event["event"] == "state" && event["to"] == to
}

/// What was done to xrdp: when it began, when it was over, and what may be said of it.
struct Fault {
    name: &'static str,
    /// Before and after the act that began it.
    began: [f64; 2],
    /// Before and after the act that ended it.
    ended: [f64; 2],
    /// What the first symptom may say. The second is as true: it depends on what was under way when the fault was made.
    symptoms: [&'static str; 2],
    /// The causes that look like this from here.
    causes: &'static [&'static str],
}

/// Does something and says between which moments it happened.
fn act(what: impl FnOnce()) -> [f64; 2] {
    let before = now();
    what();
    [before, now()]
}

fn xrdp(server: &str, certificates: &Certificates, layer: &str) -> Running {
    let program = script("xrdp.sh");
    Running::start(
        Command::new("ip")
            .args(["netns", "exec", server])
            .arg(program.get_program())
            .arg(XRDP)
            .arg(format!("certificate={}", certificates.path("served.crt")))
            .arg(format!("key_file={}", certificates.path("served.key")))
            .arg(format!("security_layer={layer}")),
    )
}

fn serve(certificates: &Certificates, name: &str) {
    for extension in ["crt", "key"] {
        let served = certificates.path(&format!("served.{extension}"));
        let new = format!("{served}.new");
        std::fs::copy(certificates.path(&format!("{name}.{extension}")), &new).expect("a copy");
        std::fs::rename(new, served).expect("a rename");
    }
}

fn signal_xrdp(server: &str, signal: &str) {
    let pids = Command::new("ip").args(["netns", "pids", server]).output().expect("ip runs").stdout;
    let pids = String::from_utf8(pids).expect("numbers");
    let is_xrdp = |pid: &&str| {
        std::fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "xrdp")
    };
    let found: Vec<&str> = pids.split_whitespace().filter(is_xrdp).collect();
    assert!(!found.is_empty(), "no xrdp in {server}: {pids}");
    for pid in found {
        // A child that ended meanwhile is no loss.
        let _ = Command::new("kill").args([signal, pid]).status();
    }
}

fn nft(server: &str, command: &str) {
    crate::lab::run(&format!("ip netns exec {server} nft {command}"));
}

#[test]
#[ignore = "needs xrdp, FreeRDP's shadow server and network namespaces; run by tests/run"]
fn a_night_of_faults_is_told_as_it_was() {
    let (_space, client, server) = namespaces(&[]);
    ip(&format!("-n {server} addr add 10.88.0.3/32 dev lo"));
    let folder = tempfile::tempdir().expect("a folder");
    let certificates = Certificates::make(&["good", "other"]);
    serve(&certificates, "good");
    let shadow_script = script("shadow.sh");
    let _shadow = Running::start(
        Command::new("ip")
            .args(["netns", "exec", &server])
            .arg(shadow_script.get_program())
            .args([SHADOW, "nla"]),
    );
    let mut rdp = xrdp(&server, &certificates, "negotiate");
    // Shorter than the interval, so that a lost round leaves out no other.
    let mut monitor = Monitor::start(&client, folder.path(), "900ms", &[XRDP, SHADOW]);
    let mut faults = Vec::new();
    for target in [XRDP, SHADOW] {
        monitor.until("the beginning", target, 1, state("up"));
    }

    // Killed, and started again.
    let began = act(|| drop(rdp));
    std::thread::sleep(fault_time());
    // Counted while it is down: a deep probe from before the kill is not the one at the return.
    let probed = monitor.probed_in_depth(XRDP);
    rdp = {
        let mut again = None;
        let ended = act(|| again = Some(xrdp(&server, &certificates, "negotiate")));
        faults.push(Fault { name: "killed", began, ended, symptoms: ["reset", "closed"], causes: REFUSED });
        again.expect("an xrdp")
    };
    monitor.until("up after the kill", XRDP, 2, state("up"));
    monitor.until_probed_in_depth(XRDP, probed);

    // Stopped, and continued.
    let began = act(|| signal_xrdp(&server, "-STOP"));
    std::thread::sleep(fault_time());
    let ended = act(|| signal_xrdp(&server, "-CONT"));
    faults.push(Fault { name: "stopped", began, ended, symptoms: ["no answer", "unanswered"], causes: HUNG });
    monitor.until("up after the stop", XRDP, 3, state("up"));

    // The path cut, and mended.
    nft(&server, "add table inet cut");
    nft(&server, "add chain inet cut input { type filter hook input priority 0 ; }");
    let began = act(|| nft(&server, "add rule inet cut input ip daddr 10.88.0.2 tcp dport 3389 drop"));
    std::thread::sleep(fault_time());
    let ended = act(|| nft(&server, "delete table inet cut"));
    faults.push(Fault { name: "cut", began, ended, symptoms: ["unanswered", "no answer"], causes: DROPPED });
    monitor.until("up after the cut", XRDP, 4, state("up"));

    // Our own side cut: nobody's outage.
    ip(&format!("-n {client} link set v0 down"));
    for target in [XRDP, SHADOW] {
        monitor.until("our own side", target, 1, |event| state("unknown")(event));
    }
    std::thread::sleep(fault_time() / 2);
    ip(&format!("-n {client} link set v0 up"));
    monitor.until("up after our own side", XRDP, 5, state("up"));
    monitor.until("up after our own side", SHADOW, 2, state("up"));

    // The certificate replaced under the running server.
    let replaced = act(|| serve(&certificates, "other"));
    monitor.until("the certificate", XRDP, 1, |event| changed(event, "thumbprint"));

    // Restarted with another security layer: three rounds or so are lost, the answer is a lesser one for good.
    drop(rdp);
    std::thread::sleep(Duration::from_secs(6));
    let _rdp = xrdp(&server, &certificates, "rdp");
    monitor.until("the lesser answer", XRDP, 1, |event| changed(event, "protocol"));
    monitor.until("degraded", XRDP, 1, state("degraded"));

    let took = monitor.stop();
    // Two seconds are promised; this machine is a busy one.
    assert!(took < Duration::from_secs(15), "it took {took:?} to end");
    let events = monitor.events();
    told_once(&events, &faults);
    let thumbprints: Vec<&Value> = of(&events, XRDP).filter(|event| changed(event, "thumbprint")).collect();
    assert_eq!(thumbprints.len(), 1, "{thumbprints:#?}");
    let at = seconds(&thumbprints[0]["at"]);
    // A round of the default depth sees no certificate: the next deep probe does.
    assert!(at > replaced[0] && at < replaced[1] + 30.0 + 60.0, "{at}: {replaced:?}");
    let shadow: Vec<&Value> = of(&events, SHADOW).filter(|event| event["event"] == "state").collect();
    let told: Vec<&Value> = shadow.iter().map(|event| &event["to"]).collect();
    assert_eq!(told, ["up", "unknown", "up"], "{shadow:#?}");
}

/// Causes of a refused SYN, of an accepted connection without an answer, of a dropped SYN.
const REFUSED: &[&str] =
    &["rdp-disabled-registry", "termservice-not-running", "rdp-disabled-gpo", "rdp-port-changed"];
/// A stopped xrdp's backlog of 2 may be full of what was under way when it was stopped: then it drops SYNs too.
const HUNG: &[&str] = &[
    "termservice-hung",
    "brute-force",
    "gp-refresh-flap",
    "nsg-blocks-rdp",
    "rdp-disabled-registry",
    "guest-firewall-rule-disabled",
];
const DROPPED: &[&str] = &["nsg-blocks-rdp", "rdp-disabled-registry", "guest-firewall-rule-disabled"];

fn of<'a>(events: &'a [Value], target: &'a str) -> impl Iterator<Item = &'a Value> {
    events.iter().filter(move |event| event["target"] == target)
}

fn changed(event: &Value, what: &str) -> bool {
    event["event"] == "changed"
        && event["changes"].as_array().is_some_and(|all| all.iter().any(|change| change["what"] == what))
}

fn seconds(time: &Value) -> f64 {
    let time: jiff::Timestamp = time.as_str().expect("a time").parse().expect("RFC 3339");
    time.as_duration().as_secs_f64()
}

/// Every fault is one outage, with its times to within one interval and a stall, its symptom and its cause; and there is
/// no other outage, but for the restart with another security layer.
fn told_once(events: &[Value], faults: &[Fault]) {
    let outages: Vec<&Value> =
        of(events, XRDP).map(|event| &event["outage"]).filter(|outage| outage.is_object()).collect();
    assert_eq!(outages.len(), faults.len() + 1, "{outages:#?}");
    for (fault, outage) in faults.iter().zip(&outages) {
        let Fault { name, began, ended, symptoms, causes } = fault;
        let (start, end) = (seconds(&outage["start"]), seconds(&outage["end"]));
        assert!(
            start >= began[0] - INTERVAL && start <= began[1] + INTERVAL + STALL,
            "{name} began {began:?}, told {start}"
        );
        assert!(
            end >= ended[0] - INTERVAL && end <= ended[1] + INTERVAL + STALL,
            "{name} ended {ended:?}, told {end}"
        );
        let text = outage["first_symptom"]["text"].as_str().expect("a text");
        assert!(symptoms.iter().any(|symptom| text.contains(symptom)), "{name}: {text}");
        let cause = outage["cause"]["id"].as_str().unwrap_or("none");
        assert!(causes.contains(&cause), "{name}: {cause}: {outage:#}");
    }
}

#[test]
#[ignore = "needs xrdp and network namespaces; run by tests/run"]
fn a_path_that_forgets_idle_connections_is_found() {
    let (_space, client, server) = namespaces(&[]);
    let certificates = Certificates::make(&["good"]);
    serve(&certificates, "good");
    let _rdp = xrdp(&server, &certificates, "negotiate");
    // A load balancer's way: what is idle for too long is forgotten, and its packets dropped without a word.
    nft(&server, "add table inet balancer");
    nft(&server, "add chain inet balancer input { type filter hook input priority 0 ; }");
    nft(&server, "add rule inet balancer input ct state established accept");
    nft(&server, "add rule inet balancer input ct state new accept");
    nft(&server, "add rule inet balancer input ct state invalid drop");
    for setting in ["nf_conntrack_tcp_loose=0", "nf_conntrack_tcp_timeout_established=24"] {
        crate::lab::run(&format!("ip netns exec {server} sysctl -qw net.netfilter.{setting}"));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = [XRDP, "--hold", "--hold-steps", "16s,26s,34s"];
    // No round needs to be lost here, and a machine that stands still loses none.
    let mut monitor = Monitor::start(&client, folder.path(), "5s", &arguments);
    // Forty seconds to see that the server has no limit, sixteen that live, twice 26 that do not. The sixteen may become
    // 24 on a machine that stands still.
    monitor.within(Duration::from_secs(240), "the idle cut", XRDP, 1, |event| {
        event["event"] == "pattern" && event["id"] == "over-time.idle-cut"
    });
    monitor.stop();
    let events = monitor.events();
    let pattern = of(&events, XRDP).find(|event| event["event"] == "pattern").expect("a pattern");
    assert_eq!(pattern["cause"]["id"], "keepalive-idle-cut", "{pattern:#}");
    let fact = pattern["fact"].as_str().expect("a fact");
    assert!(fact.contains("between 16 s and 26 s"), "{fact}");
    let outages = of(&events, XRDP).filter(|event| event["outage"].is_object()).count();
    assert_eq!(outages, 0, "{events:#?}");
}

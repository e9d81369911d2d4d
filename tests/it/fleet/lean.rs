//! A lean probe: one connection where it goes well, and nowhere another verdict than a whole probe's.

use std::net::Ipv4Addr;
use std::time::Duration;

use futures_util::StreamExt;
use rdprobe::diagnosis::{Nla, Verdict};
use rdprobe::evidence::Stage;
use rdprobe::fleet::depth::Depth;
use rdprobe::probe::{Plan, Quiet, probe};
use rdprobe::report::Report;
use rdprobe::simulate::{Persona, Server, persona, personas};
use rdprobe::target::Target;

async fn probed(persona: &'static Persona, plan: &Plan) -> Report {
    let server = Server::bind(persona, (Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
    let target = Target::parse(&server.local_addr().to_string()).unwrap();
    let served = tokio::spawn(server.run());
    let evidence = probe(&target, plan, &Quiet).await;
    served.abort();
    Report::new(evidence)
}

fn waiting_for(patience: Duration) -> Plan {
    let mut plan = Plan { control_ports: Vec::new(), ..Plan::default() };
    plan.timeouts.negotiate = patience;
    plan.timeouts.tls = patience * 2;
    plan.timeouts.credssp = patience;
    plan
}

/// What both must agree on: the verdict, the stage, and the cause where something failed. Of a server that is well only
/// other connections may tell more, such as the clock in a clear flight.
fn told(report: &Report) -> String {
    let diagnosis = &report.diagnosis;
    let failed = diagnosis.failing_stage.is_some();
    let first = diagnosis.findings.first().filter(|_| failed).map(|finding| finding.cause.as_str());
    format!("{:?} {:?} {first:?}", diagnosis.verdict, diagnosis.failing_stage)
}

/// What a lean probe and a whole one of this patience disagree on.
async fn difference(persona: &'static Persona, depth: Depth, patience: Duration) -> Option<String> {
    let lean = depth.plan(waiting_for(patience));
    let whole = Plan { lean: false, ..lean.clone() };
    let (lean, whole) = tokio::join!(probed(persona, &lean), probed(persona, &whole));
    (told(&lean) != told(&whole))
        .then(|| format!("{} at {depth:?}: lean {}, whole {}", persona.name, told(&lean), told(&whole)))
}

#[tokio::test]
async fn every_persona_is_told_as_a_whole_probe_tells_it() {
    for depth in [Depth::X224, Depth::Tls, Depth::Nla] {
        let runs = futures_util::stream::iter(personas()).map(async |persona| {
            // What a busy machine does late is no difference: that one goes away with patience.
            difference(persona, depth, Duration::from_millis(2_500)).await?;
            difference(persona, depth, Duration::from_secs(20)).await
        });
        let mut wrong: Vec<String> = runs.buffer_unordered(16).filter_map(std::future::ready).collect().await;
        wrong.sort();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

#[tokio::test]
async fn a_good_server_sees_one_connection() {
    for (depth, verdict) in [
        (Depth::Tcp, Verdict::StagePassed),
        (Depth::X224, Verdict::StagePassed),
        (Depth::Tls, Verdict::StagePassed),
        (Depth::Nla, Verdict::Reachable),
    ] {
        let report = probed(persona("windows-2022-nla").unwrap(), &depth.plan(Plan::default())).await;
        let route = &report.evidence.routes[0];
        assert_eq!((report.diagnosis.verdict, route.connections), (verdict, 1), "{depth:?}");
        assert!(route.tls_versions.is_empty() && route.control_ports.is_empty());
        assert_eq!(route.credssp.seen().is_some(), depth == Depth::Nla);
        assert_eq!(route.handshake.seen().is_some(), depth.stage() >= Stage::Tls);
        if depth != Depth::Tcp {
            // The persona demands it, which one connection cannot know.
            assert_eq!(report.diagnosis.posture[0].nla, Nla::Selected, "{depth:?}");
        }
    }
}

#[tokio::test]
async fn standard_security_passes_by_what_mcs_says_and_has_no_tls() {
    for depth in [Depth::X224, Depth::Tls] {
        let refused = probed(persona("mcs-refused").unwrap(), &depth.plan(Plan::default())).await;
        let told = (refused.diagnosis.verdict, refused.diagnosis.failing_stage);
        assert_eq!(told, (Verdict::NotReachable, Some(Stage::Negotiate)), "{depth:?}");
        let shown = shown(&refused);
        assert!(shown.contains("FAILED  mcs        refused by MCS with result 14"), "{shown}");
    }
    for name in ["windows-xp", "rdp-security-only", "no-certificate-fallback"] {
        let report = probed(persona(name).unwrap(), &Depth::Tls.plan(Plan::default())).await;
        assert_eq!(report.diagnosis.verdict, Verdict::StagePassed, "{name}");
        let (summary, shown) = (&report.diagnosis.summary, shown(&report));
        assert!(summary.starts_with("every stage up to negotiate went well in"), "{summary}");
        assert!(summary.contains("there is no TLS to test"), "{summary}");
        assert!(shown.contains("NEGOTIATE PASSED") && !shown.contains("TLS PASSED"), "{shown}");
    }
}

fn shown(report: &Report) -> String {
    let mut text = Vec::new();
    let style = rdprobe::render::human::HumanStyle { verbosity: 0, width: 100, color: false };
    rdprobe::render::human::human(report, &style, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn no_other_port_of_a_silent_host_is_tried() {
    // A full queue drops what comes: the address connects to nobody.
    let listener = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    listener.bind(&std::net::SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    let _queued: Vec<_> =
        (0..3).map(|_| std::net::TcpStream::connect_timeout(&address, Duration::from_millis(100))).collect();
    let mut plan = Depth::X224.plan(Plan::default());
    plan.timeouts.connect = Duration::from_millis(300);
    let target = Target::parse(&address.to_string()).unwrap();
    let report = Report::new(probe(&target, &plan, &Quiet).await);
    assert_eq!(report.diagnosis.verdict, Verdict::NotReachable);
    assert_eq!(report.evidence.routes[0].control_ports, []);
}

//! `rdprobe demo`: every persona on loopback, each probed, each diagnosis shown.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use futures_util::future::join_all;
use rdprobe::diagnosis::Verdict;
use rdprobe::probe::plan::Timeouts;
use rdprobe::probe::{self, Plan, Quiet};
use rdprobe::render::human;
use rdprobe::report::Report;
use rdprobe::simulate::{self, Persona, Server};
use rdprobe::target::{Host, Target};

use super::args::DemoArgs;
use super::output::{self, Output};
use super::simulate::persona;
use super::{Trouble, runtime};

/// On loopback whatever has not come by now will not come.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// Plays, probes and shows the personas asked for, or all of them.
pub(super) fn run(args: &DemoArgs, output: Output) -> Result<ExitCode, Trouble> {
    let personas: Vec<&'static Persona> = if args.personas.is_empty() {
        simulate::personas().iter().collect()
    } else {
        args.personas.iter().map(|name| persona(name)).collect::<Result<_, _>>()?
    };
    output::say(&format!("playing {} server(s) on loopback and probing each ...", personas.len()));
    let reports = runtime()?.block_on(join_all(personas.iter().map(|persona| rehearse(persona))));
    let reports = reports.into_iter().collect::<Result<Vec<_>, _>>()?;
    output::write(|out| {
        for (persona, report) in personas.iter().zip(&reports) {
            writeln!(out, "==== {}: {}", persona.name, persona.title)?;
            human::human(report, &output.human_style(args.verbose), out)?;
            writeln!(out)?;
        }
        writeln!(out, "==== In short")?;
        for (persona, report) in personas.iter().zip(&reports) {
            writeln!(out, "{:<24} {:<17} {}", persona.name, word(report), first_finding(report))?;
        }
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn rehearse(persona: &'static Persona) -> Result<Report, Trouble> {
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let server =
        Server::bind(persona, listen).await.map_err(|error| Trouble::Listen { address: listen, error })?;
    let address = server.local_addr();
    let target =
        Target { input: address.to_string(), host: Host::Address(address.ip()), port: address.port() };
    let plan = Plan {
        timeouts: Timeouts {
            connect: PATIENCE,
            negotiate: PATIENCE,
            tls: PATIENCE,
            credssp: PATIENCE,
            ..Timeouts::default()
        },
        ..Plan::default()
    };
    tokio::select! {
        evidence = probe::probe(&target, &plan, &Quiet) => Ok(Report::new(evidence)),
        served = server.run() => Err(Trouble::Start(served.err().unwrap_or_else(|| {
            std::io::Error::other("bug: the simulator ended before its probe")
        }))),
    }
}

fn word(report: &Report) -> &'static str {
    match report.diagnosis.verdict {
        Verdict::Reachable => "reachable",
        Verdict::PartlyReachable => "partly reachable",
        Verdict::NotReachable => "not reachable",
        Verdict::Undecided => "undecided",
        Verdict::StagePassed => "stage passed",
    }
}

fn first_finding(report: &Report) -> &str {
    report.diagnosis.findings.first().map_or("", |finding| finding.cause.as_str())
}

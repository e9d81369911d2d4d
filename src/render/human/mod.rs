//! For a person: one screen a target, the failing step in sight; the evidence with -v, its bytes with -vv.

use std::io::{self, Write};

use crate::diagnosis::{Verdict, last_stage};
use crate::evidence::{Evidence, Failure, Outcome, Route};
use crate::report::Report;
use crate::target::{Host, Target};

// Fixed columns, wrapping, colour, escaping.
mod layout;

// The stage table: what was tried, in the order of the flow.
mod stages;

// What the server told of itself: names, build, TLS, certificate.
mod server;

// Why, what next, how to mend it, what is still open.
mod causes;

// What to run, in order.
mod repairs;

// Everything that was seen, with -v.
mod detail;

// One cause of the catalogue.
mod explain;

// What can be expected, and the built-in profiles.
mod expectations;

// Two files side by side.
mod diff;

pub(in crate::render) use causes::standing;
pub use diff::diff;
pub use expectations::expectations;
pub(in crate::render) use explain::cost;
pub use explain::{explain, explain_all, index};
pub(in crate::render) use layout::{Cell, Page, Paint, columns_of, wrap};
pub(in crate::render) use repairs::channel_words;

/// How to write for a person.
#[derive(Debug, Clone)]
pub struct HumanStyle {
    /// 0: one screen; 1: all the evidence; 2: its bytes in hex too.
    pub verbosity: u8,
    /// The columns of a line, 40 at least. Only commands to copy may be longer.
    pub width: usize,
    /// Whether to write ANSI colours. The text is complete without them.
    pub color: bool,
}

impl Default for HumanStyle {
    fn default() -> Self {
        Self { verbosity: 0, width: 80, color: false }
    }
}

/// Writes one report for a person.
///
/// Every string in it may be a stranger's: see [`escape`](super::escape::escape).
pub fn human(report: &Report, style: &HumanStyle, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out, style);
    let verbose = style.verbosity > 0;
    header(report, &mut page)?;
    page.blank()?;
    stages::table(report, verbose, &mut page)?;
    page.blank()?;
    server::sections(report, verbose, &mut page)?;
    causes::sections(&report.diagnosis, verbose, &mut page)?;
    footer(report, verbose, &mut page)?;
    if verbose {
        detail::sections(report, style.verbosity > 1, &mut page)?;
    }
    Ok(())
}

/// Target and answer, then the answer's one clause.
fn header(report: &Report, page: &mut Page<'_>) -> io::Result<()> {
    let target = target_text(&report.evidence.target);
    let (paint, verdict) = verdict(report);
    if columns_of(&target).saturating_add(columns_of(&verdict)).saturating_add(3) <= page.width() {
        page.pieces(&[(Paint::Strong, &target), (Paint::Plain, "   "), (paint, &verdict)])?;
    } else {
        page.text(0, Paint::Strong, &target)?;
        page.text(2, paint, &verdict)?;
    }
    if !report.diagnosis.summary.is_empty() {
        page.text(0, Paint::Plain, &report.diagnosis.summary)?;
    }
    if report.evidence.interrupted && report.diagnosis.verdict != Verdict::Undecided {
        page.text(0, Paint::Doubt, "The probe was cut short: this is what was known by then.")?;
    }
    Ok(())
}

/// Host and port, an IPv6 address in brackets.
fn target_text(target: &Target) -> String {
    match &target.host {
        Host::Name(name) => format!("{name}:{}", target.port),
        Host::Address(address) => std::net::SocketAddr::new(*address, target.port).to_string(),
    }
}

/// The verdict in words, which claim no more than was tried.
fn verdict(report: &Report) -> (Paint, String) {
    match report.diagnosis.verdict {
        Verdict::Reachable => (Paint::Good, "REACHABLE by Remote Desktop".to_owned()),
        Verdict::PartlyReachable => (Paint::Doubt, "PARTLY REACHABLE by Remote Desktop".to_owned()),
        Verdict::NotReachable => (Paint::Bad, "NOT REACHABLE by Remote Desktop".to_owned()),
        Verdict::Undecided => (Paint::Doubt, format!("UNDECIDED: {}", whose_fault(&report.evidence))),
        Verdict::StagePassed => {
            let stage = super::words::stage_word(last_stage(&report.evidence));
            (Paint::Good, format!("{} PASSED, the rest of RDP not tested", stage.to_uppercase()))
        }
    }
}

/// Why there is no verdict, and whose fault that is.
fn whose_fault(evidence: &Evidence) -> &'static str {
    let failures: Vec<&Failure> = evidence
        .resolve
        .failure()
        .into_iter()
        .chain(evidence.routes.iter().filter_map(|route| route.connect.failure()))
        .collect();
    if failures.iter().any(|failure| matches!(failure, Failure::Local { .. } | Failure::NoResolver { .. })) {
        "the trouble is on this machine"
    } else if evidence.interrupted || failures.contains(&&Failure::Interrupted) {
        "the probe was cut short"
    } else if evidence.resolve.failure().is_some() {
        "the name could not be resolved from here"
    } else {
        "what was seen does not tell"
    }
}

/// Where to read on, and how long the probe took.
fn footer(report: &Report, verbose: bool, page: &mut Page<'_>) -> io::Result<()> {
    let explain = if report.diagnosis.findings.is_empty() { "" } else { "rdprobe explain CAUSE; " };
    let evidence = if verbose { "" } else { "-v for the evidence; " };
    page.section(
        "More",
        &[format!("{explain}{evidence}took {}", super::words::ms(report.evidence.elapsed_ms))],
    )
}

/// The route that told most: an NTLM challenge, else a certificate, else any answer to a request.
pub(in crate::render) fn telling_route(evidence: &Evidence) -> Option<&Route> {
    let routes = || evidence.routes.iter();
    routes()
        .find(|route| route.credssp.seen().is_some())
        .or_else(|| routes().find(|route| route.certificate.seen().is_some()))
        .or_else(|| {
            routes()
                .find(|route| route.negotiate.iter().any(|row| matches!(row.reply.outcome, Outcome::Seen(_))))
        })
}

//! Tables: targets, outages, phases, losses, events, gaps.

use maud::{Markup, html as markup};

use crate::monitor::latency::{Phase, PhaseSummary, Summary};
use crate::monitor::outage::Outage;
use crate::monitor::record::{Gap, Record, TargetRecord};
use crate::render::escape::escape;
use crate::render::record::words::{self, float, length, moment};

/// So many outages and events are shown, the latest: the rest is in the JSON.
const SHOWN: usize = 300;

/// Phases that follow each other and make up the round.
const PARTS: [Phase; 4] = [Phase::Connect, Phase::X224, Phase::Tls, Phase::Credssp];

/// Every target in a line.
pub(super) fn targets(targets: &[TargetRecord]) -> Markup {
    markup! {
        div.scroll { table.targets {
            thead { tr {
                th scope="col" { "Target" } th.number scope="col" { "Available" } th.number scope="col" { "Down" }
                th.number scope="col" { "Outages" } th.number scope="col" { "Median" } th.number scope="col" { "99th" }
            } }
            tbody { @for (number, target) in targets.iter().enumerate() {
                @let total = target.phases.iter().find(|phase| phase.summary.phase == Phase::Total);
                tr {
                    th scope="row" { a href={ "#target-" (number) } { (escape(&target.target)) } }
                    td.number { (words::percent(target.available)) }
                    td.number { (length(target.availability.down_s)) }
                    td.number { (target.outages_total) }
                    td.number { (words::time(total.and_then(|total| total.summary.corrected.p50_us))) }
                    td.number { (words::time(total.and_then(|total| total.summary.corrected.p99_us))) }
                }
            } }
        } }
    }
}

/// Every outage: when, how it showed, why, and what was different after it.
pub(super) fn outages(record: &Record, target: &TargetRecord) -> Markup {
    if target.outages.is_empty() {
        return markup! { p { "None." } };
    }
    let skipped = target.outages.len().saturating_sub(SHOWN);
    markup! {
        (left_out(target.outages_total, target.outages.len() - skipped, "outages"))
        div.scroll { table.outages {
            thead { tr {
                th scope="col" { "Begin (UTC)" } th.number scope="col" { "Length" } th scope="col" { "What was seen, and why" }
                th scope="col" { "What was different afterwards" }
            } }
            tbody { @for outage in target.outages.iter().skip(skipped) {
                tr {
                    th scope="row" { time datetime=(outage.start) { (moment(outage.start)) } }
                    td.number { (words::outage_length(outage, record.to)) }
                    td { (why(outage)) }
                    td { @if outage.changes.is_empty() { span.quiet { "nothing seen" } } @else {
                        ul.plain { @for change in &outage.changes { li { (words::change(change)) } } }
                    } }
                }
            } }
        } }
    }
}

fn why(outage: &Outage) -> Markup {
    markup! {
        (words::symptoms(outage)) " (" (outage.rounds_lost) @if outage.rounds_lost == 1 { " round)" } @else { " rounds)" }
        @match &outage.cause {
            Some(cause) => {
                p.cause { strong { (escape(&cause.title)) } " " span.quiet { "(" (words::standing(cause)) "; " code { (escape(&cause.id)) } ")" } }
                @if let Some(next) = &cause.next_check { p.quiet { "To make sure: " (escape(next)) } }
            }
            None => { p.quiet { "no cause was found" } }
        }
    }
}

/// Where the time of a round goes: the medians in a row, and every phase in numbers.
pub(super) fn phases(target: &TargetRecord) -> Markup {
    let summary =
        |phase: Phase| target.phases.iter().map(|phase| &phase.summary).find(|one| one.phase == phase);
    let parts: Vec<(Phase, u64)> =
        PARTS.into_iter().filter_map(|phase| Some((phase, summary(phase)?.raw.p50_us?))).collect();
    let whole: u64 = parts.iter().map(|(_, us)| *us).sum();
    markup! {
        @if whole > 0 {
            div.parts role="img" aria-label=(said_of_parts(&parts)) {
                @for (phase, us) in &parts {
                    div class={ "part " (phase.word()) } style={ "flex-grow:" (format!("{:.1}", float(*us) / float(whole) * 1e3)) } {
                        span { (words::phase(*phase)) " " b { (words::time(Some(*us))) } }
                    }
                }
            }
        }
        div.scroll { table.phases {
            thead { tr {
                th scope="col" { "Phase" } th scope="col" { "" } th.number scope="col" { "Values" } th.number scope="col" { "Median" }
                th.number scope="col" { "90 %" } th.number scope="col" { "99 %" } th.number scope="col" { "99.9 %" }
                th.number scope="col" { "Slowest" } th.number scope="col" { "Jitter" }
            } }
            tbody { @for phase in &target.phases { (phase_rows(&phase.summary)) } }
        } }
    }
}

fn said_of_parts(parts: &[(Phase, u64)]) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|(phase, us)| format!("{} {}", words::phase(*phase), words::time(Some(*us))))
        .collect();
    format!("Medians of the phases: {}.", parts.join(", "))
}

/// One row where nothing was hidden, else two.
fn phase_rows(phase: &PhaseSummary) -> Markup {
    let hidden = phase.corrected.count > phase.raw.count;
    markup! {
        tr {
            th scope="row" { (words::phase(phase.phase)) }
            td.quiet { @if hidden { "corrected" } }
            (numbers(if hidden { &phase.corrected } else { &phase.raw }))
            td.number { (words::mean(phase.jitter_us)) }
        }
        @if hidden { tr.quiet { th scope="row" { span.aside { (words::phase(phase.phase)) } } td { "measured" } (numbers(&phase.raw)) td {} } }
    }
}

fn numbers(summary: &Summary) -> Markup {
    markup! {
        td.number { (summary.count) }
        @for us in [summary.p50_us, summary.p90_us, summary.p99_us, summary.p99_9_us, summary.max_us] {
            td.number { (words::time(us)) }
        }
    }
}

/// Every way in which rounds failed.
pub(super) fn losses(target: &TargetRecord) -> Markup {
    markup! {
        div.scroll { table {
            thead { tr { th scope="col" { "Stage and failure" } th.number scope="col" { "Rounds" } } }
            tbody { @for loss in &target.losses {
                tr { th scope="row" { (words::loss(loss)) } td.number { (loss.rounds) } }
            } }
        } }
    }
}

/// What happened, in order.
pub(super) fn events(target: &TargetRecord) -> Markup {
    if target.events.is_empty() {
        return markup! { p { "None." } };
    }
    let skipped = target.events.len().saturating_sub(SHOWN);
    markup! {
        (left_out(target.events_total, target.events.len() - skipped, "events"))
        div.scroll { table.events {
            thead { tr { th scope="col" { "Noticed (UTC)" } th scope="col" { "What" } th scope="col" { "" } } }
            tbody { @for event in target.events.iter().skip(skipped) {
                tr {
                    th scope="row" { time datetime=(event.at) { (moment(event.at)) } }
                    td { (words::event_kind(event)) }
                    td { (words::event(event)) }
                }
            } }
        } }
    }
}

/// When nothing was recorded although the monitor ran.
pub(super) fn gaps(gaps: &[Gap]) -> Markup {
    markup! {
        @if !gaps.is_empty() {
            section.gaps {
                h2 { "When recording stopped" }
                p { "The monitor ran, but these rounds are in no figure of this page." }
                div.scroll { table {
                    thead { tr {
                        th scope="col" { "From (UTC)" } th scope="col" { "To" } th.number scope="col" { "Rounds" }
                        th.number scope="col" { "Events" } th scope="col" { "Why" }
                    } }
                    tbody { @for gap in gaps {
                        tr {
                            th scope="row" { (moment(gap.from)) } td { (moment(gap.to)) } td.number { (gap.rounds) }
                            td.number { (gap.events) } td { (escape(&gap.why)) }
                        }
                    } }
                } }
            }
        }
    }
}

/// What a long table does not show.
fn left_out(total: u64, shown: usize, what: &str) -> Markup {
    let left_out = total.saturating_sub(u64::try_from(shown).unwrap_or(u64::MAX));
    markup! {
        @if left_out > 0 { p.quiet { "The last " (shown) " of " (total) " " (what) "; --format json has more, --from and --to show others." } }
    }
}

//! A record in 80 columns, for a terminal or a mail.

use std::io::{self, Write};

use super::words::{self, length, moment};
use crate::monitor::latency::{Phase, Summary};
use crate::monitor::record::{Record, TargetRecord};
use crate::render::escape::escape;

const COLUMNS: usize = 80;

/// Where the second column of a list begins.
const HANG: usize = 21;

/// So many outages are shown, the latest.
const SHOWN: usize = 20;

/// The record as text: figures, outages, latency a phase, losses, gaps.
pub fn text(record: &Record, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{} to {} UTC, {}",
        moment(record.from),
        moment(record.to),
        length(words::between(record.from, record.to))
    )?;
    for target in &record.targets {
        writeln!(out, "\n{}", escape(&target.target))?;
        figures(target, out)?;
        outages(record, target, out)?;
        phases(target, out)?;
        losses(target, out)?;
    }
    gaps(record, out)
}

fn figures(target: &TargetRecord, out: &mut dyn Write) -> io::Result<()> {
    let availability = &target.availability;
    let mut watched = format!("up {}, down {}", length(availability.up_s), length(availability.down_s));
    if availability.unknown_s > 0.0 {
        watched = format!("{watched}, unknown {}", length(availability.unknown_s));
    }
    line(out, "available", &format!("{} ({watched})", words::percent(target.available)))?;
    let rounds = &target.rounds;
    let mut made = format!("{} made, lost: {}", rounds.made, words::lost(target));
    for (count, what) in
        [(rounds.own_side, "by our own side"), (rounds.missed, "left out behind a stalled one")]
    {
        if count > 0 {
            made = format!("{made}, {count} {what}");
        }
    }
    line(out, "rounds", &made)
}

fn outages(record: &Record, target: &TargetRecord, out: &mut dyn Write) -> io::Result<()> {
    let skipped = target.outages.len().saturating_sub(SHOWN);
    let shown = target.outages.len() - skipped;
    let which = if u64::try_from(shown).ok() == Some(target.outages_total) {
        String::new()
    } else {
        format!(", the last {shown}")
    };
    line(out, "outages", &format!("{}{which}", target.outages_total))?;
    for outage in target.outages.iter().skip(skipped) {
        line(out, &moment(outage.start), &words::outage_length(outage, record.to))?;
        line(out, "", &words::symptoms(outage))?;
        if let Some(cause) = &outage.cause {
            line(
                out,
                "",
                &format!("{} ({}): {}", escape(&cause.title), words::standing(cause), escape(&cause.id)),
            )?;
        }
        if !outage.changes.is_empty() {
            line(out, "", &format!("afterwards: {}", words::changes(&outage.changes)))?;
        }
    }
    Ok(())
}

fn phases(target: &TargetRecord, out: &mut dyn Write) -> io::Result<()> {
    if target.phases.is_empty() {
        return Ok(());
    }
    row(out, "latency", ["median", "90 %", "99 %", "99.9 %", "slowest", "jitter"].map(str::to_owned))?;
    for phase in &target.phases {
        let summary = &phase.summary;
        row(out, words::phase(summary.phase), numbers(&summary.corrected, words::mean(summary.jitter_us)))?;
        if summary.corrected.count > summary.raw.count && summary.phase == Phase::Total {
            row(out, "  without correction", numbers(&summary.raw, String::new()))?;
        }
    }
    Ok(())
}

fn numbers(summary: &Summary, jitter: String) -> [String; 6] {
    let [p50, p90, p99, p99_9, max] =
        [summary.p50_us, summary.p90_us, summary.p99_us, summary.p99_9_us, summary.max_us].map(words::time);
    [p50, p90, p99, p99_9, max, jitter]
}

fn losses(target: &TargetRecord, out: &mut dyn Write) -> io::Result<()> {
    for (place, loss) in target.losses.iter().enumerate() {
        let label = if place == 0 { "rounds failed by" } else { "" };
        line(out, label, &format!("{}: {}", words::loss(loss), loss.rounds))?;
    }
    Ok(())
}

fn gaps(record: &Record, out: &mut dyn Write) -> io::Result<()> {
    if record.gaps.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nrecording stopped, these rounds are in no figure above")?;
    for gap in &record.gaps {
        let lost = format!(
            "to {}: {} rounds, {} events: {}",
            moment(gap.to),
            gap.rounds,
            gap.events,
            escape(&gap.why)
        );
        line(out, &moment(gap.from), &lost)?;
    }
    Ok(())
}

fn row(out: &mut dyn Write, label: &str, cells: [String; 6]) -> io::Result<()> {
    write!(out, "  {label:<20}")?;
    for cell in cells {
        write!(out, " {cell:>8}")?;
    }
    writeln!(out)
}

/// A label and a text, which is wrapped under itself.
fn line(out: &mut dyn Write, label: &str, text: &str) -> io::Result<()> {
    let mut label = label;
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && HANG + 2 + line.chars().count() + 1 + word.chars().count() > COLUMNS {
            writeln!(out, "  {label:<HANG$}{line}")?;
            label = "";
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    writeln!(out, "  {label:<HANG$}{line}")
}

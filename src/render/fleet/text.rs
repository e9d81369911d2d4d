//! A fleet in 80 columns, for a terminal or a mail.

use std::io::{self, Write};

use super::words;
use crate::fleet::record::{Host, Scan};
use crate::fleet::survey::{Count, Posture, Survey};
use crate::render::escape::escape;
use crate::render::human::{columns_of, wrap};
use crate::render::measure::{left, share};

/// Where the second column begins.
const HANG: usize = 20;

const COLUMNS: usize = 80;

/// The columns of a host's name and of its verdict.
const TARGET: usize = 32;
const VERDICT: usize = 16;

/// So many hosts with trouble are listed, the worst first.
const SHOWN: u64 = 100;

/// What is counted only where every host was asked.
const UNASKED: &str = "TLS versions, standard RDP, whether NLA is required: --depth full asks";

/// The fleet as text: counts, causes, posture, certificates, builds, outliers, and the hosts with trouble.
///
/// # Errors
///
/// Those of `out`, or the record is damaged.
pub fn text(scan: &Scan, survey: &Survey, out: &mut dyn Write) -> io::Result<()> {
    paragraph(&escape(&survey.source), out)?;
    paragraph(&words::period(survey), out)?;
    if survey.ended.is_none() {
        paragraph(words::NOT_ENDED, out)?;
    }
    if let Some(untested) = words::untested(survey) {
        paragraph(&untested, out)?;
    }
    section("verdicts", &survey.verdicts, survey.targets, words::plain, out)?;
    section("expectations", &survey.results, survey.targets, words::plain, out)?;
    section("missed", &survey.missed, survey.targets, escape, out)?;
    for (place, cause) in survey.causes.iter().enumerate() {
        let label = if place == 0 { "causes" } else { "" };
        line(label, &format!("{:>7}  {}", cause.hosts, words::cause(cause)), out)?;
        line(
            "",
            &format!("         rdprobe explain {} ({})", escape(&cause.id), words::standings(cause)),
            out,
        )?;
    }
    posture("TLS versions", &survey.tls_versions, words::plain, out)?;
    posture("NLA", &survey.nla, words::nla, out)?;
    posture("standard RDP", &survey.standard_rdp, words::standard, out)?;
    if !words::asks_all(survey) {
        line("not asked of all", UNASKED, out)?;
    }
    certificates(survey, out)?;
    for (place, build) in survey.builds.iter().enumerate() {
        let label = if place == 0 { "builds" } else { "" };
        let product = build.product.as_deref().unwrap_or("not known here");
        let support = words::support(build.support).0;
        line(label, &format!("{:>7}  {}, {product}: {support}", build.hosts, escape(&build.build)), out)?;
    }
    if let Some(connect) = &survey.connect {
        let [median, high, most] =
            [connect.p50_us, connect.p99_us, connect.max_us].map(|us| words::time(Some(us)));
        line("TCP connect", &format!("median {median}, 99 % {high}, slowest {most}"), out)?;
    }
    for (place, outlier) in survey.outliers.iter().enumerate() {
        line(if place == 0 { "outliers" } else { "" }, &words::outlier(outlier), out)?;
        let examples: Vec<String> =
            outlier.examples.iter().map(|it| words::example(outlier.kind, it)).collect();
        line("", &format!("  {}", examples.join(", ")), out)?;
    }
    troubled(scan, out)
}

fn section(
    label: &str,
    counts: &[Count],
    all: u64,
    word: fn(&str) -> String,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (place, count) in counts.iter().enumerate() {
        let label = if place == 0 { label } else { "" };
        let part = share(count.hosts, all);
        line(label, &format!("{:>7}  {} ({part})", count.hosts, word(&count.value)), out)?;
    }
    Ok(())
}

fn posture(label: &str, posture: &Posture, word: fn(&str) -> String, out: &mut dyn Write) -> io::Result<()> {
    if posture.known == 0 {
        return Ok(());
    }
    section(label, &posture.counts, posture.known, word, out)?;
    line("", &format!("         of {} that told", posture.known), out)
}

fn certificates(survey: &Survey, out: &mut dyn Write) -> io::Result<()> {
    let certificates = &survey.certificates;
    let mut lines: Vec<(u64, String)> = vec![(certificates.expired, "expired".to_owned())];
    let weeks = certificates.weeks.iter();
    lines.extend(weeks.map(|week| (week.hosts, format!("end in the week from {}", words::day(week.from)))));
    lines.push((certificates.later, "end later".to_owned()));
    let mut label = "certificates";
    for (hosts, what) in lines.into_iter().filter(|(hosts, _)| *hosts > 0) {
        line(label, &format!("{hosts:>7}  {what}"), out)?;
        label = "";
    }
    Ok(())
}

/// Every host that is not as it should be.
fn troubled(scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    let mut seen = 0_u64;
    scan.each_host(&mut |host| {
        if words::is_well(&host.verdict, host.result.as_deref()) {
            return Ok(());
        }
        seen += 1;
        if seen == 1 {
            writeln!(out, "\nhosts with trouble")?;
        }
        if seen > SHOWN {
            return Ok(());
        }
        host_line(&host, out)
    })?;
    if seen > SHOWN {
        writeln!(out, "  and {} more: --format json has them all", seen - SHOWN)?;
    }
    Ok(())
}

/// The worst of a host: the cause where it fails, else what became of the expectations. An id is not broken where it
/// fits a line.
fn host_line(host: &Host, out: &mut dyn Write) -> io::Result<()> {
    let why = if words::is_well(&host.verdict, None) {
        words::unmet(host)
    } else {
        host.cause.as_deref().or(host.stage.as_deref()).map_or_else(|| words::unmet(host), escape)
    };
    let verdict = left(&words::plain(&host.verdict), VERDICT);
    let lead = format!("  {} {verdict}", left(&escape(&host.target), TARGET));
    let room = COLUMNS.saturating_sub(columns_of(&lead)).saturating_sub(1);
    if columns_of(&why) <= room {
        return writeln!(out, "{}", format!("{lead} {why}").trim_end());
    }
    writeln!(out, "{}", lead.trim_end())?;
    wrap(&why, COLUMNS - 4).iter().try_for_each(|part| writeln!(out, "    {part}"))
}

/// A text from the first column on.
fn paragraph(text: &str, out: &mut dyn Write) -> io::Result<()> {
    wrap(text, COLUMNS).iter().try_for_each(|part| writeln!(out, "{part}"))
}

/// A label and a text, which is wrapped under itself.
fn line(label: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
    let indent = text.len() - text.trim_start().len();
    let lines = wrap(text.trim_start(), COLUMNS - 2 - HANG - indent.min(20));
    for (place, part) in lines.iter().enumerate() {
        let label = if place == 0 { label } else { "" };
        writeln!(out, "  {label:<HANG$}{:indent$}{part}", "")?;
    }
    Ok(())
}

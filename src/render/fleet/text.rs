//! A fleet in 80 columns, for a terminal or a mail.

use std::io::{self, Write};

use super::words;
use crate::fleet::record::Scan;
use crate::fleet::survey::{Count, Posture, Survey};
use crate::render::escape::escape;
use crate::render::human::wrap;
use crate::render::measure::share;

/// Where the second column begins.
const HANG: usize = 20;

const COLUMNS: usize = 80;

/// So many hosts with trouble are listed, the worst first.
const SHOWN: u64 = 100;

/// The fleet as text: counts, causes, posture, certificates, builds, outliers, and the hosts with trouble.
///
/// # Errors
///
/// Those of `out`, or the record is damaged.
pub fn text(scan: &Scan, survey: &Survey, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", escape(&survey.source))?;
    writeln!(out, "{}", words::period(survey))?;
    if survey.ended.is_none() {
        writeln!(out, "the scan has not ended: this is what it had seen")?;
    }
    section("verdicts", &survey.verdicts, survey.targets, words::plain, out)?;
    section("expectations", &survey.results, survey.targets, words::plain, out)?;
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
    section(label, &posture.counts, posture.known, word, out)
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
        let good = words::grade(&host.verdict) == "good"
            && host.result.as_deref().is_none_or(|result| words::grade(result) == "good");
        if good {
            return Ok(());
        }
        seen += 1;
        if seen == 1 {
            writeln!(out, "\nhosts with trouble")?;
        }
        if seen > SHOWN {
            return Ok(());
        }
        let why = host.cause.as_deref().or(host.stage.as_deref()).map(escape).unwrap_or_default();
        writeln!(out, "  {:<38} {:<16} {why}", escape(&host.target), words::plain(&host.verdict))
    })?;
    if seen > SHOWN {
        writeln!(out, "  and {} more: --format json has them all", seen - SHOWN)?;
    }
    Ok(())
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

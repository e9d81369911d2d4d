//! What a row of the page unfolds to: the report for a person, or, where no report was kept, what was told of the host.

use std::io::{self, Write};

use super::words::plain;
use crate::fleet::record::Stored;
use crate::fleet::scanned::Scanned;
use crate::policy::Outcome;
use crate::policy::baseline::Shown;
use crate::render::escape::escape;
use crate::render::human::{HumanStyle, human};
use crate::render::words::ms;

/// The columns of an unfolded report.
const COLUMNS: usize = 96;

/// The text, every character of it harmless.
pub(super) fn told(stored: &Stored) -> io::Result<String> {
    let mut text = Vec::new();
    match &stored.report {
        Some(report) => {
            let style = HumanStyle { verbosity: 0, width: COLUMNS, color: false };
            human(report, &style, &mut text)?;
        }
        None => brief(&stored.scanned, &mut text)?,
    }
    expected(&stored.scanned, &mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// The expectations that do not hold, each with the fact that decided it.
fn expected(scanned: &Scanned, out: &mut dyn Write) -> io::Result<()> {
    for judged in &scanned.expectations {
        let label = match judged.outcome {
            Outcome::Met => continue,
            Outcome::Warning => "Warning",
            Outcome::Undecided => "Undecided",
            Outcome::Missed => "Missed",
        };
        writeln!(out, "{label:<14}{}: {}", escape(&judged.expectation), escape(&judged.fact))?;
    }
    Ok(())
}

fn brief(scanned: &Scanned, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}\n{}\n", escape(&scanned.target), escape(&scanned.summary))?;
    for (place, cause) in scanned.causes.iter().enumerate() {
        let standing = crate::render::human::standing(cause.standing).1;
        let label = if place == 0 { "Causes" } else { "" };
        writeln!(
            out,
            "{label:<14}{} ({standing}): rdprobe explain {}",
            escape(&cause.id),
            escape(&cause.id)
        )?;
    }
    for (address, shown) in &scanned.addresses {
        writeln!(out, "{:<14}{address}", "Address")?;
        for (label, value) in facts(shown) {
            if let Some(value) = value {
                writeln!(out, "  {label:<12}{}", escape(&value))?;
            }
        }
    }
    if let Some(connect) = scanned.connect_ms {
        writeln!(out, "{:<14}{}", "Connect", ms(connect))?;
    }
    if !scanned.observations.is_empty() {
        writeln!(out, "{:<14}{}", "Observed", escape(&scanned.observations.join(", ")))?;
    }
    Ok(())
}

fn facts(shown: &Shown) -> [(&'static str, Option<String>); 8] {
    let word = |value: Option<String>| value.map(|word| plain(&word));
    [
        ("protocol", shown.protocol.clone()),
        ("NLA", word(shown.nla.as_ref().and_then(word_of))),
        ("standard RDP", word(shown.standard.as_ref().and_then(word_of))),
        ("TLS", shown.tls_versions.as_ref().map(|versions| versions.join(", "))),
        (
            "certificate",
            shown.certificate.as_ref().map(|it| format!("from {}, until {:.0}", it.issuer, it.not_after)),
        ),
        ("computer", shown.name.clone()),
        ("domain", shown.domain.clone()),
        ("build", shown.build.clone()),
    ]
}

fn word_of<T: serde::Serialize>(value: &T) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
}

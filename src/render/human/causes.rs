//! Why, what to check next, how to mend it, and what a good handshake cannot tell.

use std::io;

use super::layout::{Cell, Page, Paint};
use crate::diagnosis::{Confidence, Diagnosis, Finding, Fix, Standing, Verdict};

/// How many causes one screen shows.
const CAUSES_SHOWN: usize = 3;

/// How many commands one screen shows.
const COMMANDS_SHOWN: usize = 4;

/// How many open questions one screen shows.
const QUESTIONS_SHOWN: usize = 4;

/// Writes the sections, each only if there is something to tell.
pub(super) fn sections(diagnosis: &Diagnosis, verbose: bool, page: &mut Page<'_>) -> io::Result<()> {
    why(diagnosis, verbose, page)?;
    let findings = &diagnosis.findings;
    if let Some(check) = findings.iter().find_map(|finding| finding.next_check.as_deref()) {
        page.section("Next", &[check])?;
    }
    if let Some(finding) = findings.iter().find(|finding| finding.fix.is_some()) {
        fix(finding, findings.len() > 1, verbose, page)?;
    }
    open(&diagnosis.still_open, verbose, page)
}

fn why(diagnosis: &Diagnosis, verbose: bool, page: &mut Page<'_>) -> io::Result<()> {
    let failed = !matches!(diagnosis.verdict, Verdict::Reachable | Verdict::StagePassed);
    let mut label = if failed { "Why" } else { "Note" };
    let all = diagnosis.findings.len();
    let shown = if verbose { all } else { all.min(CAUSES_SHOWN) };
    for finding in diagnosis.findings.iter().take(shown) {
        let (paint, word) = standing(finding.standing);
        let lead =
            [Cell { text: label, columns: 9, paint: Paint::Strong }, Cell { text: word, columns: 11, paint }];
        let confidence = confidence(finding.confidence);
        page.row(&lead, &format!("{} [{}, {confidence}]", finding.title, finding.cause), "")?;
        label = "";
    }
    let hidden = all.saturating_sub(shown);
    if hidden > 0 {
        let plural = if hidden == 1 { "" } else { "s" };
        page.section("", &[format!("and {hidden} more possible cause{plural}: -v shows them")])?;
    }
    Ok(())
}

/// The word for how sure a finding is.
pub(super) const fn standing(standing: Standing) -> (Paint, &'static str) {
    match standing {
        Standing::Confirmed => (Paint::Bad, "confirmed"),
        Standing::Likely => (Paint::Doubt, "likely"),
        Standing::Possible => (Paint::Plain, "possible"),
    }
}

/// The word for how sure the link between cause and signature is.
pub(super) const fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Documented => "documented",
        Confidence::Observed => "observed",
        Confidence::Inferred => "inferred",
    }
}

fn fix(finding: &Finding, others: bool, verbose: bool, page: &mut Page<'_>) -> io::Result<()> {
    let Some(fix) = &finding.fix else { return Ok(()) };
    let condition =
        if others && finding.standing != Standing::Confirmed { "if it is the first: " } else { "" };
    page.section("Fix", &[format!("{condition}{}", channel_words(&fix.channel))])?;
    commands(fix, &finding.cause, verbose, page)
}

fn commands(fix: &Fix, cause: &str, verbose: bool, page: &mut Page<'_>) -> io::Result<()> {
    let shown = if verbose { fix.commands.len() } else { fix.commands.len().min(COMMANDS_SHOWN) };
    for command in fix.commands.iter().take(shown) {
        page.command(command)?;
    }
    let hidden = fix.commands.len().saturating_sub(shown);
    if hidden > 0 {
        page.section("", &[format!("and {hidden} more: rdprobe explain {cause}")])?;
    }
    if let Some(warning) = &fix.warning {
        let lead = [
            Cell { text: "", columns: 9, paint: Paint::Plain },
            Cell { text: "careful:", columns: 9, paint: Paint::Doubt },
        ];
        page.row(&lead, warning, "")?;
    }
    Ok(())
}

/// Where the commands are to be typed.
pub(super) fn channel_words(channel: &str) -> &str {
    match channel {
        "serial-console-cmd" => "in the Serial Console, CMD channel:",
        "serial-console-powershell" => "in the Serial Console, PowerShell:",
        "portal" => "in the Azure portal:",
        "az-cli" => "with the Azure CLI:",
        "az-powershell" => "with Azure PowerShell:",
        "offline-disk" => "with the OS disk attached to a rescue VM:",
        other => other,
    }
}

fn open(questions: &[String], verbose: bool, page: &mut Page<'_>) -> io::Result<()> {
    if questions.is_empty() {
        return Ok(());
    }
    page.section("Open", &["what this probe cannot tell, because it does not log on:"])?;
    let shown = if verbose { questions.len() } else { questions.len().min(QUESTIONS_SHOWN) };
    let dash = [
        Cell { text: "", columns: 9, paint: Paint::Plain },
        Cell { text: "-", columns: 2, paint: Paint::Plain },
    ];
    for question in questions.iter().take(shown) {
        page.row(&dash, question, "")?;
    }
    let hidden = questions.len().saturating_sub(shown);
    if hidden > 0 {
        page.row(&dash, &format!("and {hidden} more: -v shows them"), "")?;
    }
    Ok(())
}

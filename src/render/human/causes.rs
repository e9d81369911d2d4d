//! Why, what to check next, how to mend it, and what a good handshake cannot tell.

use std::io;

use super::layout::{Cell, Page, Paint};
use crate::diagnosis::{Confidence, Diagnosis, Finding, Fix, Standing, Verdict};

/// How many causes one screen shows.
const CAUSES_SHOWN: usize = 3;

/// How many lines of the screen the causes leave for the check, the fix and the way on.
const LINES_AFTER_CAUSES: usize = 10;

/// The columns before an open question.
const QUESTION_INDENT: usize = 11;

/// Fewer commands than this are no beginning of a fix.
const COMMANDS_WORTH_SHOWING: usize = 3;

/// The lines that the footer takes.
const FOOTER_LINES: usize = 1;

/// Writes the sections, each only if there is something to tell.
pub(super) fn sections(diagnosis: &Diagnosis, verbose: bool, page: &mut Page<'_>) -> io::Result<()> {
    why(diagnosis, verbose, page)?;
    let findings = &diagnosis.findings;
    if let Some(check) = findings.iter().find_map(|finding| finding.next_check.as_deref()) {
        page.section("Next", &[check])?;
    }
    if let Some(finding) = findings.iter().find(|finding| finding.fix.is_some()) {
        let first = findings.first().is_some_and(|first| first.cause == finding.cause);
        let after = FOOTER_LINES.saturating_add(usize::from(!diagnosis.still_open.is_empty()));
        fix(finding, first && findings.len() == 1, after, verbose, page)?;
    }
    open(&diagnosis.still_open, verbose, page)
}

fn why(diagnosis: &Diagnosis, verbose: bool, page: &mut Page<'_>) -> io::Result<()> {
    let failed = !matches!(diagnosis.verdict, Verdict::Reachable | Verdict::StagePassed);
    let mut label = if failed { "Why" } else { "Note" };
    let all = diagnosis.findings.len();
    let shown = if verbose { all } else { all.min(CAUSES_SHOWN) };
    let mut told = 0_usize;
    for finding in diagnosis.findings.iter().take(shown) {
        if !verbose && told > 0 && page.lines_left() < LINES_AFTER_CAUSES.saturating_add(2) {
            break;
        }
        told = told.saturating_add(1);
        let (paint, word) = standing(finding.standing);
        let lead =
            [Cell { text: label, columns: 9, paint: Paint::Strong }, Cell { text: word, columns: 10, paint }];
        let confidence = confidence(finding.confidence);
        page.row(&lead, &format!("{} [{}, {confidence}]", finding.title, finding.cause), "")?;
        label = "";
    }
    let hidden = all.saturating_sub(told);
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

/// The fix: whole or at least its beginning where the screen has room for it, else the way to it.
/// `after`: the lines that others need below.
fn fix(finding: &Finding, only: bool, after: usize, verbose: bool, page: &mut Page<'_>) -> io::Result<()> {
    let Some(fix) = &finding.fix else { return Ok(()) };
    let channel = channel_words(&fix.channel);
    let heading = if only || finding.standing == Standing::Confirmed {
        format!("{channel}:")
    } else {
        format!("if it is {}, {channel}:", finding.cause)
    };
    let warning = fix.warning.as_ref().map_or(0, |warning| page.entry_lines(&format!("careful: {warning}")));
    let around = after.saturating_add(page.entry_lines(&heading)).saturating_add(warning);
    let room = page.lines_left().saturating_sub(around);
    let all = fix.commands.len();
    let fit = |room: usize| {
        let heights = fix.commands.iter().map(|command| page.command_lines(command));
        let ends = heights.scan(0_usize, |end, lines| {
            *end = end.saturating_add(lines);
            Some(*end)
        });
        ends.take_while(|end| *end <= room).count()
    };
    let shown = if verbose || fit(room) == all { all } else { fit(room.saturating_sub(1)) };
    if shown < all && shown < COMMANDS_WORTH_SHOWING {
        let plural = if all == 1 { "" } else { "s" };
        return page.section("Fix", &[format!("{all} command{plural}: rdprobe explain {}", finding.cause)]);
    }
    page.section("Fix", &[heading])?;
    commands(fix, shown, &finding.cause, page)
}

fn commands(fix: &Fix, shown: usize, cause: &str, page: &mut Page<'_>) -> io::Result<()> {
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
pub(in crate::render) fn channel_words(channel: &str) -> &str {
    match channel {
        "serial-console-cmd" => "in the Serial Console, CMD channel",
        "serial-console-powershell" => "in the Serial Console, PowerShell",
        "portal" => "in the Azure portal",
        "az-cli" => "with the Azure CLI",
        "az-powershell" => "with Azure PowerShell",
        "client" => "on this machine",
        "server" => "on the server",
        "offline-disk" => "with the OS disk attached to a rescue VM",
        other => other,
    }
}

/// The question itself, without what follows it.
fn leading(question: &str) -> &str {
    question.split_inclusive('?').next().unwrap_or(question)
}

/// The open questions, as many as the screen has room for.
fn open(questions: &[String], verbose: bool, page: &mut Page<'_>) -> io::Result<()> {
    if questions.is_empty() {
        return Ok(());
    }
    let room = page.lines_left().saturating_sub(FOOTER_LINES.saturating_add(1));
    let all = questions.len();
    let shown = if verbose || all <= room { all } else { room.saturating_sub(1) };
    if shown == 0 {
        return page.section("Open", &[format!("{all} questions that only a logon answers: -v shows them")]);
    }
    page.section("Open", &["what this probe cannot tell, because it does not log on:"])?;
    let dash = [
        Cell { text: "", columns: 9, paint: Paint::Plain },
        Cell { text: "-", columns: 2, paint: Paint::Plain },
    ];
    for question in questions.iter().take(shown) {
        let line = if verbose { question.clone() } else { page.one_line(QUESTION_INDENT, leading(question)) };
        page.row(&dash, &line, "")?;
    }
    let hidden = all.saturating_sub(shown);
    if hidden > 0 {
        page.row(&dash, &format!("and {hidden} more: -v shows them"), "")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::channel_words;
    use crate::diagnosis::catalogue;

    #[test]
    fn every_channel_of_the_catalogue_has_its_words() {
        for remedy in catalogue::all().iter().flat_map(|cause| &cause.fixes) {
            let word = remedy.channel.word();
            assert_ne!(channel_words(word), word);
        }
    }
}

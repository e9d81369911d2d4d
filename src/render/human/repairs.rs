//! What to run: on the first screen the first step of the plan, with `-v` all of it.

use std::io;

use super::layout::{Cell, Page, Paint};
use crate::diagnosis::catalogue::Impact;
use crate::diagnosis::{Diagnosis, Repair, Standing};

/// Fewer commands than this are no beginning of a fix.
const COMMANDS_WORTH_SHOWING: usize = 3;

/// Writes the step for the first cause that has one: whole or at least its beginning where the screen has room for it,
/// else the way to it. `after`: the lines that others need below.
pub(super) fn first(diagnosis: &Diagnosis, after: usize, page: &mut Page<'_>) -> io::Result<()> {
    let of = |cause: &str| diagnosis.repairs.iter().find(|repair| repair.explain == cause);
    let Some(repair) = diagnosis.findings.iter().find_map(|finding| of(&finding.cause)) else {
        return Ok(());
    };
    let heading = heading(repair, diagnosis);
    // What belongs to no cause is the snapshot, and what stands after it may need it.
    let is_cause = |step: &Repair| diagnosis.findings.iter().any(|finding| finding.cause == step.explain);
    let mut earlier = diagnosis.repairs.iter().take_while(|step| step.explain != repair.explain);
    let before = earlier.find(|step| !is_cause(step));
    let before = before.map(|step| format!("before that, {}: rdprobe explain {}", step.title, step.explain));
    let closing = closing(repair);
    let around = [Some(heading.as_str()), before.as_deref(), Some(closing.as_str())]
        .into_iter()
        .flatten()
        .chain(repair.warning.as_deref())
        .map(|line| page.entry_lines(line))
        .fold(after, usize::saturating_add);
    let all = repair.commands.len();
    let shown = fitting(&repair.commands, page.lines_left().saturating_sub(around), page);
    if shown < all && shown < COMMANDS_WORTH_SHOWING {
        let channel = channel_words(&repair.channel);
        let way = format!("{channel}: rdprobe explain {} --channel {}", repair.explain, repair.channel);
        return page.section("Fix", &[way]);
    }
    page.section("Fix", &[heading])?;
    page.section("", &before.iter().collect::<Vec<_>>())?;
    for command in repair.commands.iter().take(shown) {
        page.command(command)?;
    }
    let hidden = all.saturating_sub(shown);
    if hidden > 0 {
        page.section("", &[format!("and {hidden} more: rdprobe explain {}", repair.explain)])?;
    }
    careful(repair, page)?;
    page.section("", &[closing])
}

/// How many commands fit: all of them, or as many as leave a line to say that there are more.
fn fitting(commands: &[String], room: usize, page: &Page<'_>) -> usize {
    let fit = |room: usize| {
        let heights = commands.iter().map(|command| page.command_lines(command));
        let ends = heights.scan(0_usize, |end, lines| {
            *end = end.saturating_add(lines);
            Some(*end)
        });
        ends.take_while(|end| *end <= room).count()
    };
    if fit(room) == commands.len() { commands.len() } else { fit(room.saturating_sub(1)) }
}

/// Writes every step, in order.
pub(super) fn all(diagnosis: &Diagnosis, page: &mut Page<'_>) -> io::Result<()> {
    if diagnosis.repairs.is_empty() {
        return Ok(());
    }
    page.blank()?;
    page.text(0, Paint::Strong, "FIXES, the gentlest first; stop as soon as one has helped")?;
    for (number, repair) in diagnosis.repairs.iter().enumerate() {
        let lead =
            [Cell { text: &format!("{}.", number.saturating_add(1)), columns: 9, paint: Paint::Strong }];
        page.row(&lead, &format!("{} [{}]", repair.title, repair.explain), "")?;
        page.section("", &[format!("{}; {}:", impact(repair.impact), channel_words(&repair.channel))])?;
        for command in &repair.commands {
            page.command(command)?;
        }
        careful(repair, page)?;
        page.section("", &[closing(repair)])?;
    }
    Ok(())
}

fn heading(repair: &Repair, diagnosis: &Diagnosis) -> String {
    let channel = channel_words(&repair.channel);
    let confirmed =
        diagnosis.findings.iter().any(|it| it.cause == repair.explain && it.standing == Standing::Confirmed);
    if diagnosis.findings.len() == 1 || confirmed {
        format!("{channel}:")
    } else {
        format!("if it is {}, {channel}:", repair.explain)
    }
}

/// What to see, and what to do next.
fn closing(repair: &Repair) -> String {
    match &repair.expect {
        Some(expect) => format!("expect: {expect}; then {}", repair.then),
        None => format!("then {}", repair.then),
    }
}

fn careful(repair: &Repair, page: &mut Page<'_>) -> io::Result<()> {
    let Some(warning) = &repair.warning else { return Ok(()) };
    let lead = [
        Cell { text: "", columns: 9, paint: Paint::Plain },
        Cell { text: "careful:", columns: 9, paint: Paint::Doubt },
    ];
    page.row(&lead, warning, "")
}

/// What a step does to the machine and its users.
pub(super) const fn impact(impact: Impact) -> &'static str {
    match impact {
        Impact::Reads => "only looks",
        Impact::Changes => "changes a setting",
        Impact::Interrupts => "ends sessions",
        Impact::Restarts => "restarts the machine",
        Impact::Rebuilds => "takes the machine down",
    }
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

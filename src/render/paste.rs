//! Commands of one channel, ready to paste: nothing but commands, and what they cost as comments of that shell.

use std::io::{self, Write};

use crate::diagnosis::catalogue::{Channel, Remedy};

/// Writes the commands of a channel. What its shell has no comments for is returned, to be said elsewhere.
///
/// What lowers security is never pasted by accident: it is written as comments, or not at all.
pub fn paste(fixes: &[Remedy], channel: Channel, out: &mut dyn Write) -> io::Result<Vec<String>> {
    let mut notes = Vec::new();
    let chosen = fixes.iter().filter(|fix| fix.channel == channel);
    for (place, fix) in chosen.enumerate() {
        if place > 0 {
            writeln!(out)?;
        }
        match comment(channel) {
            Some(mark) => commented(fix, mark, out)?,
            None => plain(fix, out, &mut notes)?,
        }
    }
    Ok(notes)
}

fn commented(fix: &Remedy, mark: &str, out: &mut dyn Write) -> io::Result<()> {
    if let Some(warning) = &fix.warning {
        writeln!(out, "{mark} careful: {warning}")?;
    }
    let lead = if fix.lowers_security { format!("{mark} ") } else { String::new() };
    for command in &fix.commands {
        writeln!(out, "{lead}{command}")?;
    }
    match &fix.expect {
        Some(expect) => writeln!(out, "{mark} then expect: {expect}"),
        None => Ok(()),
    }
}

fn plain(fix: &Remedy, out: &mut dyn Write, notes: &mut Vec<String>) -> io::Result<()> {
    notes.extend(fix.warning.iter().map(|warning| format!("careful: {warning}")));
    if fix.lowers_security {
        notes.push(format!("left out, because they lower security: {}", fix.commands.join("; ")));
        return Ok(());
    }
    notes.extend(fix.expect.iter().map(|expect| format!("then expect: {expect}")));
    fix.commands.iter().try_for_each(|command| writeln!(out, "{command}"))
}

/// How a comment begins where the commands are pasted.
const fn comment(channel: Channel) -> Option<&'static str> {
    match channel {
        Channel::SerialConsoleCmd => Some("rem"),
        Channel::SerialConsolePowershell | Channel::AzCli | Channel::AzPowershell | Channel::Server => {
            Some("#")
        }
        // A portal takes clicks, and the others run in whichever shell is at hand.
        Channel::Portal | Channel::OfflineDisk | Channel::Client => None,
    }
}

//! The order of fixes for a report: cheapest and least intrusive first, a snapshot before any repair in the guest.

use super::catalogue::{self, Channel, Impact, Remedy};
use super::{Finding, Repair, Standing, procedure};

/// The procedure that comes before any repair in the guest.
const SNAPSHOT: &str = "snapshot-os-disk";

/// What to do after every step.
const AGAIN: &str = "run rdprobe again";

/// How many causes a plan covers: beyond that, the next check comes first.
const CAUSES: usize = 8;

/// One fix for each of the first findings, in the order to try them.
///
/// What is confirmed comes before what is not; within that, what interrupts nobody before what ends sessions, that
/// before what restarts, and so on; a fix that lowers security last; alike, in the order of the findings.
#[must_use]
pub fn order(findings: &[Finding]) -> Vec<Repair> {
    let mut chosen: Vec<(&Finding, &Remedy)> = findings
        .iter()
        .take(CAUSES)
        .filter_map(|finding| Some((finding, gentlest(&catalogue::get(&finding.cause)?.fixes)?)))
        .collect();
    chosen.sort_by_key(|(finding, remedy)| {
        let impact = remedy.impact.max(Impact::Changes);
        (finding.standing != Standing::Confirmed, remedy.lowers_security, impact)
    });
    let mut plan: Vec<Repair> = Vec::new();
    let mut kept = false;
    for (finding, remedy) in chosen {
        if is_guest_repair(remedy) && !kept {
            plan.extend(snapshot());
            kept = true;
        }
        plan.push(repair(&finding.cause, &finding.title, remedy));
    }
    plan
}

/// The fix of a cause to begin with: one that changes something if there is one, the gentlest of these.
#[must_use]
pub fn gentlest(fixes: &[Remedy]) -> Option<&Remedy> {
    fixes.iter().min_by_key(|remedy| (remedy.impact == Impact::Reads, remedy.lowers_security, remedy.impact))
}

/// Whether it changes something inside Windows or on its disk.
fn is_guest_repair(remedy: &Remedy) -> bool {
    let inside = match remedy.channel {
        Channel::SerialConsoleCmd | Channel::SerialConsolePowershell | Channel::OfflineDisk => true,
        Channel::AzCli | Channel::AzPowershell => remedy.commands.iter().any(|command| runs_inside(command)),
        Channel::Portal | Channel::Client | Channel::Server => false,
    };
    inside && remedy.impact > Impact::Reads
}

/// Azure's ways to run something inside a machine from outside: Run Command and VMAccess.
fn runs_inside(command: &str) -> bool {
    ["run-command", "Invoke-AzVMRunCommand", "VMAccessExtension", "reset-remote-desktop"]
        .into_iter()
        .any(|word| command.contains(word))
}

fn snapshot() -> Option<Repair> {
    let procedure = procedure::get(SNAPSHOT)?;
    Some(repair(&procedure.id, &procedure.title, procedure.fixes.first()?))
}

fn repair(id: &str, title: &str, remedy: &Remedy) -> Repair {
    Repair {
        explain: id.to_owned(),
        title: title.to_owned(),
        channel: remedy.channel.word().to_owned(),
        impact: remedy.impact,
        commands: remedy.commands.clone(),
        warning: remedy.warning.clone(),
        expect: remedy.expect.clone(),
        then: AGAIN.to_owned(),
    }
}

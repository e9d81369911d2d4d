//! Events from `wevtutil qe` (text and XML) and `Get-WinEvent | fl`: a number counts only with its provider.

use std::collections::BTreeMap;

use super::Tells;
use super::services;
use super::words::pair;

/// Providers and the ids that the catalogue means.
const DOCUMENTED: &[(&[&str], &[u16])] = &[
    (
        &[
            "Microsoft-Windows-TerminalServices-RemoteConnectionManager",
            "TermService",
            "TerminalServices-RemoteConnectionManager",
        ],
        &[1004, 1008, 1010, 1036, 1051, 1052, 1053, 1054, 1055, 1057, 1058, 1064, 1065, 1088, 1128, 1130],
    ),
    (&["Schannel"], &[36870, 36871, 36872, 36874, 36888]),
    (&["TermDD"], &[50, 56]),
    (&["Microsoft-Windows-TerminalServices-SessionBroker"], &[2056]),
    (&["Microsoft-Windows-TerminalServices-SessionBroker-Client"], &[1296]),
    (&["NETLOGON"], &[3210, 5719]),
    (&["Microsoft-Windows-GroupPolicy"], &[1129]),
    (&["Microsoft-Windows-User Profiles Service"], &[1511, 1515]),
    (&["Tcpip"], &[4227, 4231]),
    (&[SCM], &[7000, 7001, 7009, 7011, 7022, 7023, 7024, 7031, 7034, 7038]),
    (&[SECURITY], &[4625]),
];

const SCM: &str = "Service Control Manager";
const SECURITY: &str = "Microsoft-Windows-Security-Auditing";

/// How many statuses of failed logons are told: more is an attack, and that is told by its count.
const STATUSES: usize = 8;

/// So many failed logons are no typing errors: by the dozen.
pub(super) const MANY_LOGON_FAILURES: u64 = 24;

/// One kind of event, however often it came.
struct Seen {
    count: u64,
    last: String,
}

/// Reads events of every form, then tells each kind once.
pub(super) fn read(lines: &[&str], tells: &mut Tells<'_>) {
    let mut seen: BTreeMap<(&'static str, u16), Seen> = BTreeMap::new();
    let mut block = Block::default();
    for line in lines {
        if line.contains("<Provider Name=") {
            for event in line.split("<Provider Name=").skip(1) {
                xml(event, &mut seen, tells);
            }
        } else if !block.line(line, tells) {
            block.flush(&mut seen, tells);
            block.line(line, tells);
        }
    }
    block.flush(&mut seen, tells);
    for ((provider, id), event) in seen {
        tell(provider, id, event.count, &event.last, tells);
    }
}

/// Tells one kind of event.
pub(super) fn tell(provider: &str, id: u16, count: u64, last: &str, tells: &mut Tells<'_>) {
    let Some(provider) = known(provider, id) else { return };
    let times = if count == 1 { "once".to_owned() } else { format!("{count} times") };
    let last = if last.is_empty() { String::new() } else { format!(", last at {last}") };
    let fact = format!("{id} of {provider}, {times}{last}");
    match provider {
        SECURITY if count >= MANY_LOGON_FAILURES => tells.tell("guest.logon-failures.many", &fact),
        SECURITY => tells.known = true,
        // Which service an event of the SCM is about stands in its text.
        SCM => {}
        _ => tells.tell(&format!("guest.event.{id}"), &fact),
    }
}

/// The provider's full name, if the id is one of its documented ones.
fn known(provider: &str, id: u16) -> Option<&'static str> {
    let (names, _) = DOCUMENTED.iter().find(|(names, ids)| {
        ids.contains(&id) && names.iter().any(|name| name.eq_ignore_ascii_case(provider))
    })?;
    names.first().copied()
}

fn is_provider(value: &str) -> bool {
    DOCUMENTED.iter().flat_map(|(names, _)| names.iter()).any(|name| name.eq_ignore_ascii_case(value))
}

fn count(
    provider: &str,
    id: u16,
    time: &str,
    seen: &mut BTreeMap<(&'static str, u16), Seen>,
    tells: &mut Tells<'_>,
) {
    tells.known = true;
    let Some(provider) = known(provider, id) else { return };
    let event = seen.entry((provider, id)).or_insert(Seen { count: 0, last: String::new() });
    event.count = event.count.saturating_add(1);
    // Logs are read forwards or backwards; times that compare as text tell which is the last.
    if time > event.last.as_str() {
        time.clone_into(&mut event.last);
    }
}

/// One event as labelled lines, in whichever order and language the labels are.
#[derive(Default)]
struct Block {
    provider: Option<String>,
    id: Option<u16>,
    time: String,
    /// Services that an event of the Service Control Manager names, with the line.
    services: Vec<(&'static str, String)>,
    /// Statuses of a failed logon, with the line.
    statuses: Vec<(String, String)>,
}

impl Block {
    /// Takes a line in; false if it begins the next event.
    fn line(&mut self, line: &str, tells: &mut Tells<'_>) -> bool {
        let full = self.provider.is_some() && self.id.is_some();
        let began = self.provider.is_some() || self.id.is_some();
        if line.starts_with("Event[") && began {
            return false;
        }
        let Some((label, value)) = pair(line) else {
            self.named_in(line);
            return true;
        };
        let (is_provider, is_id, is_time) = (is_provider(value), is_id_label(label), is_time_label(label));
        if full && (is_provider || is_id || is_time) {
            return false;
        }
        if is_provider || label.eq_ignore_ascii_case("ProviderName") {
            self.provider = Some(value.to_owned());
        } else if is_id && let Ok(id) = value.parse() {
            self.id = Some(id);
            tells.known |= self.provider.is_some();
        } else if is_time {
            value.clone_into(&mut self.time);
        } else {
            self.named_in(line);
        }
        true
    }

    fn named_in(&mut self, line: &str) {
        if self.provider.as_deref() == Some(SECURITY) && self.statuses.len() < STATUSES {
            self.statuses.extend(statuses(line).map(|status| (status, line.trim().to_owned())));
        }
        self.services_in(line);
    }

    fn services_in(&mut self, line: &str) {
        if self.provider.as_deref() == Some(SCM) && self.services.len() < 4 {
            self.services.extend(services::named_in(line).map(|service| (service, line.trim().to_owned())));
        }
    }

    fn flush(&mut self, seen: &mut BTreeMap<(&'static str, u16), Seen>, tells: &mut Tells<'_>) {
        let block = std::mem::take(self);
        if let (Some(provider), Some(id)) = (block.provider, block.id) {
            count(&provider, id, &block.time, seen, tells);
            match known(&provider, id) {
                Some(SCM) => {
                    for (service, line) in block.services {
                        scm(service, id, &block.time, &line, tells);
                    }
                }
                Some(SECURITY) => {
                    for (status, line) in block.statuses {
                        logon(&status, &line, tells);
                    }
                }
                _ => {}
            }
        }
    }
}

/// Tells that the Service Control Manager complains of a service.
pub(super) fn scm(service: &str, id: u16, time: &str, line: &str, tells: &mut Tells<'_>) {
    if known(SCM, id).is_some() {
        tells.tell(&format!("guest.scm.{service}"), &format!("{id} of {SCM} at {time}: {line}"));
    }
}

/// Tells why a logon failed, by its status: `c000006a`.
pub(super) fn logon(status: &str, line: &str, tells: &mut Tells<'_>) {
    tells.tell(&format!("guest.logon-status.{status}"), &format!("a logon failed: {line}"));
}

/// The error statuses in a line, `0xC000006A` as `c000006a`: the labels before them are in the guest's language.
fn statuses(line: &str) -> impl Iterator<Item = String> + '_ {
    let words = line.split(|letter: char| !letter.is_ascii_alphanumeric());
    words
        .filter_map(|word| word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")))
        .map(str::to_ascii_lowercase)
        .filter(|digits| digits.len() == 8 && digits.starts_with("c0"))
        .filter(|digits| digits.chars().all(|digit| digit.is_ascii_hexdigit()))
}

/// `Event ID`, `ID d’événement`, `Ereignis-ID`, `Id`.
fn is_id_label(label: &str) -> bool {
    let label = label.trim_matches('*').trim().to_lowercase();
    matches!(label.as_str(), "event id" | "eventid" | "id" | "ereignis-id" | "instanceid")
        || (label.starts_with("id ") && label.contains("nement"))
}

fn is_time_label(label: &str) -> bool {
    let label = label.trim_matches('*').trim().to_lowercase();
    matches!(label.as_str(), "date" | "timecreated" | "datum" | "timegenerated" | "heure")
}

/// What follows `<Provider Name=`, up to the next event.
fn xml(event: &str, seen: &mut BTreeMap<(&'static str, u16), Seen>, tells: &mut Tells<'_>) {
    let quoted = |text: &str| -> Option<String> {
        let quote = text.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
        Some(text.get(1..)?.split(quote).next()?.to_owned())
    };
    let Some(provider) = quoted(event) else { return };
    let id = event.split_once("<EventID").and_then(|(_, rest)| rest.split_once('>')).and_then(|(_, rest)| {
        let digits = rest.split('<').next()?;
        digits.trim().parse().ok()
    });
    let Some(id) = id else { return };
    let time = event.split_once("SystemTime=").and_then(|(_, rest)| quoted(rest)).unwrap_or_default();
    count(&provider, id, &time, seen, tells);
    match known(&provider, id) {
        Some(SCM) => {
            for service in services::named_in(event) {
                scm(service, id, &time, "named in its data", tells);
            }
        }
        Some(SECURITY) => {
            for status in statuses(event).take(STATUSES) {
                logon(&status, &format!("status 0x{status} at {time}"), tells);
            }
        }
        _ => {}
    }
}

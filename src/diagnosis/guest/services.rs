//! Services: `sc query`, `sc queryex`, `sc qc`, `Get-Service`, `tasklist /svc`, and their registry keys.

use super::Tells;
use super::registry::Value;
use super::words::{command, pair};

/// A service that Remote Desktop leans on.
struct Service {
    /// Its short name in lower case, as it stands in the id.
    id: &'static str,
    /// The names that the Service Control Manager's events call it, in lower case.
    shown: &'static [&'static str],
    /// The account that it runs under, without its authority.
    account: &'static str,
    /// Whether it has to run always; others only where they start by themselves.
    always: bool,
}

const fn service(
    id: &'static str,
    account: &'static str,
    always: bool,
    shown: &'static [&'static str],
) -> Service {
    Service { id, shown, account, always }
}

const SERVICES: &[Service] = &[
    service(
        "termservice",
        "networkservice",
        true,
        &[
            "remote desktop services service",
            "services bureau à distance",
            "remotedesktopdienste",
            "remote desktop services ",
        ],
    ),
    service("umrdpservice", "localsystem", false, &["remote desktop services usermode port redirector"]),
    service(
        "sessionenv",
        "localsystem",
        false,
        &["remote desktop configuration", "configuration des services bureau", "remotedesktopkonfiguration"],
    ),
    service(
        "certpropsvc",
        "localsystem",
        false,
        &["certificate propagation", "propagation du certificat", "zertifikatverteilung"],
    ),
    service(
        "keyiso",
        "localsystem",
        false,
        &["cng key isolation", "isolation de clé cng", "cng-schlüsselisolation"],
    ),
    service(
        "cryptsvc",
        "networkservice",
        true,
        &["cryptographic services", "services de chiffrement", "kryptografiedienste"],
    ),
    service("dhcp", "localservice", true, &["dhcp client", "client dhcp", "dhcp-client"]),
    service(
        "nsi",
        "localservice",
        true,
        &["network store interface", "interface du magasin réseau", "netzwerkspeicher-schnittstellendienst"],
    ),
    service("netlogon", "localsystem", false, &["netlogon", "accès réseau", "anmeldedienst"]),
    service(
        "mpssvc",
        "localservice",
        true,
        &["windows firewall", "windows defender firewall", "pare-feu windows"],
    ),
    service("w32time", "localservice", false, &["windows time", "temps windows", "windows-zeitgeber"]),
    service("tssdis", "networkservice", true, &["remote desktop connection broker"]),
    service(
        "rpcss",
        "networkservice",
        true,
        &["remote procedure call (rpc)", "appel de procédure distante", "remoteprozeduraufruf"],
    ),
];

fn find(name: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.id.eq_ignore_ascii_case(name.trim()))
}

/// The services that a line of an event names, by short or display name.
pub(super) fn named_in(line: &str) -> impl Iterator<Item = &'static str> {
    let lower = format!("{} ", line.to_lowercase());
    let words: Vec<String> =
        lower.split(|letter: char| !letter.is_ascii_alphanumeric()).map(str::to_owned).collect();
    SERVICES
        .iter()
        .filter(move |service| {
            service.shown.iter().any(|shown| lower.contains(shown))
                || words.iter().any(|word| word == service.id)
        })
        .map(|service| service.id)
}

/// What is known of one service; numbers as Windows has them.
#[derive(Default, Clone)]
pub(super) struct State {
    /// 1 stopped, 2 starting, 3 stopping, 4 running.
    pub(super) state: Option<u64>,
    /// 2 by itself, 3 on demand, 4 disabled.
    pub(super) start: Option<u64>,
    pub(super) account: Option<String>,
    pub(super) exit: Option<u64>,
}

/// Reads every service of the text.
pub(super) fn read(lines: &[&str], tells: &mut Tells<'_>) {
    let mut current: Option<(&'static Service, State)> = None;
    let mut process: Option<u32> = None;
    for line in lines {
        let bare = line.trim();
        if let Some((_, name)) = pair(bare).filter(|(label, _)| *label == "SERVICE_NAME") {
            tell_current(current.take(), tells);
            tells.known = true;
            current = find(name).map(|service| (service, State::default()));
        } else if let Some((service, state)) = &mut current {
            detail(service, bare, state, tells);
        }
        started(bare, tells);
        get_service(bare, tells);
        process = task(bare, process, tells);
    }
    tell_current(current, tells);
    start_refused(lines, tells);
}

fn tell_current(current: Option<(&'static Service, State)>, tells: &mut Tells<'_>) {
    if let Some((service, state)) = current {
        tell(service.id, &state, tells);
    }
}

/// One line of `sc query` or `sc qc`; the words after the numbers are the same in every language.
fn detail(service: &Service, line: &str, state: &mut State, tells: &mut Tells<'_>) {
    let Some((label, value)) = pair(line) else { return };
    let number: Option<u64> = value.split_whitespace().next().and_then(|word| word.parse().ok());
    let says = |words: &[&str]| words.iter().any(|word| value.contains(word));
    if says(&["RUNNING", "STOPPED", "START_PENDING", "STOP_PENDING", "PAUSED"])
        || matches!(label, "STATE" | "STATUS")
    {
        state.state = number;
    } else if says(&["AUTO_START", "DEMAND_START", "DISABLED"]) {
        state.start = number;
    } else if label == "WIN32_EXIT_CODE" {
        state.exit = number;
    } else if label == "SERVICE_START_NAME" {
        state.account = Some(value.to_owned());
    } else if label == "PID" && service.id == "termservice" {
        tells.term_service_pid = value.parse().ok().filter(|pid| *pid != 0);
    }
}

/// Judges one service.
pub(super) fn tell(name: &str, state: &State, tells: &mut Tells<'_>) {
    let Some(service) = find(name) else { return };
    let failed = state.exit.filter(|code| !matches!(code, 0 | 1077));
    let stopped = state.state == Some(1);
    let by_itself = state.start == Some(2);
    let wrong_account =
        state.account.as_ref().filter(|account| !account.is_empty() && !is_account(account, service.account));
    let wrong = if state.start == Some(4) {
        Some("it is disabled".to_owned())
    } else if let Some(account) = wrong_account {
        Some(format!("its account is {account}, not {}", service.account))
    } else if stopped && (service.always || by_itself || failed.is_some()) {
        Some(format!("it is stopped{}", state.exit.map(meaning).unwrap_or_default()))
    } else if matches!(state.state, Some(2 | 3)) {
        Some("it hangs between stopped and running".to_owned())
    } else {
        None
    };
    let id = format!("service.{}", service.id);
    match wrong {
        Some(wrong) => tells.judge(&id, false, &format!("service {name}: {wrong}")),
        None if state.state == Some(4) => tells.judge(&id, true, &format!("service {name} runs")),
        None => {}
    }
}

/// `NT AUTHORITY\NetworkService`, `NT AUTHORITY\NETWORK SERVICE`, `LocalSystem`.
fn is_account(account: &str, wanted: &str) -> bool {
    let bare = account.rsplit('\\').next().unwrap_or(account);
    let bare: String = bare.to_lowercase().split_whitespace().collect();
    let localised = match wanted {
        "networkservice" => ["serviceréseau", "netzwerkdienst"].as_slice(),
        "localservice" => &["servicelocal", "lokalerdienst"],
        _ => &["système", "system"],
    };
    bare == wanted || localised.contains(&bare.as_str())
}

/// The codes with which a service fails to start.
const CODES: &[(u64, &str)] = &[
    (5, "access denied"),
    (1053, "it did not answer the start in time"),
    (1058, "it is disabled"),
    (1059, "its dependencies form a circle"),
    (1067, "its process ended unexpectedly"),
    (1068, "a service that it depends on failed"),
    (1069, "its account could not log on"),
    (1070, "it hung on start"),
    (1077, "nobody has tried to start it since Windows started"),
    (1079, "its account differs from that of the other services of the process"),
    (1753, "no endpoint is left"),
];

fn meaning(code: u64) -> String {
    let meaning =
        CODES.iter().find(|(known, _)| *known == code).map_or("a code of its own", |(_, meaning)| meaning);
    if code == 0 { String::new() } else { format!(", error {code}: {meaning}") }
}

/// A pasted `sc start NAME` or `net start NAME` that ends in `[SC] StartService ... 1058:`.
fn start_refused(lines: &[&str], tells: &mut Tells<'_>) {
    let mut asked: Option<String> = None;
    for line in lines {
        if let Some(command) = command(line) {
            asked = command.strip_prefix("sc start ").map(|name| name.trim().trim_matches('"').to_owned());
        } else if line.contains("StartService")
            && let Some(service) = asked.take().as_deref().and_then(find)
        {
            let code =
                line.split(|letter: char| !letter.is_ascii_digit()).find_map(|word| word.parse::<u64>().ok());
            if let Some(code) = code {
                let fact = format!("service {} does not start{}", service.id, meaning(code));
                tells.judge(&format!("service.{}", service.id), false, &fact);
            }
        }
    }
}

/// The lines of `sc start` itself carry no name; `net start` words are not language-free, and are left alone.
fn started(line: &str, tells: &mut Tells<'_>) {
    tells.known |= line.starts_with("[SC]");
}

/// `Running  TermService  Remote Desktop Services`: the words are .NET's, in every language.
fn get_service(line: &str, tells: &mut Tells<'_>) {
    let mut words = line.split_whitespace();
    let state = match words.next() {
        Some("Running") => 4,
        Some("Stopped") => 1,
        Some("StartPending") => 2,
        _ => return,
    };
    if let Some(service) = words.next().and_then(find) {
        tell(service.id, &State { state: Some(state), ..State::default() }, tells);
    }
}

/// `svchost.exe   1096 TermService`: which process TermService lives in. Names may go on in the next lines.
fn task(line: &str, process: Option<u32>, tells: &mut Tells<'_>) -> Option<u32> {
    let mut words = line
        .split(|letter: char| letter.is_whitespace() || matches!(letter, '"' | ','))
        .filter(|word| !word.is_empty());
    let image = words.clone().next().is_some_and(|word| word.to_ascii_lowercase().ends_with(".exe"));
    let process = if image { words.nth(1).and_then(|word| word.parse().ok()) } else { process };
    let names = line.split(|letter: char| !letter.is_ascii_alphanumeric());
    if process.is_some() && names.clone().any(|word| word == "TermService") && !line.contains('>') {
        tells.term_service_pid = process;
        tells.known = true;
    }
    process
}

/// `Services\NAME`: `Start` and `ObjectName`, the offline view.
pub(super) fn from_registry(value: &Value<'_>, number: Option<u64>, tells: &mut Tells<'_>) {
    let Some(name) = value.key.strip_prefix("services\\").filter(|name| find(name).is_some()) else { return };
    let state = match value.name.to_ascii_lowercase().as_str() {
        "start" => State { start: number, ..State::default() },
        "objectname" => State {
            account: value.data.map(|data| data.trim_matches('"').replace("\\\\", "\\")),
            ..State::default()
        },
        _ => return,
    };
    tell(name, &state, tells);
}

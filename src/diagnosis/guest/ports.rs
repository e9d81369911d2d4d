//! Who listens at RDP's port: `netstat -ano` and `netstat -anob`.

use super::Tells;

/// Listeners that make a netstat whole: a list filtered to one port has fewer.
const WHOLE: usize = 4;

/// Reads the listening lines; a listener is known by its peer, `0.0.0.0:0` or `[::]:0`, in every language.
pub(super) fn read(lines: &[&str], tells: &mut Tells<'_>) {
    let port = tells.rdp_port();
    let mut listeners = 0_usize;
    let mut found: Option<Owner> = None;
    let mut at_port = false;
    for line in lines {
        let mut words = line.split_whitespace();
        let protocol = words.next();
        if !matches!(protocol, Some("TCP" | "UDP")) {
            if at_port && let Some(owner) = &mut found {
                owner.names(line);
            }
            continue;
        }
        at_port = false;
        let (local, peer) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        if protocol != Some("TCP") || !matches!(peer, "0.0.0.0:0" | "[::]:0") {
            continue;
        }
        tells.known = true;
        listeners = listeners.saturating_add(1);
        if local.rsplit(':').next().and_then(|digits| digits.parse().ok()) == Some(port) {
            at_port = true;
            let pid = words.last().and_then(|word| word.parse().ok());
            found.get_or_insert_with(|| Owner { pid, ..Owner::default() });
        }
    }
    match found {
        Some(owner) => tell(port, owner.pid, owner.term_service, owner.program.as_deref(), tells),
        None if listeners >= WHOLE => tell_nobody(port, tells),
        None => {}
    }
}

#[derive(Default)]
struct Owner {
    pid: Option<u32>,
    term_service: bool,
    program: Option<String>,
}

impl Owner {
    /// The lines below a listener in `netstat -b`: the service's name, then the program in brackets.
    fn names(&mut self, line: &str) {
        let name = line.trim();
        if name.eq_ignore_ascii_case("TermService") {
            self.term_service = true;
        } else if let Some(program) = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
            self.program.get_or_insert_with(|| program.to_owned());
        }
    }
}

/// Tells who owns the port, if that can be told.
pub(super) fn tell(
    port: u16,
    pid: Option<u32>,
    term_service: bool,
    program: Option<&str>,
    tells: &mut Tells<'_>,
) {
    let process = pid.map_or(String::new(), |pid| format!(", process {pid}"));
    let is_svchost = program.is_none_or(|program| program.eq_ignore_ascii_case("svchost.exe"));
    let own_process = pid.is_some() && pid == tells.term_service_pid;
    if (term_service && is_svchost) || own_process {
        tells.tell("guest.port.termservice", &format!("TermService listens at {port}{process}"));
    } else if let Some(program) = program.filter(|_| !is_svchost) {
        tells.tell("guest.port.other-owner", &format!("{program} listens at {port}{process}"));
    } else if let (Some(pid), Some(own)) = (pid, tells.term_service_pid) {
        let fact = format!("process {pid} listens at {port}, TermService is process {own}");
        tells.tell("guest.port.other-owner", &fact);
    }
}

/// Tells that nobody listens.
pub(super) fn tell_nobody(port: u16, tells: &mut Tells<'_>) {
    tells.tell("guest.port.nobody", &format!("no listener at port {port} among all listeners"));
}

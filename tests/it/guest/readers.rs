//! Single lines and odd files: providers, contradictions, other languages, hostile bytes.

use proptest::prelude::{ProptestConfig, any, prop, proptest};
use rdprobe::diagnosis::guest::{self, NotUnderstood};

use super::{ids, read};

fn event(source: &str, id: u32) -> String {
    format!(
        "Event[0]:\n  Log Name: System\n  Source: {source}\n  Date: 2026-03-02T08:11:09\n  Event ID: {id}\n"
    )
}

#[test]
fn an_event_counts_only_with_its_provider() {
    let manager = "Microsoft-Windows-TerminalServices-RemoteConnectionManager";
    assert_eq!(ids(&event(manager, 1058)), ["guest.event.1058"]);
    assert_eq!(ids(&event("Microsoft-Windows-GroupPolicy", 1058)), [""; 0]);
    assert_eq!(ids(&event("Disk", 50)), [""; 0]);
}

#[test]
fn events_are_counted_and_the_last_one_is_named() {
    let told = read(&[event("Schannel", 36870), event("Schannel", 36870).replace("08:11", "09:12")].concat());
    assert_eq!(told[0].fact, "guest.txt: 36870 of Schannel, 2 times, last at 2026-03-02T09:12:09");
}

#[test]
fn an_event_of_the_service_control_manager_is_about_the_service_it_names() {
    let scm =
        |text: &str| ids(&format!("{}  Description: \n{text}\n", event("Service Control Manager", 7022)));
    assert_eq!(scm("The Remote Desktop Services service hung on starting."), ["guest.scm.termservice"]);
    assert_eq!(scm("Le service Client DHCP est en attente de démarrage."), ["guest.scm.dhcp"]);
    assert_eq!(
        scm("Der Dienst Remotedesktopdienste wurde nicht richtig gestartet."),
        ["guest.scm.termservice"]
    );
    assert_eq!(scm("The Print Spooler service hung on starting."), [""; 0]);
}

#[test]
fn what_is_wrong_in_one_control_set_outweighs_what_is_right_in_the_other() {
    let key = |set: u8, value: u8| {
        format!(
            "HKEY_LOCAL_MACHINE\\BROKENSYSTEM\\ControlSet00{set}\\Control\\Terminal Server\n    fDenyTSConnections    REG_DWORD    0x{value}\n"
        )
    };
    for text in [[key(1, 0), key(2, 1)].concat(), [key(2, 1), key(1, 0)].concat()] {
        let told = read(&text);
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].id, "guest.reg.fdenytsconnections.bad");
        assert!(told[0].fact.contains("BROKENSYSTEM\\ControlSet002"), "{}", told[0].fact);
        assert!(
            told[0].fact.contains("; though") && told[0].fact.contains("ControlSet001"),
            "{}",
            told[0].fact
        );
    }
}

#[test]
fn a_stopped_service_says_what_its_code_means() {
    let told = read("SERVICE_NAME: TermService\n  STATE : 1  STOPPED\n  WIN32_EXIT_CODE : 1069  (0x42d)\n");
    assert_eq!(
        told[0].fact,
        "guest.txt: service termservice: it is stopped, error 1069: its account could not log on"
    );
}

#[test]
fn a_service_that_waits_for_its_trigger_is_no_fault() {
    assert_eq!(
        ids("SERVICE_NAME: KeyIso\n  STATE : 1  STOPPED\n  WIN32_EXIT_CODE : 1077  (0x435)\n"),
        [""; 0]
    );
}

#[test]
fn a_wrong_account_is_a_fault_though_the_service_is_on_demand() {
    let text =
        "SERVICE_NAME: TermService\n  START_TYPE : 3   DEMAND_START\n  SERVICE_START_NAME : LocalSystem\n";
    assert_eq!(ids(text), ["guest.service.termservice.bad"]);
    let right = text.replace("LocalSystem", "NT Authority\\NetworkService");
    assert_eq!(ids(&right), [""; 0]);
}

#[test]
fn netstat_is_read_in_any_language_with_the_process_of_tasklist() {
    let netstat = "  TCP    0.0.0.0:3389    0.0.0.0:0    ABHÖREN    1096\n";
    let tasks = |pid: u16| format!("svchost.exe                   {pid} TermService\n{netstat}");
    assert_eq!(ids(&tasks(1096)), ["guest.port.termservice"]);
    assert_eq!(ids(&tasks(900)), ["guest.port.other-owner"]);
    // Without the process nothing is known but that somebody listens.
    assert_eq!(ids(netstat), [""; 0]);
}

#[test]
fn nobody_listens_only_where_the_list_is_whole() {
    let line = |port: u16| format!("  TCP    0.0.0.0:{port}    0.0.0.0:0    LISTENING    4\n");
    let whole: String = [135, 445, 5985, 47001, 49664].map(line).concat();
    assert_eq!(ids(&whole), ["guest.port.nobody"]);
    assert_eq!(ids(&line(135)), [""; 0]);
}

#[test]
fn a_language_that_is_not_known_yields_nothing_rather_than_a_guess() {
    let spanish = "Estado administrativo  Estado  Tipo  Nombre\nDeshabilitado    Desconectado    Dedicado    Ethernet\n";
    assert_eq!(ids(spanish), [""; 0]);
    let italian = "Configurazione per l'interfaccia \"Ethernet\"\n  DHCP abilitato:   Certo\n  Indirizzo IP:   10.0.0.4\n";
    assert_eq!(ids(italian), [""; 0]);
}

#[test]
fn a_pasted_console_holds_several_kinds() {
    let console = "\
C:\\>sc queryex TermService

SERVICE_NAME: TermService
        TYPE               : 20  WIN32_SHARE_PROCESS
        STATE              : 4  RUNNING
        WIN32_EXIT_CODE    : 0  (0x0)
        PID                : 1096
        FLAGS              :

C:\\>reg query \"HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp\" /v LanAdapter

ERROR: The system was unable to find the specified registry key or value.

C:\\>netstat -ano | findstr 3389
  TCP    0.0.0.0:3389           0.0.0.0:0              LISTENING       1096

C:\\>qwinsta
 SESSIONNAME       USERNAME                 ID  STATE   TYPE        DEVICE
 services                                    0  Disc
>console           alice                     1  Active
 rdp-tcp                                 65536  Listen

C:\\>sc start SessionEnv
[SC] StartService FAILED 1058:

The service cannot be started, either because it is disabled or because it has no enabled devices associated with it.

PS C:\\> Test-ComputerSecureChannel
True
";
    let mut told = ids(console);
    told.sort();
    assert_eq!(
        told,
        [
            "guest.listener.ok",
            "guest.port.termservice",
            "guest.reg.lanadapter.ok",
            "guest.secure-channel.ok",
            "guest.service.sessionenv.bad",
            "guest.service.termservice.ok",
            "guest.sessions.free",
        ]
    );
}

/// Our own format tells what is wrong as well as what is right.
#[test]
fn a_collected_file_of_a_broken_machine_is_read_into_its_faults() {
    let text = "rdprobe-guest/1\nt|2026-03-01T12:00:00Z\ns|TermService|1|4|1058|LocalSystem\nb|MINIMAL\n\
        r|TS|fDenyTSConnections|1\nr|TP|fDenyTSConnections|1\nr|RT|PortNumber|3390\nr|RT|MaxInstanceCount|-1\n\
        r|RT|SSLCertificateSHA1Hash|00112233445566778899AABBCCDDEEFF00112233\np|3390|-\nf|rule|-\n\
        f|profile|DomainProfile|1|1\ni|0|1\na|0|10.0.0.4,10.0.0.5\nq|0|2\nr|TS|TSAppCompat|0\n\
        e|Service Control Manager|7031|3|2026-02-28T00:00:00Z|TermService\n\
        c|90E1F8B39E1D0C2C2A3B4C5D6E7F8091A2B3C4D5|2026-08-01T00:00:00Z|0\nk|MachineK|D:PAI(A;;FA;;;BA)\n\
        r|T0|Enabled|0\nr|T1|Enabled|0\nr|T2|DisabledByDefault|1\nd|False\nw|Local CMOS Clock\nj|NO\nend|cut|4\n";
    let told = ids(text);
    for id in [
        "guest.answers",
        "guest.service.termservice.bad",
        "guest.safe-mode.bad",
        "guest.reg.fdenytsconnections.bad",
        "guest.policy.fdenytsconnections.bad",
        "guest.reg.portnumber.bad",
        "guest.reg.maxinstancecount.ok",
        "guest.reg.sslcertificatesha1hash.bad",
        "guest.port.nobody",
        "guest.firewall.rule.bad",
        "guest.firewall.block-all.bad",
        "guest.nic.bad",
        "guest.dhcp.bad",
        "guest.addresses.several",
        "guest.listener.bad",
        "guest.scm.termservice",
        "guest.cert.no-key",
        "guest.machinekeys.bad",
        "guest.schannel.off",
        "guest.secure-channel.bad",
        "guest.clock.bad",
        "guest.entra.not-joined",
    ] {
        assert!(told.iter().any(|told| told == id), "{id}: {told:?}");
    }
}

#[test]
fn a_policy_is_told_apart_from_the_machines_own_value() {
    let text = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services\n    SecurityLayer    REG_DWORD    0x0\n";
    assert_eq!(ids(text), ["guest.policy.securitylayer.bad"]);
}

#[test]
fn values_that_windows_itself_sets_are_no_fault() {
    let text = "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp\n    \
                KeepAliveTimeout    REG_DWORD    0x0\n    fInheritReconnectSame    REG_DWORD    0x1\n    \
                MinEncryptionLevel    REG_DWORD    0x3\n";
    assert_eq!(ids(text), ["guest.reg.rdp-tcp.ok"]);
}

#[test]
fn what_cannot_be_understood_says_why() {
    assert_eq!(guest::read("a", b""), Err(NotUnderstood::Empty));
    assert_eq!(guest::read("a", b"\xef\xbb\xbf \r\n"), Err(NotUnderstood::Empty));
    assert_eq!(guest::read("a", b"lorem ipsum dolor"), Err(NotUnderstood::NothingKnown));
    assert_eq!(guest::read("a", &vec![b'x'; guest::LONGEST + 1]), Err(NotUnderstood::TooLong));
}

#[test]
fn a_long_line_makes_no_long_fact() {
    let key = "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\n";
    let told = read(&format!("{key}    fDenyTSConnections    REG_DWORD    0x1{}\n", " x".repeat(5000)));
    assert!(told.iter().all(|told| told.fact.len() < 400), "{told:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let _unread = guest::read("bytes", &bytes);
    }

    /// Pieces of what is understood, in any order: whatever the readers expect next does not come.
    #[test]
    fn no_torn_text_makes_the_reader_panic(pieces in prop::collection::vec((0..PIECES.len(), "[ -~é|:\n\\\\]{0,12}"), 0..60)) {
        let text: String = pieces.iter().flat_map(|(at, junk)| [PIECES[*at], junk.as_str()]).collect();
        let _unread = guest::read("torn", text.as_bytes());
    }
}

const PIECES: &[&str] = &[
    "\n",
    "Event[0]:\n",
    "  Source: Schannel\n",
    "  Event ID: 36870\n",
    "<Provider Name='",
    "<EventID>",
    "SystemTime='",
    "HKEY_LOCAL_MACHINE\\",
    "SYSTEM\\ControlSet001\\",
    "    PortNumber    REG_DWORD    0x",
    "\"PortNumber\"=dword:",
    "C:\\>reg query \"HKLM\\",
    "ERROR: ",
    "SERVICE_NAME: TermService\n",
    "STATE : ",
    "rdprobe-guest/1\n",
    "r|RT|",
    "e|",
    "  TCP    0.0.0.0:3389    ",
    "svchost.exe ",
    "-----\n",
    "MachineKeys BUILTIN\\Users:(",
    "f|rule|",
    "DHCP enabled: ",
    "{\"value\":[{\"message\":\"",
    "console 1 ",
    "services 0 ",
    "rdp-tcp 65536 ",
    "é>é",
    ">",
    "k|a|D:(",
    "s|TermService|",
];

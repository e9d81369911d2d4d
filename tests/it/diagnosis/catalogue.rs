//! The files of the catalogue against the vocabulary and against each other.

use rdprobe::diagnosis::catalogue::{self, Cause, Impact, Remedy};
use rdprobe::diagnosis::observation::vocabulary::{
    Seen, Weight, lookup, matches, pattern_is_known, vocabulary,
};
use rdprobe::diagnosis::procedure;
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn every_file_parses_and_every_file_is_listed() {
    assert_eq!(catalogue::broken(), &[] as &[String]);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/diagnosis/catalogue");
    let on_disk: BTreeSet<String> = std::fs::read_dir(folder)
        .expect("the catalogue's folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .filter_map(|name| name.strip_suffix(".md").map(str::to_owned))
        .collect();
    let listed: BTreeSet<String> = catalogue::files().iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(on_disk, listed);
    assert!(catalogue::all().len() >= 45, "only {} causes", catalogue::all().len());
    assert!(catalogue::get("nsg-blocks-rdp").is_some() && catalogue::get("no-such-cause").is_none());
}

#[test]
fn a_file_without_its_fences_or_with_an_unknown_field_is_refused() {
    let good = "+++\nid = \"x\"\ntitle = \"t\"\nfamily = \"path\"\nconfidence = \"inferred\"\n+++\n\nprose\n";
    assert_eq!(catalogue::parse(good).expect("it parses").prose, "prose");
    for bad in [&good[4..], &good[..50], &good.replace("title", "titel")] {
        assert!(catalogue::parse(bad).is_err(), "{bad} was taken");
    }
}

#[test]
fn every_observation_named_in_a_front_matter_exists() {
    for cause in catalogue::all() {
        for pattern in patterns(cause) {
            assert!(pattern_is_known(pattern), "{}: {pattern} is not in the vocabulary", cause.id);
        }
    }
}

#[test]
fn the_vocabulary_knows_families_and_nothing_that_merely_looks_like_one() {
    for id in
        ["x224.negfail.7", "tls.alert.70.ch", "tls.version.1.2", "nla.errcode.c0000418", "x224.src-ref.1234"]
    {
        assert!(lookup(id).is_some(), "{id} is not known");
    }
    for id in
        ["x224.negfail.", "x224.negfail.five", "tls.alert.70", "nla.errcode.C0000418", "tcp.timeouts", ""]
    {
        assert!(lookup(id).is_none(), "{id} is known");
    }
    assert_eq!(lookup("nla.ver.3").map(|word| word.weight), Some(Weight::Symptom));
    assert_eq!(lookup("nla.ver.6").map(|word| word.weight), Some(Weight::Neutral));
    assert!(matches("tls.alert.*", "tls.alert.40.ch") && !matches("tls.alert.*", "tls.alerts"));
    assert!(!pattern_is_known("tls.alerts.*") && !pattern_is_known("x224.negfail.N"));
    let ids: BTreeSet<&str> = vocabulary().map(|word| word.id).collect();
    assert_eq!(ids.len(), vocabulary().count(), "an id stands twice");
}

#[test]
fn every_symptom_is_explained_by_some_cause() {
    for word in vocabulary().filter(|word| word.weight == Weight::Symptom && word.seen != Seen::Told) {
        let sample = sample(word.id);
        let explained = catalogue::all().iter().any(|cause| {
            let known = cause.explains.iter().chain(&cause.confirms);
            known.clone().any(|pattern| matches(pattern, &sample) || lookup(pattern) == Some(word))
        });
        assert!(explained, "nothing explains {}", word.id);
    }
}

/// One id of a family, or the id itself.
fn sample(template: &str) -> String {
    template
        .split('.')
        .map(|segment| match segment {
            "N" => "77",
            "X" => "c0ffee",
            "V" => "1.2",
            literal => literal,
        })
        .collect::<Vec<_>>()
        .join(".")
}

#[test]
fn twins_exist_and_know_each_other() {
    for cause in catalogue::all() {
        for twin in &cause.twins {
            let other = catalogue::get(twin).unwrap_or_else(|| panic!("{}: no twin {twin}", cause.id));
            assert!(other.twins.contains(&cause.id), "{twin} does not know its twin {}", cause.id);
            assert_ne!(twin, &cause.id);
        }
        for twin in cause.separates.keys() {
            assert!(cause.twins.contains(twin), "{}: it separates {twin}, which is no twin", cause.id);
        }
        let may_stand = cause.invisible.is_none() && !cause.informational;
        assert!(!may_stand || cause.next_check.is_some(), "{}: no next check", cause.id);
    }
}

#[test]
fn a_cause_that_explains_nothing_says_why_the_wire_cannot_show_it() {
    for cause in catalogue::all() {
        let visible =
            cause.explains.iter().filter_map(|pattern| lookup(pattern)).any(|it| it.seen == Seen::Now)
                || cause.explains.iter().any(|pattern| pattern.ends_with('*'));
        assert!(visible || cause.invisible.is_some(), "{}: neither seen nor said to be invisible", cause.id);
    }
}

#[test]
fn every_file_reads_like_the_others() {
    for cause in catalogue::all() {
        assert!(!cause.title.ends_with('.') && cause.title.len() < 90, "{}: title", cause.id);
        assert!(!cause.fixes.is_empty(), "{}: nothing to run", cause.id);
        for heading in ["## What it is", "## How to confirm", "## How to fix", "## What to watch for"] {
            assert!(cause.prose.contains(heading), "{}: no {heading}", cause.id);
        }
        for page in &cause.docs {
            assert!(page.starts_with("https://learn.microsoft.com/"), "{}: {page}", cause.id);
        }
    }
}

/// The misprints of the vendor's own pages must not come back.
#[test]
fn commands_carry_none_of_the_known_misprints() {
    for (cause, command) in commands() {
        let wrong = [
            ("'HKLM\\", "a PowerShell path without the colon"),
            ("/v '", "single quotes in CMD become part of the name"),
            ("SYSTEM.hiv", "the hive has no extension"),
            ("WindowsNT", "the blank is missing"),
            ("/d ffffffff", "hex without 0x is not taken"),
            ("AzureRm", "the module is retired"),
            ("Name=' ", "a blank inside the quotes never matches"),
            (":8080", "the port is 3389"),
            ("psreadline icacls", "two commands in one"),
        ];
        for (text, why) in wrong {
            assert!(!command.contains(text), "{cause}: {command}: {why}");
        }
        assert!(
            !command.ends_with("REG_DWO") && !command.ends_with("source=dhc"),
            "{cause}: {command}: cut off"
        );
        let writes = command.contains("reg query") && command.contains(" /t REG_");
        assert!(!writes, "{cause}: {command}: a query does not write");
        let everyone = command.contains("Everyone") || command.contains("\"Network Service\" /add");
        assert!(!everyone, "{cause}: {command}: gives rights to all");
    }
}

#[test]
fn a_command_that_lowers_security_or_ends_sessions_says_so() {
    let risky = [
        "SecurityLayer /t REG_DWORD /d 0",
        "UserAuthentication /t REG_DWORD /d 0",
        "AllowEncryptionOracle /t REG_DWORD /d 2",
        "TLS 1.0\\Server\" /v Enabled /t REG_DWORD /d 1",
        "FIPSAlgorithmPolicy /v Enabled /t REG_DWORD /d 0",
        "MinEncryptionLevel /t REG_DWORD",
        "state off",
        "access Allow",
        "TermService /y",
        "Restart-Service TermService",
        "Restart-AzVM",
        "edeploy ",
        "shutdown /r",
        "takeown /f \"C:",
    ];
    let mut found = BTreeSet::new();
    for cause in catalogue::all() {
        for fix in &cause.fixes {
            for text in
                risky.iter().filter(|text| fix.commands.iter().any(|command| command.contains(**text)))
            {
                found.insert(*text);
                assert!(fix.warning.is_some(), "{}: {text} without a warning", cause.id);
            }
        }
    }
    assert!(found.len() >= 10, "the list of risky commands is stale: {found:?}");
}

#[test]
fn the_commands_of_the_repair_articles_stand_in_their_causes() {
    let stands = |cause: &str, command: &str| {
        let cause = catalogue::get(cause).unwrap_or_else(|| panic!("no cause {cause}"));
        let all: Vec<&String> = cause.fixes.iter().flat_map(|fix| &fix.commands).collect();
        assert!(all.iter().any(|known| known.contains(command)), "{}: {command} is missing", cause.id);
    };
    stands("static-ip-in-guest", "netsh interface ip set address name=\"Ethernet\" source=dhcp");
    stands("rdp-cert-private-key-inaccessible", "/grant \"NT AUTHORITY\\NETWORK SERVICE:(R)\"");
    stands("rdp-cert-missing", "Start-Service -Name \"SessionEnv\"");
    stands("rdp-cert-missing", "EventID=1058");
    stands("port-taken-by-other-app", "netstat -anob | findstr 3389");
    stands("port-taken-by-other-app", "-Path 'HKLM:\\SYSTEM");
    stands("ssl-cert-thumbprint-mismatch", "/v SSLCertificateSHA1Hash");
    stands("security-layer-rdp", "fAllowSecProtocolNegotiation /t REG_DWORD /d 1");
    stands("listener-misconfigured-disconnects", "MaxInstanceCount /t REG_DWORD /d 4294967295");
    stands("platform-issue", "Set-AzVM -Redeploy");
    stands("rdp-disabled-registry", "Set-AzVMAccessExtension");
}

fn patterns(cause: &Cause) -> impl Iterator<Item = &String> {
    [&cause.explains, &cause.needs, &cause.excludes, &cause.against, &cause.confirms, &cause.heard]
        .into_iter()
        .flatten()
}

fn commands() -> impl Iterator<Item = (&'static str, &'static str)> {
    catalogue::all().iter().flat_map(|cause| {
        let commands = cause.fixes.iter().flat_map(|fix| &fix.commands);
        commands.map(|command| (cause.id.as_str(), command.as_str()))
    })
}

// ---- name and path, machine, guest network, listener; procedures ----

#[test]
fn the_causes_of_path_machine_network_and_listener_have_their_documented_ids() {
    let path = "dns-name-unresolved dns-stale-ip client-side-block nsg-blocks-rdp jit-access-not-requested \
                no-public-ip wrong-route lb-or-nat-rule";
    let machine =
        "vm-not-running platform-issue vm-needs-redeploy vm-boot-stuck safe-mode sysprep-state nic-disabled";
    let network = "static-ip-in-guest dhcp-client-disabled nsi-not-starting netlogon-not-starting netvsc-driver \
                   guest-firewall-rule-disabled guest-firewall-block-all-inbound ipsec-or-third-party-firewall \
                   antivirus multi-ip-primary";
    let listener = "rdp-disabled-registry rdp-disabled-gpo gp-refresh-flap ts-disabled listener-disabled \
                    drain-mode ts-user-disabled listener-logon-disabled termservice-not-running \
                    termservice-hung rdp-port-changed port-taken-by-other-app listener-bound-to-wrong-nic \
                    listener-key-corrupt network-service-rights";
    for id in [path, machine, network, listener].into_iter().flat_map(str::split_whitespace) {
        assert!(catalogue::get(id).is_some(), "no cause {id}");
    }
}

#[test]
fn what_is_heard_is_what_a_client_displays() {
    for cause in catalogue::all() {
        for id in &cause.heard {
            let word = lookup(id).unwrap_or_else(|| panic!("{}: {id} is not in the vocabulary", cause.id));
            assert_eq!(word.weight, Weight::Complaint, "{}: {id}", cause.id);
        }
    }
}

/// The vendor's quick steps in its order, and what has replaced the classic model's.
pub(super) const QUICK_STEPS: [&str; 8] = [
    "reset-rdp",
    "check-nsg",
    "console-log",
    "reset-network-interface",
    "resource-health",
    "reset-password",
    "restart-vm",
    "redeploy-vm",
];

#[test]
fn every_procedure_parses_and_is_named_or_a_quick_step() {
    assert_eq!(procedure::broken(), &[] as &[String]);
    let named: BTreeSet<&str> =
        catalogue::all().iter().flat_map(|cause| &cause.procedures).map(String::as_str).collect();
    for id in &named {
        assert!(procedure::get(id).is_some(), "no procedure {id}");
    }
    for id in QUICK_STEPS {
        assert!(procedure::get(id).is_some(), "no quick step {id}");
    }
    for procedure in procedure::all() {
        let id = procedure.id.as_str();
        assert!(named.contains(id) || QUICK_STEPS.contains(&id), "nothing leads to {id}");
        assert!(catalogue::all().iter().all(|cause| cause.id != id), "{id} is a cause as well");
    }
}

#[test]
fn procedures_are_on_disk_as_listed_and_read_like_each_other() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/diagnosis/procedures");
    let on_disk = std::fs::read_dir(folder).expect("the procedures' folder").count();
    assert_eq!(on_disk, procedure::files().len());
    for procedure in procedure::all() {
        assert!(!procedure.title.ends_with('.') && procedure.title.len() < 90, "{}: title", procedure.id);
        for heading in ["## What it does", "## When to use it", "## What to watch for"] {
            assert!(procedure.prose.contains(heading), "{}: no {heading}", procedure.id);
        }
        for page in &procedure.docs {
            assert!(page.starts_with("https://learn.microsoft.com/"), "{}: {page}", procedure.id);
        }
    }
}

/// The cheapest procedure first, by the gentlest of its fixes.
#[test]
fn procedures_stand_with_the_cheapest_first() {
    let costs: Vec<_> = procedure::all()
        .iter()
        .map(|procedure| procedure.fixes.first().map(|fix| (fix.impact, procedure.id.as_str())))
        .collect();
    assert!(costs.is_sorted_by_key(|cost| cost.map(|(impact, _)| impact)), "{costs:?}");
}

#[test]
fn fixes_stand_with_the_gentlest_first_and_what_lowers_security_last() {
    for (id, fixes) in remedies() {
        let keys: Vec<_> = fixes.iter().map(|fix| (fix.lowers_security, fix.impact)).collect();
        assert!(keys.is_sorted_by_key(|(lowers, _)| *lowers), "{id}: a fix after one that lowers security");
        for fix in fixes {
            let speaks = fix.warning.is_some();
            assert!(speaks || !fix.lowers_security, "{id}: it lowers security without a warning");
            assert!(speaks || fix.impact <= Impact::Interrupts, "{id}: {:?} without a warning", fix.commands);
        }
    }
}

/// What comes out of a loaded hive has to go back, and a change goes into both control sets.
#[test]
fn offline_repairs_unload_what_they_load() {
    for (id, fixes) in remedies() {
        for fix in fixes {
            let count = |text: &str| fix.commands.iter().filter(|command| command.contains(text)).count();
            for hive in ["BROKENSYSTEM", "BROKENSOFTWARE"] {
                let (loads, unloads) =
                    (format!("reg load HKLM\\{hive} "), format!("reg unload HKLM\\{hive}"));
                assert_eq!(count(&loads), count(&unloads), "{id}: {hive}: {:?}", fix.commands);
                let uses = count(&format!("\\{hive}\\"));
                assert!(uses == 0 || count(&loads) == 1, "{id}: {hive} is used and not loaded");
            }
        }
    }
}

#[test]
fn commands_of_procedures_carry_no_misprint_either() {
    let commands = || procedure::all().iter().flat_map(|it| it.fixes.iter().flat_map(|fix| &fix.commands));
    assert!(commands().count() > 50);
    for command in commands() {
        for wrong in ["AzureRm", "SYSTEM.hiv", "'HKLM\\", "/v '", "WindowsNT", "source=dhc\"", ":3398"] {
            assert!(!command.contains(wrong), "{command}: {wrong}");
        }
    }
}

/// The fixes of every cause and of every procedure, by its id.
fn remedies() -> impl Iterator<Item = (&'static str, &'static [Remedy])> {
    let of_causes = catalogue::all().iter().map(|it| (it.id.as_str(), it.fixes.as_slice()));
    let of_procedures = procedure::all().iter().map(|it| (it.id.as_str(), it.fixes.as_slice()));
    of_causes.chain(of_procedures)
}

//! The files of the catalogue against the vocabulary and against each other.

use rdprobe::diagnosis::catalogue::{self, Cause};
use rdprobe::diagnosis::observation::vocabulary::{
    Seen, Weight, lookup, matches, pattern_is_known, vocabulary,
};
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
    stands("rdp-disabled", "Set-AzVMAccessExtension");
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

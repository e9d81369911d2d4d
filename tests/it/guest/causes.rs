//! A file a cause that only the guest can show: its name is the cause's id, what it holds is real-looking tool output.

use std::collections::BTreeSet;

use rdprobe::diagnosis::catalogue::{self, Cause};
use rdprobe::diagnosis::guest;
use rdprobe::diagnosis::observation::{Seen, is_symptom, lookup};
use rdprobe::diagnosis::{Finding, Observation, Standing, rank};
use rdprobe::evidence::Testimony;

use crate::fixture::V4;

/// The file's name, and the id that has to come out of it.
const EXPECTED: &[(&str, &str)] = &[
    ("aad-client-not-joined", "guest.entra.not-joined"),
    ("aad-extension-failed", "azure.extension.bad"),
    ("account-disabled", "guest.logon-status.c0000072"),
    ("account-expired", "guest.logon-status.c0000193"),
    ("account-locked", "guest.logon-status.c0000234"),
    ("bad-credentials", "guest.logon-status.c000006a"),
    ("broken-secure-channel", "guest.secure-channel.bad"),
    ("brute-force", "guest.logon-failures.many"),
    ("cipher-suite-mismatch", "guest.event.36874"),
    ("collected-healthy", "guest.answers"),
    ("credssp-encryption-oracle", "guest.reg.allowencryptionoracle.bad"),
    ("credssp-ntlm-blocked", "guest.reg.restrictreceivingntlmtraffic.bad"),
    ("dhcp-client-disabled", "guest.service.dhcp.bad"),
    ("domain-creds-disabled", "guest.reg.disabledomaincreds.bad"),
    ("drain-mode", "guest.reg.tsserverdrainmode.bad"),
    ("encryption-level-too-high", "guest.reg.minencryptionlevel.bad"),
    ("fips-only", "guest.reg.fipsalgorithmpolicy.bad"),
    ("gp-refresh-flap", "guest.policy.fdenytsconnections.ok"),
    ("guest-firewall-block-all-inbound", "guest.firewall.block-all.bad"),
    ("guest-firewall-rule-disabled", "guest.firewall.rule.bad"),
    ("jit-access-not-requested", "azure.ip-flow.jit"),
    ("listener-bound-to-wrong-nic", "guest.reg.lanadapter.bad"),
    ("listener-disabled", "guest.reg.fenablewinstation.bad"),
    ("listener-key-corrupt", "guest.reg.rdp-tcp.bad"),
    ("listener-logon-disabled", "guest.reg.flogondisabled.bad"),
    ("listener-misconfigured-disconnects", "guest.reg.maxidletime.bad"),
    ("listener-missing", "guest.listener.bad"),
    ("lmcompat-ntlmv1", "guest.reg.lmcompatibilitylevel.bad"),
    ("lsa-not-contacted", "guest.event.56"),
    ("machinekeys-acl", "guest.machinekeys.bad"),
    ("max-connections", "guest.reg.maxinstancecount.bad"),
    ("multi-ip-primary", "guest.addresses.several"),
    ("must-change-password", "guest.logon-status.c0000224"),
    ("netlogon-not-starting", "guest.scm.netlogon"),
    ("netvsc-driver", "guest.netvsc.bad"),
    ("nic-disabled", "guest.nic.bad"),
    ("nla-dc-unreachable", "guest.event.5719"),
    ("nla-required", "guest.nla.required"),
    ("no-public-ip", "azure.public-ip.bad"),
    ("no-rdp-logon-right", "guest.logon-status.c000015b"),
    ("nsg-blocks-rdp", "azure.ip-flow.bad"),
    ("nsi-not-starting", "guest.scm.nsi"),
    ("platform-issue", "azure.health.bad"),
    ("port-taken-by-other-app", "guest.port.other-owner"),
    ("profile-corrupt", "guest.event.1511"),
    ("rd-broker-stale-redirect-ip", "guest.reg.sessiondirectoryredirectionip.bad"),
    ("rd-connection-broker-hostname-changed", "guest.event.2056"),
    ("rdp-cert-missing", "guest.cert.missing"),
    ("rdp-cert-private-key-inaccessible", "guest.event.36870"),
    ("rdp-disabled-gpo", "guest.policy.fdenytsconnections.bad"),
    ("rdp-disabled-registry", "guest.reg.fdenytsconnections.bad"),
    ("rdp-port-changed", "guest.reg.portnumber.bad"),
    ("rdp-selfsigned-cert-expired-not-renewed", "guest.cert.expired"),
    ("rds-licence", "guest.reg.licensingmode.bad"),
    ("safe-mode", "guest.safe-mode.bad"),
    ("security-layer-rdp", "guest.reg.securitylayer.bad"),
    ("ssl-cert-thumbprint-mismatch", "guest.reg.sslcertificatesha1hash.bad"),
    ("static-ip-in-guest", "guest.dhcp.bad"),
    ("sysprep-state", "guest.setup.bad"),
    ("termservice-hung", "guest.service.termservice.bad"),
    ("termservice-not-running", "guest.service.termservice.bad"),
    ("time-skew", "guest.clock.bad"),
    ("tls-version-disabled", "guest.schannel.off"),
    ("too-many-sessions", "guest.sessions.full"),
    ("ts-disabled", "guest.reg.tsenabled.bad"),
    ("ts-user-disabled", "guest.reg.tsuserenabled.bad"),
    ("ts-x509-cert-corrupt", "guest.event.50"),
    ("vm-not-running", "azure.power.bad"),
];

/// The causes that some file of the guest's or of Azure's is about.
pub(crate) fn causes() -> BTreeSet<String> {
    EXPECTED
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .filter(|name| !NO_CAUSE.contains(&name.as_str()) && !UNPROVED.iter().any(|(it, _)| it == name))
        .collect()
}

fn testimony(name: &str) -> Vec<Testimony> {
    let bytes = std::fs::read(super::folder().join(format!("{name}.txt"))).unwrap();
    guest::read(name, &bytes).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn every_file_stands_in_the_table_and_every_row_has_its_file() {
    let mut files: Vec<String> = std::fs::read_dir(super::folder())
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    files.sort();
    let rows: Vec<&str> = EXPECTED.iter().map(|(name, _)| *name).collect();
    assert_eq!(files, rows);
}

#[test]
fn every_file_is_read_into_the_id_that_it_is_about() {
    let mut wrong = Vec::new();
    for (name, id) in EXPECTED {
        let told = testimony(name);
        if !told.iter().any(|told| told.id == *id) {
            let got: Vec<&str> = told.iter().map(|told| told.id.as_str()).collect();
            wrong.push(format!("{name}: no {id} in {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_id_that_is_told_stands_in_the_vocabulary() {
    for (name, _) in EXPECTED {
        for told in testimony(name) {
            let known = rdprobe::diagnosis::observation::lookup(&told.id).is_some();
            assert!(known, "{name}: {}", told.id);
            assert!(told.fact.starts_with(&format!("{name}: ")), "{}", told.fact);
        }
    }
}

/// Files that show what no cause of the catalogue is called by: a healthy machine, a second look at a cause.
const NO_CAUSE: &[&str] =
    &["collected-healthy", "listener-missing", "lsa-not-contacted", "machinekeys-acl", "nla-required"];

/// Files whose cause the guest cannot prove: it is among the findings, each with the reason.
const UNPROVED: &[(&str, &str)] = &[
    ("aad-client-not-joined", "the machine that must be joined is the client's"),
    ("multi-ip-primary", "several addresses are no fault by themselves"),
    ("termservice-hung", "a service that hung while starting is not running, and says no more"),
];

/// A file whose name is a cause's id confirms it, or leaves no other before it, beside a fitting evidence.
#[test]
fn every_file_confirms_its_cause() {
    let mut wrong = Vec::new();
    for (name, _) in EXPECTED.iter().filter(|(name, _)| !NO_CAUSE.contains(name)) {
        let Some(cause) = catalogue::get(name) else {
            wrong.push(format!("{name}: the catalogue knows no cause of that name"));
            continue;
        };
        let best = fitting(cause)
            .iter()
            .filter_map(|seen| {
                let findings = judged(name, seen);
                let place = findings.iter().position(|finding| finding.cause == cause.id)?;
                Some((findings.get(place)?.standing, place))
            })
            .min();
        let unproved = UNPROVED.iter().any(|(known, _)| known == name);
        let good = match best {
            Some((Standing::Confirmed, _) | (_, 0)) => !unproved,
            _ => unproved,
        };
        if !good {
            wrong.push(format!("{name}: {best:?}, among {:?}", judged(name, &[])));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the probe may see where this is the cause: one symptom that it explains, with what it needs; or nothing.
fn fitting(cause: &Cause) -> Vec<Vec<String>> {
    let visible = |pattern: &&String| lookup(pattern).is_some_and(|word| word.seen == Seen::Now);
    let needed: Vec<&String> = cause.needs.iter().filter(visible).collect();
    let mut all = vec![Vec::new()];
    for symptom in cause.explains.iter().filter(visible).filter(|id| is_symptom(id)) {
        all.push(vec![symptom.clone()]);
        all.extend(needed.iter().map(|need| vec![symptom.clone(), (*need).clone()]));
    }
    all
}

fn judged(name: &str, seen: &[String]) -> Vec<Finding> {
    let at = |id: &String| Observation {
        id: id.clone(),
        address: Some(V4.parse().expect("an address")),
        fact: "made for this test".to_owned(),
    };
    let told =
        testimony(name).into_iter().map(|told| Observation { id: told.id, address: None, fact: told.fact });
    let observations: Vec<Observation> = seen.iter().map(at).chain(told).collect();
    rank::rank(&observations, seen.is_empty())
}

#[test]
fn a_healthy_machine_shows_no_fault() {
    let told = testimony("collected-healthy");
    for told in &told {
        let symptom = rdprobe::diagnosis::observation::is_symptom(&told.id);
        assert!(!symptom, "{}: {}", told.id, told.fact);
    }
    for id in [
        "guest.reg.fdenytsconnections.ok",
        "guest.policy.fdenytsconnections.ok",
        "guest.service.termservice.ok",
        "guest.port.termservice",
        "guest.firewall.rule.ok",
        "guest.firewall.block-all.ok",
        "guest.nic.ok",
        "guest.dhcp.ok",
        "guest.listener.ok",
        "guest.sessions.free",
        "guest.cert.ok",
        "guest.machinekeys.ok",
        "guest.schannel.ok",
        "guest.reg.sslcertificatesha1hash.ok",
        "guest.secure-channel.ok",
        "guest.clock.ok",
        "guest.safe-mode.ok",
        "guest.setup.ok",
        "guest.entra.joined",
        "guest.nla.required",
        "guest.reg.maxinstancecount.ok",
    ] {
        assert!(told.iter().any(|told| told.id == id), "{id}");
    }
}

//! The ids of security, sign-in and sessions: scripts rely on them, so none may go or change.

use super::{find, judged, standing};
use crate::fixture::{self as fix, V4, named, seen, windows};
use rdprobe::diagnosis::Standing;
use rdprobe::diagnosis::catalogue::{self, Family};
use rdprobe::evidence::{Evidence, Route, Testimony, Witness};

const SECURITY: [&str; 13] = [
    "rdp-cert-private-key-inaccessible",
    "rdp-selfsigned-cert-expired-not-renewed",
    "ssl-cert-thumbprint-mismatch",
    "ts-x509-cert-corrupt",
    "tls-version-disabled",
    "cipher-suite-mismatch",
    "fips-only",
    "encryption-level-too-high",
    "security-layer-rdp",
    "nla-required",
    "rdp-cert-missing",
    "tls-required",
    "tls-client-mismatch",
];

const SIGN_IN: [&str; 20] = [
    "nla-dc-unreachable",
    "broken-secure-channel",
    "domain-creds-disabled",
    "credssp-encryption-oracle",
    "credssp-ntlm-blocked",
    "lmcompat-ntlmv1",
    "lsa-wrong-authority",
    "bad-credentials",
    "no-rdp-logon-right",
    "must-change-password",
    "account-locked",
    "account-expired",
    "account-disabled",
    "access-denied-acl",
    "profile-corrupt",
    "time-skew",
    "aad-client-not-joined",
    "aad-rbac-role-missing",
    "aad-mfa-required",
    "aad-extension-failed",
];

const SESSIONS: [&str; 10] = [
    "rd-service-busy",
    "black-screen",
    "rds-licence",
    "rd-connection-broker-hostname-changed",
    "rd-broker-stale-redirect-ip",
    "too-many-sessions",
    "max-connections",
    "brute-force",
    "listener-misconfigured-disconnects",
    "keepalive-idle-cut",
];

/// Other names under which a cause is documented, or was known here.
const ALIASES: [(&str, &str); 7] = [
    ("machinekeys-acl", "rdp-cert-private-key-inaccessible"),
    ("rdp-selfsigned-cert-expired", "rdp-selfsigned-cert-expired-not-renewed"),
    ("aad-signin-client-not-joined", "aad-client-not-joined"),
    ("rd-connection-broker", "rd-connection-broker-hostname-changed"),
    ("listener-misconfigured", "listener-misconfigured-disconnects"),
    ("keepalive", "keepalive-idle-cut"),
    ("idle-cut", "keepalive-idle-cut"),
];

#[test]
fn every_documented_cause_of_security_sign_in_and_sessions_has_its_file() {
    let groups: [(Family, &[&str]); 4] = [
        (Family::Security, &SECURITY),
        (Family::SignIn, &SIGN_IN),
        (Family::Sessions, &SESSIONS),
        (Family::Client, &["client-root-cert-lookup"]),
    ];
    for (family, ids) in groups {
        for id in ids {
            let cause = catalogue::get(id).unwrap_or_else(|| panic!("no cause {id}"));
            assert_eq!((cause.id.as_str(), cause.family), (*id, family));
        }
    }
    for (alias, id) in ALIASES {
        assert_eq!(catalogue::get(alias).map(|cause| cause.id.as_str()), Some(id), "{alias}");
    }
}

/// What nothing tells of could never be a finding.
#[test]
fn every_one_of_them_is_seen_or_heard_and_every_fix_says_what_to_expect() {
    for id in SECURITY.iter().chain(&SIGN_IN).chain(&SESSIONS).chain(&["client-root-cert-lookup"]) {
        let cause = catalogue::get(id).unwrap_or_else(|| panic!("no cause {id}"));
        assert!(!cause.explains.is_empty() || !cause.heard.is_empty(), "{id}: nothing leads to it");
        assert!(!cause.says.is_empty(), "{id}: what does the user's client display?");
        for fix in &cause.fixes {
            assert!(fix.expect.is_some(), "{id}: {:?}: what is seen when it has worked?", fix.commands);
        }
    }
}

/// A sound machine of a domain, whose clock was not read, and one thing that is told beside it.
fn sound_and_told(id: &str) -> Evidence {
    let route = Route { credssp: seen(fix::domain_challenge()), clock: None, ..windows(V4) };
    let witness = if id.starts_with("says.") { Witness::Client } else { Witness::Guest };
    let testimony = vec![Testimony { witness, id: id.to_owned(), fact: "told".to_owned() }];
    Evidence { testimony, ..named(vec![route]) }
}

/// The handshake is green and the user is not let in: what the client displayed has to lead somewhere.
#[test]
fn what_the_client_displays_names_every_cause_that_is_known_for_it() {
    for id in SIGN_IN.iter().chain(&SESSIONS).chain(&["tls-client-mismatch", "client-root-cert-lookup"]) {
        let cause = catalogue::get(id).unwrap_or_else(|| panic!("no cause {id}"));
        assert!(!cause.heard.is_empty(), "{id}: the wire cannot show it, and no complaint leads to it");
        for complaint in &cause.heard {
            let diagnosis = judged(&sound_and_told(complaint));
            assert!(find(&diagnosis, id).is_some(), "{complaint} does not lead to {id}");
        }
    }
}

/// What the wire cannot show, the guest's own word proves; what the wire would show and does not, it proves not.
#[test]
fn what_the_guest_admits_confirms_what_the_wire_cannot_show() {
    let mut confirmed = 0;
    for id in SECURITY.iter().chain(&SIGN_IN).chain(&SESSIONS) {
        let cause = catalogue::get(id).unwrap_or_else(|| panic!("no cause {id}"));
        for told in cause.confirms.iter().filter(|id| id.starts_with("guest.")) {
            let diagnosis = judged(&sound_and_told(told));
            let shows = cause.invisible.is_none();
            let expected = if shows { Standing::Possible } else { Standing::Confirmed };
            let got = standing(&diagnosis, id);
            // A sound handshake rules out that no TLS version is enabled or no suite is left.
            assert!(got == Some(expected) || (shows && got.is_none()), "{told}: {id} is {got:?}");
            confirmed += usize::from(got == Some(Standing::Confirmed));
        }
    }
    assert!(confirmed >= 15, "only {confirmed} are confirmed");
}

/// An event that two causes share decides for neither.
#[test]
fn what_confirms_one_cause_confirms_no_look_alike() {
    for cause in catalogue::all() {
        for twin in cause.twins.iter().filter_map(|id| catalogue::get(id)) {
            let shared: Vec<&String> =
                cause.confirms.iter().filter(|id| twin.confirms.contains(id)).collect();
            assert!(shared.is_empty(), "{} and {} are both confirmed by {shared:?}", cause.id, twin.id);
        }
    }
}

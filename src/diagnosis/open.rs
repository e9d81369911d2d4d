//! What a good handshake cannot rule out, as questions.

use super::observation::domain;
use crate::evidence::{Evidence, Route, credssp::Membership};

/// The questions that stay open although Remote Desktop answers.
#[must_use]
pub fn still_open(evidence: &Evidence) -> Vec<String> {
    let challenge = evidence.routes.iter().find_map(|route| route.credssp.seen());
    let mut questions = vec![
        "Are user name, prefix and password right? The account may also be locked, expired or due for a new \
         password"
            .to_owned(),
        "May the account sign in by Remote Desktop? It takes membership in Remote Desktop Users, no deny right, \
         and with NLA the right to access the computer from the network"
            .to_owned(),
    ];
    match challenge.map(|challenge| (challenge.membership, domain(challenge))) {
        Some((Membership::Domain, name)) => questions.push(format!(
            "Does it reach a domain controller of {}? Test-ComputerSecureChannel on it tells whether its secure \
             channel is whole",
            name.unwrap_or("its domain")
        )),
        Some((Membership::Workgroup, _)) => questions.push(
            "Is a local account used, as .\\user or MACHINE\\user? It is in no domain; an Entra ID account needs a \
             joined client"
                .to_owned(),
        ),
        Some((Membership::Unknown, _)) | None => {
            questions.push("If it is in a domain, does it reach a domain controller?".to_owned());
        }
    }
    if !evidence.routes.iter().any(sign_in_layer_seen) {
        questions.push("Does a client get as far as a password? The sign-in layer was not seen".to_owned());
    }
    questions.extend([
        "Does its licence server answer, if it is a session host? mstsc /admin goes around it".to_owned(),
        "Is a session free? Two at a time without the session host role, no drain mode, no limit (qwinsta)"
            .to_owned(),
        "Does the user's profile load? Events 1511 and 1515 of User Profiles Service tell".to_owned(),
    ]);
    questions
}

fn sign_in_layer_seen(route: &Route) -> bool {
    route.credssp.ran()
}

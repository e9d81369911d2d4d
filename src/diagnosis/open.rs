//! What a good handshake cannot rule out, as questions.

use super::observation::domain;
use crate::evidence::{Evidence, Route, credssp::Membership};

/// The questions that stay open although Remote Desktop answers.
#[must_use]
pub fn still_open(evidence: &Evidence) -> Vec<String> {
    let challenge = evidence.routes.iter().find_map(|route| route.credssp.seen());
    let mut questions = vec![
        "Are the user name, its domain or machine prefix, and the password right, and is the account neither \
         locked, expired nor due for a new password?"
            .to_owned(),
        "May the account sign in by Remote Desktop: a member of Remote Desktop Users, not under a deny right, and \
         with NLA also allowed to access the computer from the network?"
            .to_owned(),
    ];
    match challenge.map(|challenge| (challenge.membership, domain(challenge))) {
        Some((Membership::Domain, name)) => questions.push(format!(
            "Can the machine reach a domain controller of {}, and is its secure channel whole \
             (Test-ComputerSecureChannel)?",
            name.unwrap_or("its domain")
        )),
        Some((Membership::Workgroup, _)) => questions.push(
            "It is in no domain: is a local account used, as .\\user or MACHINE\\user, or an Entra ID account from \
             a joined client?"
                .to_owned(),
        ),
        Some((Membership::Unknown, _)) | None => {
            questions.push("If it is in a domain: can it reach a domain controller?".to_owned());
        }
    }
    if !evidence.routes.iter().any(signed_in_layer_seen) {
        questions.push(
            "The sign-in layer was not seen: does a client get as far as asking for a password?".to_owned(),
        );
    }
    questions.extend([
        "Is it a session host whose licence server answers, or whose grace period has ended? mstsc /admin goes \
         around it"
            .to_owned(),
        "Is a session free: two at a time without the session host role, no drain mode, no limit reached (qwinsta)?"
            .to_owned(),
        "Does the user's profile load (events 1511 and 1515 of User Profiles Service)?".to_owned(),
    ]);
    questions
}

fn signed_in_layer_seen(route: &Route) -> bool {
    route.credssp.ran()
}

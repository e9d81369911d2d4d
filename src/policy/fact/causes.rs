//! Whether a cause is among the findings.

use super::Decision;
use crate::diagnosis::catalogue::Cause;
use crate::diagnosis::{Diagnosis, Standing};
use crate::evidence::Evidence;

/// Of several causes the worst decides.
pub(in crate::policy) fn absent(evidence: &Evidence, diagnosis: &Diagnosis, wanted: &[&Cause]) -> Decision {
    wanted
        .iter()
        .map(|cause| one(evidence, diagnosis, cause))
        .max_by_key(|decision| decision.outcome)
        .unwrap_or_else(|| Decision::undecided("no cause was named"))
}

/// A cause is known to be absent only if everything that could show it was seen: up to the NTLM challenge, everywhere.
fn one(evidence: &Evidence, diagnosis: &Diagnosis, cause: &Cause) -> Decision {
    let (id, title) = (&cause.id, &cause.title);
    if let Some(finding) = diagnosis.findings.iter().find(|finding| finding.cause == *id) {
        return match finding.standing {
            Standing::Confirmed | Standing::Likely => Decision::missed(format!("{id} is found: {title}")),
            Standing::Possible => Decision::undecided(format!("{id} is possible: {title}")),
        };
    }
    if cause.invisible.is_some() {
        return Decision::undecided(format!("{id} cannot be seen by a probe"));
    }
    let seen_whole =
        !evidence.routes.is_empty() && evidence.routes.iter().all(|route| route.credssp.seen().is_some());
    if seen_whole {
        Decision::met(format!("{id} is not among the findings"))
    } else {
        Decision::undecided(format!("{id} is not found, and not everything that could show it was seen"))
    }
}

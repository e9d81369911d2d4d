//! What a client displays, or a probe sees, of what a code means: codes that the catalogue need not name one by one.

/// Codes of one registry, by its first word, and the observation that means the same.
const KIN: &[(&str, &[u32], &str)] = &[
    ("code", &[0x104, 0x208, 0x508, 0x604], "says.name-not-found"),
    ("code", &[0x108, 0x204], "says.cannot-connect"),
    ("code", &[0x408], "says.internal-error"),
    // Closed within the handshake it is the server's, later the network's.
    ("code", &[0x304, 0x404, 0x904], "says.session-ended"),
    ("code", &[0x904], "tls.reset-after-ch"),
    ("code", &[0x406, 0x506, 0x606, 0x906, 0xA06], "says.security-error"),
    ("code", &[0x706], "cert.broken"),
    ("code", &[0x807, 0xA07], "says.credentials-did-not-work"),
    ("code", &[0x808, 0x908], "says.no-licence-server"),
    ("code", &[0x1207], "says.must-change-password"),
    ("code", &[0x1807], "says.lsa-not-contacted"),
    ("code", &[0x1B07], "cert.expired"),
    ("extended", &[3, 4, 5], "says.session-ended"),
    ("extended", &[8], "mcs.level.4"),
    ("extended", &[9], "says.not-authorized"),
    ("extended", &[0x100, 0x101, 0x102], "says.no-licence-server"),
    ("extended", &[0x300], "says.credentials-did-not-work"),
    ("errinfo", &[3, 4, 5], "says.session-ended"),
    ("errinfo", &[9], "says.not-authorized"),
    ("errinfo", &[0x100, 0x101, 0x102], "says.no-licence-server"),
    ("ntstatus", &[0xC000_0022], "says.access-denied"),
    ("ntstatus", &[0xC000_005E], "says.nla-domain-controller"),
    ("ntstatus", &[0xC000_0064, 0xC000_006A, 0xC000_006D, 0x8009_030C], "says.credentials-did-not-work"),
    ("ntstatus", &[0xC000_0133, 0x8009_0324], "says.time-difference"),
    ("ntstatus", &[0xC000_015B], "says.logon-type-restricted"),
    ("ntstatus", &[0xC000_018A, 0xC000_018B, 0xC000_018D], "guest.secure-channel.bad"),
    ("ntstatus", &[0xC000_0192], "guest.service.netlogon.bad"),
    ("ntstatus", &[0xC000_0224], "says.must-change-password"),
    ("ntstatus", &[0xC000_00BB, 0xC000_0418, 0x8009_0302], "says.function-not-supported"),
    ("ntstatus", &[0x8009_0304, 0x8009_0311], "says.lsa-not-contacted"),
    ("ntstatus", &[0x8009_030D], "guest.event.36870"),
    ("ntstatus", &[0x8009_0328], "cert.expired"),
    ("licence", &[2, 6], "says.no-licence-server"),
];

/// The observations that mean the same as a code of a registry.
pub(super) fn kin(registry: &str, number: u32) -> impl Iterator<Item = &'static str> {
    let same =
        move |(word, numbers, _): &&(&str, &[u32], &str)| *word == registry && numbers.contains(&number);
    KIN.iter().filter(same).map(|(_, _, id)| *id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::lookup::registry::REGISTRIES;
    use crate::diagnosis::observation::lookup;

    #[test]
    fn every_code_and_every_observation_exists() {
        for (word, numbers, id) in KIN {
            assert!(lookup(id).is_some(), "{id} is not in the vocabulary");
            let registry = REGISTRIES.iter().find(|it| it.words.first() == Some(word)).unwrap();
            let rows = registry.rows();
            for number in *numbers {
                assert!(rows.iter().any(|row| row.number == *number), "{word} {number:#x} has no row");
            }
        }
    }
}

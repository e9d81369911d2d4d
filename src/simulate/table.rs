//! The table of the built-in personas.

use std::sync::LazyLock;

use super::persona::Persona;

/// Every built-in persona, sorted by name.
#[must_use]
pub fn personas() -> &'static [Persona] {
    static PERSONAS: LazyLock<Vec<Persona>> = LazyLock::new(|| {
        // INVARIANT: every file parses; the test below holds it, so nothing is dropped here.
        FILES.iter().filter_map(|(name, text)| parse(name, text).ok()).collect()
    });
    &PERSONAS
}

/// The built-in persona of that name.
#[must_use]
pub fn persona(name: &str) -> Option<&'static Persona> {
    personas().iter().find(|persona| persona.name == name)
}

fn parse(name: &'static str, text: &str) -> Result<Persona, toml::de::Error> {
    toml::from_str(text).map(|persona| Persona { name, ..persona })
}

macro_rules! files {
    ($($name:literal)*) => { &[$(($name, include_str!(concat!("personas/", $name, ".toml")))),*] };
}

/// Names and texts, sorted by name.
const FILES: &[(&str, &str)] = files![
    "accept-close"
    "accept-reset"
    "broken-certificate"
    "client-certificate-required"
    "client-use-certificate"
    "clock-skew"
    "close-after-request"
    "cookie-required"
    "custom-certificate-expired"
    "drip"
    "expired-certificate"
    "failure-unknown-code"
    "future-certificate"
    "garbage-megabyte"
    "http"
    "mcs-refused"
    "nla-reset"
    "nla-silent"
    "nla-without-version"
    "no-certificate"
    "no-certificate-fallback"
    "ntlm-blocked"
    "odd-lengths"
    "old-credssp"
    "one-byte-at-a-time"
    "one-row-resets"
    "rdp-security-only"
    "renamed-machine"
    "reset-after-request"
    "selects-unrequested"
    "silent"
    "ssh"
    "tls-alert"
    "tls-listener"
    "tls-reset"
    "unknown-bits-close"
    "unknown-selection"
    "windows-11"
    "windows-2008r2"
    "windows-2012r2"
    "windows-2016-tls"
    "windows-2022-nla"
    "windows-xp"
    "wrong-negotiation-length"
];

#[cfg(test)]
mod tests {
    use super::super::persona::When;
    use super::{FILES, parse, personas};
    use std::collections::BTreeSet;

    #[test]
    fn every_file_parses_and_is_in_the_table() {
        for (name, text) in FILES {
            if let Err(error) = parse(name, text) {
                panic!("{name}: {error}");
            }
        }
        assert_eq!(personas().len(), FILES.len());
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/simulate/personas");
        let on_disk: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap().replace(".toml", ""))
            .collect();
        assert_eq!(on_disk, FILES.iter().map(|(name, _)| (*name).to_owned()).collect());
    }

    #[test]
    fn names_are_sorted_and_unique() {
        assert!(FILES.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn every_request_gets_an_answer() {
        for persona in personas() {
            let last = persona.requests.last().map(|rule| &rule.when);
            assert!(
                last == Some(&When::default()) || (last.is_none() && persona.greeting.is_some()),
                "{}: the last rule must fit always",
                persona.name
            );
        }
    }

    #[test]
    fn what_is_selected_can_be_played() {
        for persona in personas() {
            let tls = persona.tls.as_ref();
            assert_eq!(
                tls.is_some(),
                persona.certificate.is_some(),
                "{}: TLS goes with a certificate",
                persona.name
            );
            assert!(persona.credssp.is_none() || tls.is_some(), "{}: CredSSP needs TLS", persona.name);
        }
    }
}

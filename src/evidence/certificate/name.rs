//! Names: RFC 4514 text, and whether a certificate names the target (RFC 6125 6.4).

use std::net::IpAddr;

use x509_parser::asn1_rs::{Any, Tag, ToDer};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use super::NameMatch;
use crate::target::Host;

/// The names of a certificate.
#[derive(Debug)]
pub(super) struct Names {
    /// The most specific common name of the subject.
    pub(super) common_name: Option<String>,
    /// DNS names and addresses of `subjectAltName`.
    pub(super) alternative_names: Vec<String>,
    /// Whether there is a `subjectAltName` at all.
    has_alternative_names: bool,
}

impl Names {
    /// Errors: `subjectAltName` cannot be read or is there twice.
    pub(super) fn read(certificate: &X509Certificate<'_>) -> Result<Self, ()> {
        let extension = certificate.subject_alternative_name().map_err(|_| ())?;
        let general_names = extension.iter().flat_map(|extension| &extension.value.general_names);
        Ok(Self {
            common_name: certificate.subject().iter_common_name().last().map(|name| text(name.attr_value())),
            alternative_names: general_names.filter_map(alternative_name).collect(),
            has_alternative_names: extension.is_some(),
        })
    }

    /// Whether the subject is a common name and nothing else, and no `subjectAltName` stands beside it.
    pub(super) fn are_common_name_only(&self, subject: &X509Name<'_>) -> bool {
        self.common_name.is_some() && !self.has_alternative_names && subject.iter_attributes().count() == 1
    }

    /// The common name counts only where no alternative name does.
    pub(super) fn match_with(&self, target: &Host, self_issued: bool) -> NameMatch {
        let names_target = |name: &String| match target {
            Host::Address(address) => name.parse() == Ok(*address),
            Host::Name(wanted) => covers(name, wanted),
        };
        let named = if self.alternative_names.is_empty() {
            self.common_name.iter().any(names_target)
        } else {
            self.alternative_names.iter().any(names_target)
        };
        if named {
            NameMatch::Matches
        } else if self_issued || self.is_same_machine(target) {
            NameMatch::MachineNameOnly
        } else {
            NameMatch::Differs
        }
    }

    /// Whether the common name and the target begin with the same host name.
    fn is_same_machine(&self, target: &Host) -> bool {
        let (Some(common_name), Host::Name(wanted)) = (&self.common_name, target) else { return false };
        let (short, wanted) = (first_label(common_name), first_label(wanted));
        !short.is_empty() && short.eq_ignore_ascii_case(wanted)
    }
}

/// Whether a name of a certificate, maybe with `*` for its first label, covers a DNS name.
fn covers(name: &str, wanted: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let wanted = wanted.strip_suffix('.').unwrap_or(wanted);
    if let Some(domain) = name.strip_prefix("*.") {
        let of_wanted = wanted.split_once('.');
        return of_wanted.is_some_and(|(label, rest)| !label.is_empty() && rest.eq_ignore_ascii_case(domain));
    }
    name.eq_ignore_ascii_case(wanted)
}

fn first_label(name: &str) -> &str {
    name.split_once('.').map_or(name, |(label, _)| label)
}

fn alternative_name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(octets) => address(octets).map(|address| address.to_string()),
        _ => None,
    }
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    match octets.len() {
        4 => <[u8; 4]>::try_from(octets).ok().map(IpAddr::from),
        16 => <[u8; 16]>::try_from(octets).ok().map(IpAddr::from),
        _ => None,
    }
}

/// A distinguished name as text: last part first, as RFC 4514 2.1 has it.
pub(super) fn rfc4514(name: &X509Name<'_>) -> String {
    let part = |attributes: Vec<String>| attributes.join("+");
    let mut parts: Vec<String> =
        name.iter_rdn().map(|relative| part(relative.iter().map(attribute).collect())).collect();
    parts.reverse();
    parts.join(",")
}

/// `CN=value`, or `dotted.number=#hex` for a type without a short name (RFC 4514 2.3, 2.4).
fn attribute(attribute: &AttributeTypeAndValue<'_>) -> String {
    let id = attribute.attr_type().to_id_string();
    let value = attribute.attr_value();
    match SHORT_NAMES.iter().find(|(known, _)| *known == id) {
        Some((_, short)) => format!("{short}={}", escape(&text(value))),
        None => format!("{id}=#{}", data_encoding::HEXLOWER.encode(&value.to_der_vec().unwrap_or_default())),
    }
}

/// A directory string as text. Windows writes BMPString where a name is not printable ASCII.
fn text(value: &Any<'_>) -> String {
    let units = |size| value.data.chunks(size);
    match value.tag() {
        Tag::BmpString => {
            let units = units(2).map(|unit| unit.iter().fold(0, |code, &octet| code << 8 | u16::from(octet)));
            char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        Tag::UniversalString => units(4)
            .map(|unit| unit.iter().fold(0, |code, &octet| code << 8 | u32::from(octet)))
            .map(|code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
        // Nearly everybody writes Latin-1 where a TeletexString should be.
        Tag::T61String => value.data.iter().copied().map(char::from).collect(),
        _ => String::from_utf8_lossy(value.data).into_owned(),
    }
}

/// RFC 4514 2.4: what would be read as syntax gets a backslash.
fn escape(value: &str) -> String {
    let last = value.chars().count().saturating_sub(1);
    let mut out = String::with_capacity(value.len());
    for (at, c) in value.chars().enumerate() {
        let is_syntax = matches!(c, '"' | '+' | ',' | ';' | '<' | '>' | '\\');
        let is_edge = c == ' ' && (at == 0 || at == last) || c == '#' && at == 0;
        if is_syntax || is_edge {
            out.push('\\');
        }
        if c == '\0' { out.push_str("\\00") } else { out.push(c) }
    }
    out
}

/// The attribute types that have a short name (RFC 4514 3).
const SHORT_NAMES: [(&str, &str); 9] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.6", "C"),
    ("2.5.4.9", "STREET"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn names(common_name: &str, alternative: &[&str]) -> Names {
        Names {
            common_name: Some(common_name.into()),
            alternative_names: alternative.iter().copied().map(Into::into).collect(),
            has_alternative_names: !alternative.is_empty(),
        }
    }

    fn host(text: &str) -> Host {
        text.parse().map_or_else(|_| Host::Name(text.into()), Host::Address)
    }

    #[test]
    fn the_target_is_named() {
        for (common_name, alternative, target) in [
            ("vm1", &[][..], "vm1"),
            ("VM1.Contoso.com", &[], "vm1.contoso.com."),
            ("10.0.0.4", &[], "10.0.0.4"),
            ("other", &["a.example", "vm.example"], "vm.example"),
            ("other", &["*.example"], "vm.example"),
            ("other", &["2001:db8::1"], "2001:db8:0::1"),
        ] {
            let matched = names(common_name, alternative).match_with(&host(target), false);
            assert_eq!(matched, NameMatch::Matches, "{target}");
        }
    }

    #[test]
    fn the_target_is_not_named() {
        for (common_name, alternative, target) in [
            ("vm.example", &["other.example"][..], "www.example"),
            ("*.example", &[], "a.b.example"),
            ("*.example", &[], "example"),
            ("*.example", &[], ".example"),
            ("10.0.0.5", &[], "10.0.0.4"),
        ] {
            let matched = names(common_name, alternative).match_with(&host(target), false);
            assert_eq!(matched, NameMatch::Differs, "{target}");
        }
        assert_eq!(names("vm1", &["vm1.lan"]).match_with(&host("vm1"), false), NameMatch::MachineNameOnly);
        assert_eq!(
            names("VM1", &[]).match_with(&host("vm1.westus.azure.com"), false),
            NameMatch::MachineNameOnly
        );
        assert_eq!(names("VM1", &[]).match_with(&host("203.0.113.7"), true), NameMatch::MachineNameOnly);
        assert_eq!(names("VM1", &[]).match_with(&host("203.0.113.7"), false), NameMatch::Differs);
    }

    #[test]
    fn syntax_is_escaped() {
        assert_eq!(escape("Dr. Who, Ltd."), "Dr. Who\\, Ltd.");
        assert_eq!(escape(" #a+b\\ "), "\\ #a\\+b\\\\\\ ");
        assert_eq!(escape("#1\0"), "\\#1\\00");
        assert_eq!(escape(""), "");
    }
}

//! DER to facts: what a certificate says (RFC 5280), and how it stands to the target and the time.

use jiff::Timestamp;
use ring::digest;
use x509_parser::asn1_rs::Oid;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::ExtendedKeyUsage;
use x509_parser::oid_registry::{OID_X509_EXT_EXTENDED_KEY_USAGE, OID_X509_EXT_SUBJECT_ALT_NAME};
use x509_parser::prelude::FromDer;

use super::{Certificate, Chain, Source, Validity, algorithm, broken, name};
use crate::target::Host;
use crate::wire::error::{DecodeError, Reason};

/// The longest certificate that is read, in bytes.
pub(super) const MAX_LEN: usize = 256 * 1024;

/// Reads a certificate: what it says, how it stands at the time `at`, and whether it names the target.
///
/// Errors: DER that is no certificate, with the field and its offset; more than 256 KiB.
pub fn read(
    der: &[u8],
    target: &Host,
    at: Timestamp,
    source: Source,
    chain: Chain,
) -> Result<Certificate, DecodeError> {
    let certificate = parse(der)?;
    let broken_extension = |field, oid: &Oid<'_>| broken::extension(der, &certificate, field, oid);
    let names = name::Names::read(&certificate)
        .map_err(|()| broken_extension("subjectAltName", &OID_X509_EXT_SUBJECT_ALT_NAME))?;
    let usages = extended_key_usages(&certificate)
        .map_err(|()| broken_extension("extendedKeyUsage", &OID_X509_EXT_EXTENDED_KEY_USAGE))?;
    let validity = certificate.validity();
    let not_before = timestamp(validity.not_before.timestamp());
    let not_after = timestamp(validity.not_after.timestamp());
    let lifetime_days = days_between(not_before, not_after);
    let self_issued = certificate.subject().as_raw() == certificate.issuer().as_raw();
    let key = algorithm::Key::of(&certificate);
    let usages = usages.map(usage_names);
    let like_windows = self_issued
        && lifetime_days == WINDOWS_LIFETIME_DAYS
        && names.are_common_name_only(certificate.subject())
        && usages.as_deref().is_some_and(|usages| usages == [SERVER_AUTH]);
    Ok(Certificate {
        source,
        subject: name::rfc4514(certificate.subject()),
        issuer: name::rfc4514(certificate.issuer()),
        serial: serial(certificate.raw_serial()),
        not_before,
        not_after,
        days_left: days_between(at, not_after),
        lifetime_days,
        validity: standing(at, not_before, not_after),
        signature_algorithm: algorithm::signature_name(&certificate),
        server_authentication: serves(usages.as_deref()),
        thumbprint_sha1: thumbprint(&digest::SHA1_FOR_LEGACY_USE_ONLY, der),
        thumbprint_sha256: thumbprint(&digest::SHA256, der),
        self_issued,
        self_signature: algorithm::own_key_verifies(&certificate, &key),
        windows_default_pattern: like_windows,
        chain,
        name_match: names.match_with(target, self_issued),
        weaknesses: algorithm::weaknesses(&certificate, &key),
        extended_key_usages: usages.unwrap_or_default(),
        key_type: key.name,
        key_bits: key.bits,
        common_name: names.common_name,
        subject_alternative_names: names.alternative_names,
    })
}

fn parse(der: &[u8]) -> Result<X509Certificate<'_>, DecodeError> {
    if der.len() > MAX_LEN {
        let found = u64::try_from(der.len()).unwrap_or(u64::MAX);
        return Err(broken::error("certificate", 0, Reason::Length { found }));
    }
    let (rest, certificate) = X509Certificate::from_der(der).map_err(|_| broken::locate(der))?;
    if !rest.is_empty() {
        let used = der.len().saturating_sub(rest.len());
        return Err(broken::error("certificate", used, Reason::Structure("bytes after the end")));
    }
    Ok(certificate)
}

/// A time beyond what can be said, such as the year 9999 that means "never", is held at the limit.
fn timestamp(seconds: i64) -> Timestamp {
    let limit = if seconds < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_second(seconds).unwrap_or(limit)
}

/// Whole days, rounded down, so that the last day counts 0 and the first day past it -1.
fn days_between(from: Timestamp, to: Timestamp) -> i64 {
    let nanoseconds = to.as_nanosecond().saturating_sub(from.as_nanosecond());
    i64::try_from(nanoseconds.div_euclid(DAY_NANOSECONDS)).unwrap_or(i64::MAX)
}

fn standing(at: Timestamp, not_before: Timestamp, not_after: Timestamp) -> Validity {
    if at < not_before {
        Validity::NotYetValid
    } else if at > not_after {
        Validity::Expired
    } else {
        Validity::Valid
    }
}

/// Lower-case hex without the zero octet that keeps a DER INTEGER positive.
fn serial(raw: &[u8]) -> String {
    let significant = match raw {
        [0, rest @ ..] if !rest.is_empty() => rest,
        _ => raw,
    };
    data_encoding::HEXLOWER.encode(significant)
}

fn thumbprint(algorithm: &'static digest::Algorithm, der: &[u8]) -> String {
    data_encoding::HEXUPPER.encode(digest::digest(algorithm, der).as_ref())
}

/// The extension, if there is one; an error if it cannot be read or is there twice.
fn extended_key_usages<'a>(
    certificate: &'a X509Certificate<'_>,
) -> Result<Option<&'a ExtendedKeyUsage<'a>>, ()> {
    let extension = certificate.extended_key_usage().map_err(|_| ())?;
    Ok(extension.map(|extension| extension.value))
}

fn usage_names(usage: &ExtendedKeyUsage<'_>) -> Vec<String> {
    let known = [
        (usage.server_auth, SERVER_AUTH),
        (usage.client_auth, "clientAuth"),
        (usage.code_signing, "codeSigning"),
        (usage.email_protection, "emailProtection"),
        (usage.time_stamping, "timeStamping"),
        (usage.ocsp_signing, "OCSPSigning"),
        (usage.any, ANY),
    ];
    let known = known.into_iter().filter(|(present, _)| *present).map(|(_, name)| name.to_owned());
    let other = usage.other.iter().map(|oid| match oid.to_id_string() {
        id if id == RD_AUTHENTICATION_OID => RD_AUTHENTICATION.to_owned(),
        id => id,
    });
    known.chain(other).collect()
}

fn serves(usages: Option<&[String]>) -> bool {
    let serves = |usage: &String| [SERVER_AUTH, RD_AUTHENTICATION, ANY].contains(&usage.as_str());
    usages.is_none_or(|usages| usages.iter().any(serves))
}

const DAY_NANOSECONDS: i128 = 24 * 60 * 60 * 1_000_000_000;

/// What Windows gives the certificate that it makes for Remote Desktop.
const WINDOWS_LIFETIME_DAYS: i64 = 183;

const SERVER_AUTH: &str = "serverAuth";
const ANY: &str = "anyExtendedKeyUsage";
/// The usage that makes a certificate fit for Remote Desktop alone.
const RD_AUTHENTICATION_OID: &str = "1.3.6.1.4.1.311.54.1.2";
const RD_AUTHENTICATION: &str = "remoteDesktopAuthentication";

#[cfg(test)]
mod tests;

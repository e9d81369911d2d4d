//! The certificates of the personas.

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_RSA_SHA256, SerialNumber,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::persona::Certificate;

/// Published with the source, so worth nothing: it signs rehearsals only.
const REHEARSAL_KEY: &str = include_str!("keys/rehearsal-rsa-2048.pem");

/// Made once with `openssl ca -md sha1`, because no library here signs with SHA-1 any more.
const STORED_SHA1: &[u8] = include_bytes!("keys/windows-2008r2-sha1.der");

const DAY_S: i64 = 86_400;

/// The private key of every persona.
pub(super) fn key() -> io::Result<PrivateKeyDer<'static>> {
    PrivateKeyDer::from_pem_slice(REHEARSAL_KEY.as_bytes()).map_err(bug)
}

/// The certificate in DER.
pub(super) fn make(certificate: &Certificate) -> io::Result<CertificateDer<'static>> {
    match certificate {
        Certificate::Fresh { common_name, from_days, to_days, issuer, client_use_only } => {
            let mut params = params(common_name, *from_days, *to_days)?;
            if *client_use_only {
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            }
            signed(&params, issuer.as_deref())
        }
        Certificate::StoredSha1 => Ok(CertificateDer::from(STORED_SHA1)),
        Certificate::Broken { common_name } => {
            let whole = signed(&params(common_name, -30, 153)?, None)?;
            let cut = whole.len().saturating_sub(20);
            Ok(CertificateDer::from(whole.get(..cut).unwrap_or_default().to_vec()))
        }
    }
}

/// Like the one that Windows makes for itself: the name as CN only, no SAN, and the key usages that it sets.
fn params(common_name: &str, from_days: i64, to_days: i64) -> io::Result<CertificateParams> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.key_usages = vec![KeyUsagePurpose::KeyEncipherment, KeyUsagePurpose::DataEncipherment];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.serial_number = Some(serial()?);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(bug)?;
    let day = |days: i64| {
        let offset = Duration::from_secs(days.saturating_mul(DAY_S).unsigned_abs());
        let now = rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(now.as_secs());
        if days < 0 { now - offset } else { now + offset }
    };
    params.not_before = day(from_days);
    params.not_after = day(to_days);
    Ok(params)
}

/// Signed by itself, or by an authority of this name, whose key is the rehearsal key too.
fn signed(params: &CertificateParams, issuer: Option<&str>) -> io::Result<CertificateDer<'static>> {
    let key = KeyPair::from_pem_and_sign_algo(REHEARSAL_KEY, &PKCS_RSA_SHA256).map_err(bug)?;
    let Some(issuer) = issuer else { return Ok(params.self_signed(&key).map_err(bug)?.into()) };
    let mut authority = CertificateParams::default();
    authority.distinguished_name = DistinguishedName::new();
    authority.distinguished_name.push(DnType::CommonName, issuer);
    let issuer = Issuer::from_params(&authority, &key);
    Ok(params.signed_by(&key, &issuer).map_err(bug)?.into())
}

/// Sixteen random bytes, the first between 0x10 and 0x7f: positive, and without a leading zero.
fn serial() -> io::Result<SerialNumber> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(bug)?;
    if let Some(first) = bytes.first_mut() {
        *first = (*first & 0x6f) | 0x10;
    }
    Ok(SerialNumber::from(bytes.to_vec()))
}

/// What fails here is ours: the key and the recipes are part of the program.
pub(super) fn bug(error: impl std::fmt::Display) -> io::Error {
    io::Error::other(format!("a bug in the simulator: {error}"))
}

#[cfg(test)]
mod tests {
    use super::{key, make};
    use crate::simulate::persona::Certificate;
    use x509_parser::prelude::*;

    fn fresh() -> Certificate {
        Certificate::Fresh {
            common_name: "VM-1".into(),
            from_days: -30,
            to_days: 153,
            issuer: None,
            client_use_only: false,
        }
    }

    #[test]
    fn a_fresh_one_has_the_marks_of_windows() {
        let der = make(&fresh()).unwrap();
        let (rest, certificate) = X509Certificate::from_der(&der).unwrap();
        assert!(rest.is_empty());
        assert_eq!(certificate.subject().to_string(), "CN=VM-1");
        assert_eq!(certificate.issuer(), certificate.subject());
        assert_eq!(certificate.raw_serial().len(), 16);
        let validity = certificate.validity();
        assert_eq!(validity.not_after.timestamp() - validity.not_before.timestamp(), 183 * 86_400);
        assert!(validity.is_valid());
        assert!(certificate.subject_alternative_name().unwrap().is_none());
        assert!(certificate.extended_key_usage().unwrap().unwrap().value.server_auth);
        let usage = certificate.key_usage().unwrap().unwrap().value;
        assert!(usage.key_encipherment() && usage.data_encipherment() && !usage.digital_signature());
        certificate.verify_signature(None).unwrap();
    }

    #[test]
    fn the_stored_one_is_sha_1_under_the_same_key() {
        let der = make(&Certificate::StoredSha1).unwrap();
        let (_, stored) = X509Certificate::from_der(&der).unwrap();
        assert_eq!(stored.signature_algorithm.algorithm.to_id_string(), "1.2.840.113549.1.1.5");
        let der = make(&fresh()).unwrap();
        let (_, fresh) = X509Certificate::from_der(&der).unwrap();
        assert_eq!(stored.public_key().raw, fresh.public_key().raw);
        key().unwrap();
    }

    #[test]
    fn a_broken_one_does_not_parse() {
        let der = make(&Certificate::Broken { common_name: "VM-1".into() }).unwrap();
        assert!(X509Certificate::from_der(&der).is_err());
    }
}

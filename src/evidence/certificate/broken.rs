//! Where in broken DER the trouble is: the parser does not say, so the fields are tried one after the other.

use x509_parser::asn1_rs::{Any, FromDer, Oid, Tag};
use x509_parser::certificate::{TbsCertificate, Validity};
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo, X509Name};

use crate::wire::error::{DecodeError, Reason};

/// A field by name, and whether its DER can be read.
type Field = (&'static str, fn(&[u8]) -> bool);

/// The fields of a `TBSCertificate` after the optional version, up to the key (RFC 5280 4.1).
const FIELDS: [Field; 6] = [
    ("serialNumber", |der| Any::from_der(der).is_ok_and(|(_, any)| any.tag() == Tag::Integer)),
    ("signature", |der| AlgorithmIdentifier::from_der(der).is_ok()),
    ("issuer", |der| X509Name::from_der(der).is_ok()),
    ("validity", |der| Validity::from_der(der).is_ok()),
    ("subject", |der| X509Name::from_der(der).is_ok()),
    ("subjectPublicKeyInfo", |der| SubjectPublicKeyInfo::from_der(der).is_ok()),
];

/// An error about a field at an offset.
pub(super) const fn error(field: &'static str, offset: usize, reason: Reason) -> DecodeError {
    DecodeError { message: "Certificate", field, offset, reason }
}

/// An error about an extension of a certificate that can be read otherwise.
pub(super) fn extension(
    der: &[u8],
    tbs: &TbsCertificate<'_>,
    field: &'static str,
    oid: &Oid<'_>,
) -> DecodeError {
    let value =
        tbs.extensions().iter().find(|extension| extension.oid == *oid).map_or(der, |found| found.value);
    error(field, offset(der, value), Reason::Structure("cannot be read, or is there twice"))
}

/// Finds the first field that cannot be read, and where it begins.
pub(super) fn locate(der: &[u8]) -> DecodeError {
    match walk(der) {
        Ok((field, at)) => error(field, offset(der, at), Reason::Structure("not what the field must hold")),
        Err(cut_off) => cut_off,
    }
}

/// The first field that cannot be read, with the bytes from its start on. Where all else can be read,
/// it is the extensions or what else may follow the key.
fn walk(der: &[u8]) -> Result<(&'static str, &[u8]), DecodeError> {
    let (_, outer) = element(der, der, "certificate")?;
    if outer.tag() != Tag::Sequence {
        return Ok(("certificate", der));
    }
    let (signature_algorithm, tbs) = element(der, outer.data, "tbsCertificate")?;
    let (after_version, version) = element(der, tbs.data, "version")?;
    let mut rest = if version.tag() == Tag(0) { after_version } else { tbs.data };
    for (name, is_readable) in FIELDS {
        let (after, _) = element(der, rest, name)?;
        if !is_readable(rest) {
            return Ok((name, rest));
        }
        rest = after;
    }
    if TbsCertificate::from_der(outer.data).is_err() {
        return Ok(("extensions", rest));
    }
    let (signature_value, _) = element(der, signature_algorithm, "signatureAlgorithm")?;
    if AlgorithmIdentifier::from_der(signature_algorithm).is_err() {
        return Ok(("signatureAlgorithm", signature_algorithm));
    }
    element(der, signature_value, "signatureValue")?;
    Ok(("signatureValue", signature_value))
}

/// One element, and what comes after it.
fn element<'a>(der: &[u8], bytes: &'a [u8], name: &'static str) -> Result<(&'a [u8], Any<'a>), DecodeError> {
    let cut_off = Reason::Structure("cut off or no DER");
    Any::from_der(bytes).map_err(|_| error(name, offset(der, bytes), cut_off))
}

/// Where a part of the DER begins. Every part lies within the DER, so its address tells.
fn offset(der: &[u8], part: &[u8]) -> usize {
    part.as_ptr().addr().saturating_sub(der.as_ptr().addr()).min(der.len())
}

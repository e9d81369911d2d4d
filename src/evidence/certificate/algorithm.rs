//! Keys and signatures: names, sizes, strength (RFC 3279, RFC 5480, RFC 8410, RFC 4055).

use ring::signature::{
    RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
    RsaParameters, UnparsedPublicKey,
};
use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;
use x509_parser::public_key::PublicKey;
use x509_parser::signature_algorithm::RsaSsaPssParams;

use super::Weakness;

/// A public key.
#[derive(Debug)]
pub(super) struct Key {
    /// RSA, EC, Ed25519, ..., or the dotted number of an unknown algorithm.
    pub(super) name: String,
    /// Modulus or curve size, in bits.
    pub(super) bits: Option<u32>,
}

impl Key {
    pub(super) fn of(certificate: &X509Certificate<'_>) -> Self {
        let info = certificate.public_key();
        let id = info.algorithm.algorithm.to_id_string();
        let parsed = info.parsed().ok();
        let (name, bits) = match id.as_str() {
            "1.2.840.113549.1.1.1" | RSASSA_PSS => ("RSA", parsed.as_ref().and_then(rsa_bits)),
            "1.2.840.10045.2.1" => {
                let curve = info.algorithm.parameters.as_ref().and_then(|curve| curve.as_oid().ok());
                let named = curve.and_then(|curve| curve_bits(&curve.to_id_string()));
                ("EC", named.or_else(|| parsed.as_ref().and_then(other_bits)))
            }
            "1.2.840.10040.4.1" => ("DSA", parsed.as_ref().and_then(other_bits)),
            "1.3.101.112" => ("Ed25519", None),
            "1.3.101.113" => ("Ed448", None),
            _ => (id.as_str(), None),
        };
        Self { name: name.to_owned(), bits }
    }
}

/// The bits of the modulus from its first one on.
fn rsa_bits(key: &PublicKey<'_>) -> Option<u32> {
    let PublicKey::RSA(rsa) = key else { return None };
    let zero_octets = rsa.modulus.iter().take_while(|&&octet| octet == 0).count();
    let significant = rsa.modulus.get(zero_octets..)?;
    let leading_zeros = significant.first()?.leading_zeros();
    u32::try_from(significant.len()).ok()?.checked_mul(8)?.checked_sub(leading_zeros)
}

fn other_bits(key: &PublicKey<'_>) -> Option<u32> {
    u32::try_from(key.key_size()).ok().filter(|&bits| bits > 0)
}

/// secp192r1 to secp521r1, secp256k1, brainpool (RFC 5480 2.1.1.1, RFC 5639).
fn curve_bits(id: &str) -> Option<u32> {
    Some(match id {
        "1.2.840.10045.3.1.1" => 192,
        "1.3.132.0.33" => 224,
        "1.2.840.10045.3.1.7" | "1.3.132.0.10" | "1.3.36.3.3.2.8.1.1.7" => 256,
        "1.3.132.0.34" | "1.3.36.3.3.2.8.1.1.11" => 384,
        "1.3.36.3.3.2.8.1.1.13" => 512,
        "1.3.132.0.35" => 521,
        _ => return None,
    })
}

/// The signature algorithm by name, or by its dotted number.
pub(super) fn signature_name(certificate: &X509Certificate<'_>) -> String {
    let id = certificate.signature_algorithm.algorithm.to_id_string();
    let known = SIGNATURES.iter().find(|(known, _)| *known == id);
    known.map_or(id, |(_, name)| (*name).to_owned())
}

/// Whether the certificate's own key verifies its signature; `None` where the algorithm is not known here.
pub(super) fn own_key_verifies(certificate: &X509Certificate<'_>, key: &Key) -> Option<bool> {
    let is_rsa = key.name == "RSA";
    if is_rsa && !key.bits.is_some_and(|bits| (1024..=8192).contains(&bits)) {
        return None;
    }
    if is_rsa && key.bits < Some(2048) && !signature_name(certificate).starts_with("sha1") {
        return short_rsa_verifies(certificate);
    }
    match certificate.verify_signature(None) {
        Ok(()) => Some(true),
        Err(X509Error::SignatureVerificationError) => Some(false),
        Err(_) => None,
    }
}

/// The verifier of x509-parser knows no RSA below 2048 bits but with SHA-1.
fn short_rsa_verifies(certificate: &X509Certificate<'_>) -> Option<bool> {
    let algorithm: &'static RsaParameters = match signature_name(certificate).as_str() {
        "sha256WithRSAEncryption" => &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        "sha512WithRSAEncryption" => &RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        _ => return None,
    };
    let key = UnparsedPublicKey::new(algorithm, &certificate.public_key().subject_public_key.data);
    let signed = certificate.tbs_certificate.as_ref();
    Some(key.verify(signed, &certificate.signature_value.data).is_ok())
}

/// What is weak in key and signature, in the order of the names.
pub(super) fn weaknesses(certificate: &X509Certificate<'_>, key: &Key) -> Vec<Weakness> {
    let signature = signature_name(certificate);
    let is_sha1 =
        signature.contains("SHA1") || signature.starts_with("sha1") || is_pss_with_sha1(certificate);
    let is_md = signature.starts_with("md");
    let below = |name: &str, limit: u32| key.name == name && key.bits.is_some_and(|bits| bits < limit);
    [
        (is_sha1, Weakness::Sha1Signature),
        (is_md, Weakness::Md5Signature),
        (below("RSA", 2048), Weakness::RsaBelow2048),
        (below("EC", 224), Weakness::EcBelow224),
    ]
    .into_iter()
    .filter_map(|(is_weak, weakness)| is_weak.then_some(weakness))
    .collect()
}

/// SHA-1 is what RSASSA-PSS means where its parameters do not say otherwise (RFC 4055 3.1).
fn is_pss_with_sha1(certificate: &X509Certificate<'_>) -> bool {
    let algorithm = &certificate.signature_algorithm;
    if algorithm.algorithm.to_id_string() != RSASSA_PSS {
        return false;
    }
    let parameters = algorithm.parameters.as_ref().and_then(|any| RsaSsaPssParams::try_from(any).ok());
    parameters.is_some_and(|parameters| parameters.hash_algorithm_oid().to_id_string() == "1.3.14.3.2.26")
}

const RSASSA_PSS: &str = "1.2.840.113549.1.1.10";

const SIGNATURES: [(&str, &str); 17] = [
    ("1.2.840.113549.1.1.2", "md2WithRSAEncryption"),
    ("1.2.840.113549.1.1.4", "md5WithRSAEncryption"),
    ("1.2.840.113549.1.1.5", "sha1WithRSAEncryption"),
    ("1.3.14.3.2.29", "sha1WithRSA"),
    ("1.2.840.113549.1.1.14", "sha224WithRSAEncryption"),
    ("1.2.840.113549.1.1.11", "sha256WithRSAEncryption"),
    ("1.2.840.113549.1.1.12", "sha384WithRSAEncryption"),
    ("1.2.840.113549.1.1.13", "sha512WithRSAEncryption"),
    (RSASSA_PSS, "RSASSA-PSS"),
    ("1.2.840.10045.4.1", "ecdsa-with-SHA1"),
    ("1.2.840.10045.4.3.1", "ecdsa-with-SHA224"),
    ("1.2.840.10045.4.3.2", "ecdsa-with-SHA256"),
    ("1.2.840.10045.4.3.3", "ecdsa-with-SHA384"),
    ("1.2.840.10045.4.3.4", "ecdsa-with-SHA512"),
    ("1.2.840.10040.4.3", "dsa-with-SHA1"),
    ("1.3.101.112", "Ed25519"),
    ("1.3.101.113", "Ed448"),
];

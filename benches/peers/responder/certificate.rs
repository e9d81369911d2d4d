//! A certificate of its own for every machine of the fleet, as Windows makes it, at the price of one signature.

use std::net::Ipv4Addr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256,
};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

/// What the machine at an address calls itself.
pub(crate) fn machine(address: Ipv4Addr) -> String {
    format!("T{:08X}", u32::from(address))
}

/// The domain that all of them are in.
pub(crate) const DOMAIN: &str = "fleet.test";

/// ecdsa-with-SHA256 (RFC 5758 3.2) as an AlgorithmIdentifier.
const ALGORITHM: [u8; 12] = [0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];

/// One key for all, and the certificate of the machine at 0.0.0.0, whose name makes room for the others'.
pub(crate) struct Authority {
    to_be_signed: Vec<u8>,
    /// Where the name stands.
    names: Vec<usize>,
    key: EcdsaKeyPair,
    random: SystemRandom,
    /// The key, for the handshake.
    pub private: PrivateKeyDer<'static>,
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

impl Authority {
    /// Makes a new key.
    pub(crate) fn new() -> Result<Self, Failed> {
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let placeholder = machine(Ipv4Addr::UNSPECIFIED);
        let whole = params(&placeholder)?.self_signed(&pair)?;
        let (_, parsed) = X509Certificate::from_der(whole.der()).map_err(|error| error.to_string())?;
        let to_be_signed = parsed.tbs_certificate.as_ref().to_vec();
        let names = to_be_signed
            .windows(placeholder.len())
            .enumerate()
            .filter(|(_, window)| *window == placeholder.as_bytes())
            .map(|(at, _)| at)
            .collect();
        let random = SystemRandom::new();
        let der = pair.serialize_der();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &der, &random)
            .map_err(|error| error.to_string())?;
        let private = PrivateKeyDer::try_from(der)?;
        Ok(Self { to_be_signed, names, key, random, private })
    }

    /// The certificate of the machine at an address.
    pub(crate) fn certificate(&self, address: Ipv4Addr) -> Result<CertificateDer<'static>, Failed> {
        let mut body = self.to_be_signed.clone();
        let name = machine(address);
        for at in &self.names {
            body[*at..*at + name.len()].copy_from_slice(name.as_bytes());
        }
        let signature = self.key.sign(&self.random, &body).map_err(|error| error.to_string())?;
        body.extend_from_slice(&ALGORITHM);
        // BIT STRING without unused bits: a signature on P-256 has at most 72 bytes.
        body.extend([0x03, u8::try_from(signature.as_ref().len() + 1)?, 0]);
        body.extend_from_slice(signature.as_ref());
        let [high, low] = u16::try_from(body.len())?.to_be_bytes();
        Ok(CertificateDer::from([&[0x30, 0x82, high, low], body.as_slice()].concat()))
    }
}

/// As Windows makes its own: the name as CN only, half a year, for servers.
fn params(name: &str) -> Result<CertificateParams, Failed> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, format!("{name}.{DOMAIN}"));
    // What Windows sets is for RSA keys; this one signs.
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let day =
        |days: u64| rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(now - 30 * 86_400 + days * 86_400);
    params.not_before = day(0);
    params.not_after = day(183);
    Ok(params)
}

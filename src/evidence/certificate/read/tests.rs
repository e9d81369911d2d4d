//! Certificates of OpenSSL and rcgen: every fact, every cut, every broken field.

use jiff::ToSpan;
use proptest::prelude::*;

use super::*;
use crate::evidence::certificate::{NameMatch, Weakness};

macro_rules! data {
    ($name:literal) => {
        include_bytes!(concat!("../../../../tests/data/certificates/", $name, ".der")).as_slice()
    };
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn host(name: &str) -> Host {
    name.parse().map_or_else(|_| Host::Name(name.into()), Host::Address)
}

fn try_read(der: &[u8], target: &str, time: Timestamp) -> Result<Certificate, DecodeError> {
    let chain = Chain::NotChecked { reason: "no roots".into() };
    read(der, &host(target), time, Source::ClearFlight, chain)
}

fn facts(der: &[u8]) -> Certificate {
    try_read(der, "vm1", at("2026-12-01T00:00:00Z")).unwrap()
}

#[test]
fn like_windows_makes_it() {
    let certificate = facts(data!("windows"));
    let expected = Certificate {
        source: Source::ClearFlight,
        subject: "CN=VM1".into(),
        common_name: Some("VM1".into()),
        subject_alternative_names: vec![],
        issuer: "CN=VM1".into(),
        serial: "7a".repeat(16),
        not_before: at("2026-11-20T07:48:26Z"),
        not_after: at("2027-05-22T07:48:26Z"),
        days_left: 172,
        lifetime_days: 183,
        validity: Validity::Valid,
        key_type: "RSA".into(),
        key_bits: Some(2048),
        signature_algorithm: "sha256WithRSAEncryption".into(),
        extended_key_usages: vec!["serverAuth".into()],
        server_authentication: true,
        // openssl x509 -fingerprint says so.
        thumbprint_sha1: "924415D8CB1FDB198B70E8B2A73FE33B50BB73C8".into(),
        thumbprint_sha256: "765189CC12EC9065EE57454F4E9728D554694411F3849012296A11B30703B399".into(),
        self_issued: true,
        self_signature: Some(true),
        windows_default_pattern: true,
        chain: Chain::NotChecked { reason: "no roots".into() },
        name_match: NameMatch::Matches,
        weaknesses: vec![],
    };
    assert_eq!(certificate, expected);
}

#[test]
fn weak_keys_and_signatures() {
    let weak = |der| {
        let found = facts(der);
        assert_eq!(found.key_type, "RSA");
        (found.signature_algorithm, found.key_bits, found.self_signature, found.weaknesses)
    };
    let rsa = |name: &str| format!("{name}WithRSAEncryption");
    assert_eq!(weak(data!("sha1")), (rsa("sha1"), Some(2048), Some(true), vec![Weakness::Sha1Signature]));
    let both = vec![Weakness::Md5Signature, Weakness::RsaBelow2048];
    assert_eq!(weak(data!("md5")), (rsa("md5"), Some(1024), None, both));
    let short = vec![Weakness::RsaBelow2048];
    assert_eq!(weak(data!("rsa1024")), (rsa("sha256"), Some(1024), Some(true), short.clone()));
    assert_eq!(weak(data!("rsa512")), (rsa("sha256"), Some(512), None, short));
    let pss = ("RSASSA-PSS".into(), Some(2048), None, vec![Weakness::Sha1Signature]);
    assert_eq!(weak(data!("pss_sha1")), pss);
}

#[test]
fn a_signature_that_does_not_fit() {
    for der in [data!("windows"), data!("rsa1024"), data!("sha1")] {
        let mut forged = der.to_vec();
        *forged.last_mut().unwrap() ^= 1;
        assert_eq!(facts(&forged).self_signature, Some(false));
    }
}

#[test]
fn sha1_looks_like_windows_too_and_others_do_not() {
    assert!(facts(data!("sha1")).windows_default_pattern);
    for der in [data!("rsa1024"), data!("p521"), data!("expired"), data!("md5")] {
        assert!(!facts(der).windows_default_pattern);
    }
}

#[test]
fn made_for_remote_desktop_alone() {
    let certificate = facts(data!("p521"));
    assert_eq!(certificate.extended_key_usages, ["remoteDesktopAuthentication"]);
    assert!(certificate.server_authentication);
    assert_eq!((certificate.key_type.as_str(), certificate.key_bits), ("EC", Some(521)));
    assert_eq!(certificate.self_signature, None, "no verifier for P-521");
    assert_eq!(certificate.subject_alternative_names, ["vm1.contoso.com", "10.0.0.4"]);
    let name_match = |target| try_read(data!("p521"), target, at("2026-12-01T00:00:00Z")).unwrap().name_match;
    assert_eq!(name_match("VM1.contoso.com"), NameMatch::Matches);
    assert_eq!(name_match("10.0.0.4"), NameMatch::Matches);
    assert_eq!(name_match("vm1"), NameMatch::MachineNameOnly, "the common name does not count beside others");
    assert!(!facts(data!("rsa1024")).server_authentication, "clientAuth alone");
    assert!(facts(data!("md5")).server_authentication, "no usages at all");
}

#[test]
fn expired_and_of_a_ca() {
    let certificate = facts(data!("expired"));
    assert_eq!(certificate.issuer, "CN=Contoso CA,O=Contoso\\, Ltd.,DC=contoso,DC=com");
    assert_eq!(
        (certificate.self_issued, certificate.self_signature),
        (false, Some(true)),
        "one key for both"
    );
    assert_eq!(certificate.lifetime_days, 366);
    assert_eq!((certificate.key_type.as_str(), certificate.key_bits), ("EC", Some(256)));
    let standing = |time: &str| {
        let certificate = try_read(data!("expired"), "vm2.contoso.com", at(time)).unwrap();
        assert_eq!(certificate.name_match, NameMatch::Matches);
        (certificate.validity, certificate.days_left)
    };
    assert_eq!(standing("2019-12-31T23:59:59Z"), (Validity::NotYetValid, 366));
    assert_eq!(standing("2020-01-01T00:00:00Z"), (Validity::Valid, 366));
    assert_eq!(standing("2020-12-31T12:00:00Z"), (Validity::Valid, 0));
    assert_eq!(standing("2021-01-01T00:00:00Z"), (Validity::Valid, 0));
    assert_eq!(standing("2021-01-01T00:00:01Z"), (Validity::Expired, -1));
    assert_eq!(standing("2021-01-11T00:00:00Z"), (Validity::Expired, -10));
}

/// A certificate of rcgen, ECDSA P-256.
fn made(change: impl FnOnce(&mut rcgen::CertificateParams)) -> Vec<u8> {
    let mut params = rcgen::CertificateParams::new(vec!["vm.example".into(), "2001:db8::7".into()]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    change(&mut params);
    params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().der().to_vec()
}

#[test]
fn no_subject_and_no_end() {
    let certificate = facts(&made(|params| {
        params.not_after = rcgen::date_time_ymd(9999, 12, 31);
        params.serial_number = Some(vec![0x80, 1].into());
    }));
    assert_eq!((certificate.subject.as_str(), certificate.common_name), ("", None));
    assert_eq!(certificate.subject_alternative_names, ["vm.example", "2001:db8::7"]);
    assert_eq!(certificate.not_after, Timestamp::MAX);
    assert_eq!(certificate.validity, Validity::Valid);
    assert_eq!(certificate.serial, "8001");
    assert_eq!(certificate.signature_algorithm, "ecdsa-with-SHA256");
    assert_eq!(certificate.self_signature, Some(true));
}

#[test]
fn names_in_other_alphabets() {
    let certificate = facts(&made(|params| {
        let name = &mut params.distinguished_name;
        let bmp = rcgen::string::BmpString::try_from("Büro-ПК").unwrap();
        name.push(rcgen::DnType::OrganizationName, "Ü, Inc.");
        name.push(rcgen::DnType::CommonName, rcgen::DnValue::BmpString(bmp));
        name.push(rcgen::DnType::CustomDnType(vec![1, 2, 3]), "x");
    }));
    assert_eq!(certificate.common_name.as_deref(), Some("Büro-ПК"));
    assert_eq!(certificate.subject, "1.2.3=#0c0178,CN=Büro-ПК,O=Ü\\, Inc.");
}

#[test]
fn too_short_at_every_length() {
    for der in [data!("windows"), data!("expired")] {
        for len in 0..der.len() {
            let error = try_read(&der[..len], "vm1", Timestamp::UNIX_EPOCH).unwrap_err();
            assert_eq!(error.message, "Certificate");
            assert!(error.offset <= len, "cut at {len}: {error}");
        }
    }
}

#[test]
fn wrong_fields_are_named() {
    let fails = |der: &[u8]| {
        let error = try_read(der, "vm1", Timestamp::UNIX_EPOCH).unwrap_err();
        (error.field, error.offset)
    };
    let with = |at: usize, value: u8| {
        let mut der = data!("windows").to_vec();
        der[at] = value;
        fails(&der)
    };
    assert_eq!(fails(b""), ("certificate", 0));
    assert_eq!(with(0, 0x31), ("certificate", 0));
    // After the two headers of four bytes and the version of five: serial number, signature, issuer, validity.
    assert_eq!(with(13, 0x04), ("serialNumber", 13));
    assert_eq!(with(31, 0x31), ("signature", 31));
    assert_eq!(with(46, 0x31), ("issuer", 46));
    assert_eq!(with(62 + 4, b'x'), ("validity", 62));
    assert_eq!(fails(&[data!("windows"), b"x"].concat()), ("certificate", data!("windows").len()));
    let san = data!("broken_san").windows(7).position(|octets| octets == b"\x30\x05\x82\x7fabc").unwrap();
    assert_eq!(fails(data!("broken_san")), ("subjectAltName", san));
    assert_eq!(fails(&vec![0x30; MAX_LEN + 1]), ("certificate", 0));
}

/// A parser that went down element by element would run out of stack here.
#[test]
fn deep_nesting_is_no_trouble() {
    let mut nested = Vec::new();
    for _ in 0..60_000 {
        nested.extend([0x30, 0x80]);
    }
    assert!(try_read(&nested, "vm1", Timestamp::UNIX_EPOCH).is_err());

    let mut deep = vec![5, 0];
    while deep.len() < 60_000 {
        let [_, length @ ..] = u32::try_from(deep.len()).unwrap().to_be_bytes();
        deep = [&[0x30, 0x83], length.as_slice(), &deep].concat();
    }
    assert!(try_read(&deep, "vm1", Timestamp::UNIX_EPOCH).is_err());
    let in_a_name = made(|params| {
        let mut extension = rcgen::CustomExtension::from_oid_content(&[2, 5, 29, 30], deep.clone());
        extension.set_criticality(true);
        params.custom_extensions.push(extension);
    });
    assert_eq!(facts(&in_a_name).subject_alternative_names.len(), 2);
}

#[test]
fn how_long_ago_is_told_in_whole_days() {
    let ago = |time: &str| {
        let certificate = try_read(data!("expired"), "vm2.contoso.com", at(time)).unwrap();
        (certificate.days_left, certificate.ended_ago())
    };
    // It ended with the year 2020.
    assert_eq!(ago("2021-01-01T00:13:00Z"), (-1, "less than a day ago".to_owned()));
    assert_eq!(ago("2021-01-02T00:13:00Z"), (-2, "1 day ago".to_owned()));
    assert_eq!(ago("2021-01-13T00:13:00Z"), (-13, "12 days ago".to_owned()));
}

#[test]
fn days_round_down() {
    let start = at("2026-01-01T12:00:00Z");
    let days = |hours: i64| days_between(start, start + hours.hours());
    assert_eq!(days_between(start, start - 1.nanosecond()), -1);
    assert_eq!([days(-25), days(-24), days(-1), days(0), days(23), days(24)], [-2, -1, -1, 0, 0, 1]);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        which in 0_usize..3,
    ) {
        let _ = try_read(&bytes, "vm1", Timestamp::UNIX_EPOCH);
        let mut der = [data!("windows"), data!("p521"), data!("pss_sha1")][which].to_vec();
        for (index, value) in flips {
            let index = index.index(der.len());
            der[index] = value;
        }
        if let Err(error) = try_read(&der, "vm1", Timestamp::UNIX_EPOCH) {
            prop_assert!(error.offset <= der.len());
        }
    }
}

//! DER that is deep, long or strange: read on a stack of 2 MB, within a bound, or told as what it is.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use rdprobe::evidence::certificate::{Certificate, Chain, Source, read};
use rdprobe::evidence::{Failure, Outcome};
use rdprobe::target::Host;
use rdprobe::wire::codes::tls::{CipherSuite, TlsVersion};
use rdprobe::wire::error::DecodeError;
use rdprobe::wire::tls::server_flight::Flight;
use tokio::io::AsyncWriteExt;

use super::server::{CERTIFICATE, hello, negotiate, serve, stay, tls};
use super::{ended, refused, route};
use crate::rehearsal::patient;

/// How deep the DER is nested.
const DEPTH: usize = 10_000;

/// An element of DER.
fn element(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len().to_be_bytes();
    let significant: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    let header = match value.len() {
        short @ 0..=0x7f => vec![tag, u8::try_from(short).unwrap()],
        _ => [vec![tag, 0x80 | u8::try_from(significant.len()).unwrap()], significant].concat(),
    };
    [header, value.to_vec()].concat()
}

/// Elements within elements.
fn nested(tag: u8) -> Vec<u8> {
    // From the inside out, written backwards: an own copy at each depth would be quadratic.
    let mut backwards: Vec<u8> = vec![0, 5];
    for _ in 0..DEPTH {
        let header = element(tag, &[]);
        let length = backwards.len();
        let octets = length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0);
        if length < 0x80 {
            backwards.push(u8::try_from(length).unwrap());
        } else {
            let octets: Vec<u8> = octets.collect();
            backwards.extend(octets.iter().rev());
            backwards.push(0x80 | u8::try_from(octets.len()).unwrap());
        }
        backwards.push(header[0]);
    }
    backwards.reverse();
    backwards
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    element(0x30, &parts.concat())
}

fn oid(bytes: &[u8]) -> Vec<u8> {
    element(6, bytes)
}

/// A name with one attribute: the common name with this value.
fn common_name(value: Vec<u8>) -> Vec<u8> {
    sequence(&[element(0x31, &sequence(&[oid(&[0x55, 4, 3]), value]))])
}

/// The parts of a certificate that a test may want to be strange.
struct Parts {
    subject: Vec<u8>,
    issuer: Vec<u8>,
    parameters: Vec<u8>,
    extensions: Vec<Vec<u8>>,
}

impl Default for Parts {
    fn default() -> Self {
        let name = common_name(element(0x0c, b"MYVM"));
        Self { subject: name.clone(), issuer: name, parameters: vec![5, 0], extensions: Vec::new() }
    }
}

impl Parts {
    /// A certificate that is whole but for its signature, which nobody checks here.
    fn certificate(self) -> Vec<u8> {
        let algorithm = sequence(&[oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11]), self.parameters]);
        let validity = sequence(&[element(0x17, b"250101000000Z"), element(0x17, b"350101000000Z")]);
        let modulus = element(2, &[&[0][..], &[0xab; 256]].concat());
        let key = sequence(&[modulus, element(2, &[1, 0, 1])]);
        let rsa = sequence(&[oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]), vec![5, 0]]);
        let key = sequence(&[rsa, element(3, &[&[0][..], &key].concat())]);
        let mut body = vec![
            element(0xa0, &[2, 1, 2]),
            vec![2, 1, 7],
            algorithm.clone(),
            self.issuer,
            validity,
            self.subject,
            key,
        ];
        if !self.extensions.is_empty() {
            body.push(element(0xa3, &sequence(&self.extensions)));
        }
        sequence(&[sequence(&body), algorithm, element(3, &[0; 257])])
    }
}

/// An extension by its number under `id-ce`.
fn extension(number: u8, value: &[u8]) -> Vec<u8> {
    sequence(&[oid(&[0x55, 0x1d, number]), element(4, value)])
}

/// Reads on a stack as a thread usually has it, and soon.
fn read_soon(der: &[u8]) -> Result<Certificate, DecodeError> {
    let der = der.to_vec();
    let began = Instant::now();
    let reader = std::thread::Builder::new().stack_size(2 << 20).spawn(move || {
        let chain = Chain::NotChecked { reason: String::new() };
        read(&der, &Host::Name("myvm.example".to_owned()), Timestamp::UNIX_EPOCH, Source::ClearFlight, chain)
    });
    let result = reader.unwrap().join().expect("no panic");
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    result
}

#[test]
fn the_certificates_of_these_tests_are_whole() {
    let certificate = read_soon(&Parts::default().certificate()).unwrap();
    assert_eq!((certificate.subject.as_str(), certificate.key_bits), ("CN=MYVM", Some(2048)));
}

#[test]
fn ten_thousand_elements_within_each_other_are_no_stack_overflow() {
    let deep = [nested(0x30), nested(0x31), nested(0xa0), nested(0x24)];
    for deep in deep {
        // As the whole, as a name's value, a name, an algorithm's parameters, and in each extension that is read.
        let name = |value: &Vec<u8>| common_name(value.clone());
        let mut all = vec![
            deep.clone(),
            sequence(&[deep.clone(), deep.clone(), deep.clone()]),
            Parts { subject: name(&deep), ..Parts::default() }.certificate(),
            Parts { issuer: deep.clone(), ..Parts::default() }.certificate(),
            Parts { parameters: deep.clone(), ..Parts::default() }.certificate(),
        ];
        // subjectAltName, issuerAltName, nameConstraints, CRL points, policies, key identifiers, usages, and unknown.
        for number in [9, 14, 15, 17, 18, 19, 30, 31, 32, 33, 35, 36, 37, 46, 54, 99] {
            for value in [deep.clone(), sequence(std::slice::from_ref(&deep))] {
                all.push(
                    Parts { extensions: vec![extension(number, &value)], ..Parts::default() }.certificate(),
                );
            }
            let directory_name = sequence(&[element(0xa4, &deep)]);
            all.push(
                Parts { extensions: vec![extension(number, &directory_name)], ..Parts::default() }
                    .certificate(),
            );
        }
        for der in all {
            // Either it is read, or it says where it breaks.
            if let Err(error) = read_soon(&der) {
                assert!(error.offset <= der.len(), "{error}");
            }
        }
    }
}

#[test]
fn more_than_a_quarter_megabyte_is_not_read() {
    let long = common_name(element(0x0c, &vec![b'x'; 300 * 1024]));
    let error = read_soon(&Parts { subject: long, ..Parts::default() }.certificate()).unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
}

#[test]
fn as_many_names_as_fit_are_read_in_time() {
    let names: Vec<Vec<u8>> = (0..20_000).map(|n| element(0x82, format!("n{n}.x").as_bytes())).collect();
    let many = extension(17, &sequence(&names));
    let certificate = read_soon(&Parts { extensions: vec![many], ..Parts::default() }.certificate()).unwrap();
    assert!(certificate.subject_alternative_names.len() <= 20_000);
    // A subject of as many parts.
    let part = element(0x31, &sequence(&[oid(&[0x55, 4, 11]), element(0x0c, b"u")]));
    let subject = element(0x30, &part.repeat(15_000));
    read_soon(&Parts { subject, ..Parts::default() }.certificate()).unwrap();
    // As many extensions.
    let extensions = (0..10_000_u32)
        .map(|n| sequence(&[oid(&[0x2b, 0x81, u8::try_from(n % 128).unwrap()]), element(4, &[5, 0])]));
    let told = read_soon(&Parts { extensions: extensions.collect(), ..Parts::default() }.certificate());
    assert!(told.is_ok() || told.is_err_and(|error| error.offset > 0));
}

#[test]
fn names_that_act_on_a_terminal_are_read_as_they_are() {
    let nasty = "VM\u{1b}]0;x\u{7}\u{202e}\u{0}\u{9b}2J";
    let utf16: Vec<u8> = nasty.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for (tag, value) in
        [(0x0c, nasty.as_bytes().to_vec()), (0x1e, utf16), (0x1e, vec![0xd8, 0, 0, b'V', 0xdc])]
    {
        let subject = common_name(element(tag, &value));
        match read_soon(&Parts { subject, ..Parts::default() }.certificate()) {
            Ok(certificate) => assert!(certificate.subject.starts_with("CN="), "{certificate:?}"),
            Err(error) => assert!(!error.to_string().contains(char::is_control), "{error}"),
        }
    }
}

/// Shows a chain in the clear flight of every version that is asked for.
async fn shown(chain: Vec<Vec<u8>>) -> rdprobe::report::Report {
    let address = serve(move |mut stream| {
        let certificates = chain.clone();
        async move {
            negotiate(&mut stream).await?;
            hello(&mut stream).await?;
            let flight = Flight {
                version: TlsVersion::TLS_1_2,
                cipher_suite: CipherSuite(0xc02f),
                random: [7; 32],
                session_id: vec![1; 32],
                extensions: vec![],
                certificates,
                hello_retry_request: false,
            };
            stream.write_all(&flight.encode()).await?;
            // Nobody has to wait for the rest of the handshake.
            stream.shutdown().await?;
            stay(stream).await
        }
    })
    .await;
    ended(address, &patient()).await
}

#[tokio::test]
async fn a_deep_certificate_in_a_flight_is_told_as_broken() {
    let report = shown(vec![nested(0x30)]).await;
    let told = &route(&report).certificate.outcome;
    assert!(matches!(told, Outcome::Failed(Failure::Malformed { .. })), "{told:?}");
    assert_ne!(report.diagnosis.verdict, rdprobe::diagnosis::Verdict::Reachable);
}

/// Every certificate could be the issuer of every other one: a path builder that tried them all would never end.
#[tokio::test]
async fn a_chain_in_which_all_issue_each_other_is_checked_in_time() {
    let one = Parts::default().certificate();
    let chain: Vec<Vec<u8>> = std::iter::repeat_n(one, 64).collect();
    let config = tls(&rustls::version::TLS13, &chain.iter().map(Vec::as_slice).collect::<Vec<_>>(), 0);
    let address = serve(move |stream| {
        let config = config.clone();
        async move { super::server::asked(stream, config).await.map(drop) }
    })
    .await;
    refused(address, &patient()).await;
    let began = Instant::now();
    shown(std::iter::repeat_n(CERTIFICATE.to_vec(), 64).collect()).await;
    assert!(began.elapsed() < super::NEVER / 2, "{:?}", began.elapsed());
}

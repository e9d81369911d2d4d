//! How long one probe's answers take to read.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on fails, and says so")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use rdprobe::evidence::certificate::{self, Chain, Source};
use rdprobe::target::Host;
use rdprobe::wire::codes::tls::{CipherSuite, TlsVersion};
use rdprobe::wire::ntlm::Challenge;
use rdprobe::wire::tls::server_flight::{Flight, FlightReader};
use rdprobe::wire::x224::Tpdu;

const CERTIFICATE: &[u8] = include_bytes!("../tests/data/certificates/windows.der");

/// Server 2022, a domain controller (zeek, BSD-3-Clause).
const CHALLENGE: &[u8] = include_bytes!("../fuzz/seeds/ntlm_challenge/server-2022");

fn connection_confirm(c: &mut Criterion) {
    let frame = [3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, 2, 0x1f, 8, 0, 8, 0, 0, 0];
    c.bench_function("connection confirm", |b| b.iter(|| Tpdu::decode(black_box(&frame)).unwrap()));
}

fn server_flight(c: &mut Criterion) {
    let flight = Flight {
        version: TlsVersion::TLS_1_2,
        cipher_suite: CipherSuite(0xc030),
        random: [7; 32],
        session_id: vec![9; 32],
        extensions: vec![23, 65281],
        certificates: vec![CERTIFICATE.to_vec()],
        hello_retry_request: false,
    };
    let bytes = flight.encode();
    c.bench_function("server flight with certificate", |b| {
        b.iter(|| FlightReader::new().push(black_box(&bytes)).unwrap());
    });
}

fn ntlm_challenge(c: &mut Criterion) {
    c.bench_function("ntlm challenge", |b| b.iter(|| Challenge::decode(black_box(CHALLENGE)).unwrap()));
}

/// The signature check is nearly all of it.
fn certificate_read(c: &mut Criterion) {
    let host = Host::Name("vm1".into());
    let at = "2026-12-01T00:00:00Z".parse().unwrap();
    c.bench_function("certificate, RSA 2048", |b| {
        b.iter(|| {
            let chain = Chain::NotChecked { reason: String::new() };
            certificate::read(black_box(CERTIFICATE), &host, at, Source::ClearFlight, chain).unwrap()
        });
    });
}

criterion_group!(benches, connection_confirm, server_flight, ntlm_challenge, certificate_read);
criterion_main!(benches);

//! Reports in which some words are a stranger's: every rendering is harmless, whatever stands where.
//!
//! The input is a list of words: a byte that picks a report, one that picks a rendering, then for each two bytes that pick
//! one of the report's words, and up to the next 0xff what stands there instead.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use rdprobe::policy::{Judged, Outcome};
use rdprobe::render::check::CheckFormat;
use rdprobe::report::Report;
use rdprobe::report::check::Check;
use serde_json::Value;

mod harmless;

static REPORTS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    [
        include_str!("../../tests/goldens/reachable-domain/report.json"),
        include_str!("../../tests/goldens/partly-reachable/report.json"),
        include_str!("../../tests/goldens/not-rdp/report.json"),
        include_str!("../../tests/goldens/told-key-unreadable/report.json"),
        include_str!("../../tests/goldens/dns-no-such-name/report.json"),
        include_str!("../../tests/goldens/tcp-forbidden-by-router/report.json"),
    ]
    .iter()
    .map(|text| serde_json::from_str(text).expect("a golden is JSON"))
    .collect()
});

fuzz_target!(|bytes: &[u8]| {
    let [which, rendering, rest @ ..] = bytes else { return };
    let mut document = REPORTS[usize::from(*which) % REPORTS.len()].clone();
    let mut strange = String::new();
    for word in rest.split(|byte| *byte == 0xff).take(16) {
        let [high, low, word @ ..] = word else { continue };
        let mut words = Vec::new();
        strings(&mut document, &mut words);
        let at = usize::from(u16::from_be_bytes([*high, *low])) % words.len();
        strange = String::from_utf8_lossy(word).into_owned();
        words[at].clone_from(&strange);
    }
    let Ok(report) = serde_json::from_value::<Report>(document) else { return };
    let rendering = usize::from(*rendering) % harmless::RENDERINGS;
    let Some(format) = rendering.checked_sub(5).map(|at| CheckFormat::ALL[at]) else {
        return harmless::one(rendering, &report);
    };
    let judged = Judged {
        expectation: strange.clone(),
        subject: strange.clone(),
        outcome: Outcome::Missed,
        fact: strange.clone(),
        address: None,
        measure: None,
    };
    harmless::check(format, &Check::new(strange, vec![judged], None, None, report));
});

fn strings<'a>(value: &'a mut Value, into: &mut Vec<&'a mut String>) {
    match value {
        Value::String(text) => into.push(text),
        Value::Array(values) => values.iter_mut().for_each(|value| strings(value, into)),
        Value::Object(fields) => fields.values_mut().for_each(|value| strings(value, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

//! One page about a fleet that needs nothing but itself: no request; light, dark, on paper and on a telephone.
//!
//! The table of hosts stands within `noscript`, so that it is there without scripts and costs no layout with them. The
//! one script takes its rows from there and sorts, filters and unfolds them; it never makes markup out of text. What the
//! rows unfold to is compressed, some dozens of hosts together, because much of it is the same.

use std::io::{self, Write};

use data_encoding::BASE64;
use maud::{DOCTYPE, Markup, PreEscaped, html as markup};
use ring::digest::{SHA256, digest};

use super::words;
use crate::fleet::record::Scan;
use crate::fleet::survey::Survey;
use crate::render::escape::escape;

// What is counted, as bars and tables.
mod counts;

// Builds and outliers.
mod findings;

// The table of hosts, and what its rows unfold to.
mod hosts;

const STYLE: &str = concat!(include_str!("../record/html/page.css"), include_str!("html/page.css"));

const SCRIPT: &str = include_str!("html/page.js");

/// The page.
///
/// # Errors
///
/// Those of `out`, or the record is damaged.
pub fn html(scan: &Scan, survey: &Survey, out: &mut dyn Write) -> io::Result<()> {
    write!(
        out,
        "{}<html lang=\"en\">{}<body><main class=\"fleet\">",
        DOCTYPE.into_string(),
        head(survey).into_string()
    )?;
    out.write_all(summary(survey).into_string().as_bytes())?;
    hosts::table(scan, survey, out)?;
    write!(out, "{}</main>{}", notes(survey).into_string(), footer(survey).into_string())?;
    hosts::texts(scan, out)?;
    write!(out, "<script>{SCRIPT}</script></body></html>")
}

fn head(survey: &Survey) -> Markup {
    markup! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy());
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="generator" content=(survey.by);
            title { (title(survey)) }
            style { (PreEscaped(STYLE)) }
        }
    }
}

/// Nothing is loaded, and nothing runs but the page's own script, whatever a peer's text should contain.
fn policy() -> String {
    let hash = BASE64.encode(digest(&SHA256, SCRIPT.as_bytes()).as_ref());
    format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'"
    )
}

fn title(survey: &Survey) -> String {
    format!("RDP in {}", escape(&survey.source))
}

fn summary(survey: &Survey) -> Markup {
    markup! {
        header {
            h1 { (title(survey)) }
            p.period { (words::period(survey)) }
            @if survey.ended.is_none() { p.warn { (words::NOT_ENDED) } }
            @if let Some(untested) = words::untested(survey) { p.warn { (untested) } }
            (counts::verdicts(survey))
        }
        @if !survey.causes.is_empty() {
            section { h2 { "Why, and what to run" } (counts::causes(survey)) }
        }
        @if !survey.stages.is_empty() {
            section { h2 { "Where it fails" } (counts::stages(survey)) }
        }
        section { h2 { "When certificates end" } (counts::certificates(survey)) }
        section { h2 { "Security that is offered" } (counts::posture(survey)) }
        @if !survey.builds.is_empty() {
            section { h2 { "Windows builds" } (findings::builds(survey)) }
        }
        @if !survey.outliers.is_empty() {
            section { h2 { "Hosts that differ" } (findings::outliers(survey)) }
        }
    }
}

/// What the words and numbers mean.
fn notes(survey: &Survey) -> Markup {
    markup! {
        section.notes {
            h2 { "How to read this" }
            p {
                "Each target was probed once, without a logon. A host counts for its first cause; the row has the others. "
                "Ends of certificates and of support are counted from " (words::day(survey.latest)) ", the day of the scan. "
                "A build number is what NLA tells: it is the same for several editions, and some of them are mended longer "
                "than others."
            }
            @if !words::asks_all(survey) {
                p { "Only a scan with " code { "--depth full" } " asks every host for each TLS version, for standard RDP security, and whether NLA is required; less deep, a row may tell it of a host whose handshake failed." }
            }
        }
    }
}

fn footer(survey: &Survey) -> Markup {
    markup! {
        footer { p { "Written by " (survey.by) " from its record, scan " (survey.scan) ". Times are UTC." } }
    }
}

//! What is counted, as bars: verdicts, causes, stages, ends of certificates, postures.

use maud::{Markup, html as markup};

use crate::fleet::survey::{Count, Posture, Survey};
use crate::render::escape::escape;
use crate::render::fleet::words;
use crate::render::measure::share;
use crate::render::words::stage_word;

/// So many causes have a bar.
const CAUSES: usize = 40;

/// The whole fleet in one bar, and its parts in numbers.
pub(super) fn verdicts(survey: &Survey) -> Markup {
    markup! {
        (whole("verdict", &survey.verdicts, survey.targets))
        @if !survey.results.is_empty() {
            p.period { "What the expectations came to" }
            (whole("result", &survey.results, survey.targets))
            @if !survey.missed.is_empty() {
                div.bars.short { @for it in &survey.missed {
                    div.bar { p.what { "missed: " code { (escape(&it.value)) } } (bar(it.hosts, survey.targets, "bad")) }
                } }
            }
        }
        @if let Some(connect) = &survey.connect {
            p.quiet {
                "TCP connect: median " b { (words::time(Some(connect.p50_us))) } ", 99 in 100 within "
                b { (words::time(Some(connect.p99_us))) } ", slowest " b { (words::time(Some(connect.max_us))) }
            }
        }
    }
}

fn whole(key: &str, counts: &[Count], all: u64) -> Markup {
    markup! {
        div.whole aria-hidden="true" {
            @for count in counts {
                div class={ "g-" (words::grade(&count.value)) } style={ "flex-grow:" (count.hosts) } {}
            }
        }
        dl.figures {
            @for count in counts {
                div {
                    dt { span class={ "key g-" (words::grade(&count.value)) } {} (words::plain(&count.value)) }
                    dd {
                        a href={ "#" (key) "=" (address(&count.value)) } { (count.hosts) }
                        " " span.quiet { (share(count.hosts, all)) }
                    }
                }
            }
        }
    }
}

/// Each cause with how many hosts it explains, and what to run.
pub(super) fn causes(survey: &Survey) -> Markup {
    let most = survey.causes.first().map_or(1, |cause| cause.hosts);
    let left_out = survey.causes.len().saturating_sub(CAUSES);
    markup! {
        div.bars {
            @for cause in survey.causes.iter().take(CAUSES) {
                div.bar {
                    p.what {
                        a href={ "#cause=" (address(&cause.id)) } { (words::cause(cause)) }
                        " " span.quiet { (words::standings(cause)) }
                    }
                    p.run { code { "rdprobe explain " (escape(&cause.id)) } }
                    (bar(cause.hosts, most, "bad"))
                }
            }
        }
        @if left_out > 0 { p.quiet { "and " (left_out) " more; --format json has them all." } }
    }
}

/// The stage at which hosts fail, in the order of the flow.
pub(super) fn stages(survey: &Survey) -> Markup {
    let most = survey.stages.iter().map(|it| it.hosts).max().unwrap_or(1);
    let word = |value: &str| {
        let stage = crate::evidence::Stage::ALL.into_iter().find(|stage| stage.word() == value);
        stage.map_or_else(|| words::plain(value), |stage| stage_word(stage).to_owned())
    };
    markup! {
        div.bars.short {
            @for stage in &survey.stages {
                div.bar { p.what { (word(&stage.value)) } (bar(stage.hosts, most, "poor")) }
            }
        }
    }
}

/// Expired, week by week, later.
pub(super) fn certificates(survey: &Survey) -> Markup {
    let ends = &survey.certificates;
    let most = ends.weeks.iter().map(|week| week.hosts).max().unwrap_or(0);
    let soon: u64 = ends.weeks.iter().take(4).map(|week| week.hosts).sum();
    markup! {
        dl.figures {
            (figure("expired", ends.expired, "bad"))
            (figure("in four weeks", soon, "poor"))
            (figure("later than 26 weeks", ends.later, "good"))
            (figure("none was seen", ends.unseen, "open"))
        }
        @if most > 0 {
            figure {
                div.weeks role="img" aria-label="Certificates that end, by week" {
                    @for (place, week) in ends.weeks.iter().enumerate() {
                        div.week title={ "week from " (words::day(week.from)) ": " (week.hosts) } {
                            span.count { @if week.hosts > 0 { (week.hosts) } }
                            div class=(if place < 4 { "column g-poor" } else { "column" }) style={ "height:" (part(week.hosts, most)) "%" } {}
                        }
                    }
                }
                div.dates {
                    @for week in ends.weeks.iter().step_by(5) { span { (words::day(week.from)) } }
                }
                figcaption { "Hosts whose certificate ends in that week. Windows renews its own about two weeks before; others it does not." }
            }
        }
    }
}

fn figure(name: &str, hosts: u64, grade: &str) -> Markup {
    markup! { div { dt { span class={ "key g-" (grade) } {} (name) } dd { (hosts) } } }
}

/// Which TLS versions are taken, what is said of NLA and of standard RDP security.
pub(super) fn posture(survey: &Survey) -> Markup {
    let nobody = "No host told.";
    let of_all = if words::asks_all(survey) { nobody } else { "Only --depth full asks every host." };
    markup! {
        div.three {
            (one("TLS versions accepted", &survey.tls_versions, words::plain, of_all))
            (one("NLA (CredSSP)", &survey.nla, words::nla, nobody))
            (one("Standard RDP security", &survey.standard_rdp, words::standard, of_all))
        }
    }
}

fn one(name: &str, posture: &Posture, word: fn(&str) -> String, nobody: &str) -> Markup {
    markup! {
        div {
            h3 { (name) }
            @if posture.known == 0 { p.quiet { (nobody) } } @else {
                div.bars.short { @for count in &posture.counts {
                    div.bar { p.what { (word(&count.value)) } (bar(count.hosts, posture.known, words::grade(&count.value))) }
                } }
                p.quiet { "of " (posture.known) " that told" }
            }
        }
    }
}

fn bar(hosts: u64, most: u64, grade: &str) -> Markup {
    markup! {
        div.line {
            div class={ "fill g-" (grade) } style={ "width:" (part(hosts, most)) "%" } {}
            span.amount { (hosts) }
        }
    }
}

/// Hundredths of the most; what is there at all can be seen.
fn part(hosts: u64, most: u64) -> u64 {
    if hosts == 0 { 0 } else { (hosts.saturating_mul(100) / most.max(1)).clamp(1, 100) }
}

/// A word as it stands after `#`.
fn address(word: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let escaped = word
        .as_bytes()
        .iter()
        .map(|byte| if plain(byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") });
    escaped.collect()
}

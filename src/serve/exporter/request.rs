//! What a request to `/probe` asks for: the target, the module and the time there is, or why it cannot be had.

use std::fmt;
use std::time::Duration;

use axum::http::StatusCode;

use super::allow::Why;
use super::module;
use crate::render::escape::needs_escape;
use crate::target::Target;

/// Prometheus tells by this header how long it waits for an answer.
pub(super) const SCRAPE_TIMEOUT: &str = "x-prometheus-scrape-timeout-seconds";

/// The answer must be there before Prometheus gives up, as blackbox_exporter has it.
const MARGIN: Duration = Duration::from_millis(500);

/// No target and no module has a longer name, in bytes.
const LONGEST: usize = 300;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) target: Target,
    pub(super) module: String,
}

/// Why nothing is probed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The request cannot be carried out: what is wrong, and what to write instead.
    Bad { message: String, hint: String },
    /// The target may not be connected to.
    NotAllowed(Why),
    /// As many probes as there may be are under way.
    Busy,
    /// The exporter is about to end, and a probe cut short proves nothing.
    Stopping,
}

impl Refusal {
    fn bad(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Bad { message: message.into(), hint: hint.into() }
    }

    /// No such module.
    pub(super) fn unknown_module<'a>(module: &str, known: impl Iterator<Item = &'a String>) -> Self {
        let known: Vec<&str> = known.map(String::as_str).collect();
        Self::bad(format!("no module is called {module}"), format!("known: {}", known.join(", ")))
    }

    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::Bad { .. } => StatusCode::BAD_REQUEST,
            Self::NotAllowed(_) => StatusCode::FORBIDDEN,
            Self::Busy | Self::Stopping => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// The reason and, on a second line, the hint.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bad { message, hint } => {
                writeln!(f, "{}", plain(message))?;
                writeln!(f, "hint: {}", plain(hint))
            }
            Self::NotAllowed(why) => {
                writeln!(f, "{why}")?;
                writeln!(f, "hint: rdprobe serve --allow HOST, or HOST:PORT, lets it")
            }
            Self::Busy => {
                writeln!(f, "as many probes as --concurrency allows are under way")?;
                writeln!(f, "hint: scrape less at a time, or allow more")
            }
            Self::Stopping => writeln!(f, "the exporter is about to end"),
        }
    }
}

/// Reads the query: `target=HOST[:PORT]&module=NAME`.
pub(super) fn read(pairs: &[(String, String)]) -> Result<Asked, Refusal> {
    let (mut target, mut module) = (None, None);
    for (name, value) in pairs {
        let place = match name.as_str() {
            "target" => &mut target,
            "module" => &mut module,
            other => {
                return Err(Refusal::bad(format!("no parameter is called {other}"), "known: target, module"));
            }
        };
        if value.len() > LONGEST {
            let message = format!("the {name} has {} characters", value.len());
            return Err(Refusal::bad(message, format!("at most {LONGEST}")));
        }
        if place.replace(value.as_str()).is_some() {
            return Err(Refusal::bad(
                format!("the {name} is there twice"),
                "one target and one module a request",
            ));
        }
    }
    let Some(text) = target.filter(|target| !target.is_empty()) else {
        return Err(Refusal::bad(
            "the target is missing",
            "such as /probe?target=myvm.example.com&module=rdp",
        ));
    };
    let target = Target::parse(text)
        // Its own hints are for a command line.
        .map_err(|error| Refusal::bad(error.to_string(), "HOST, HOST:PORT, ADDRESS or [ADDRESS]:PORT"))?;
    Ok(Asked { target, module: module.filter(|name| !name.is_empty()).unwrap_or(module::DEFAULT).to_owned() })
}

/// How long a probe may take: what the module allows, and no longer than Prometheus waits less half a second.
pub(super) fn deadline(header: Option<&str>, module: Duration) -> Result<Duration, Refusal> {
    let Some(text) = header else { return Ok(module) };
    let seconds = text.trim().parse().ok().filter(|seconds: &f64| *seconds > 0.0);
    let Some(waits) = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()) else {
        return Err(Refusal::bad(format!("no time to wait: {text}"), format!("{SCRAPE_TIMEOUT}: 10")));
    };
    // Who waits less than a second gets half of it.
    Ok(waits.saturating_sub(MARGIN).max(waits.div_f64(2.0)).min(module))
}

/// What a peer wrote, in an answer that may be read on a terminal.
fn plain(text: &str) -> String {
    text.chars().map(|c| if needs_escape(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&str, &str)]) -> Result<Asked, Refusal> {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        read(&pairs)
    }

    #[test]
    fn a_target_and_a_module_are_read() {
        let read = asked(&[("module", "tcp"), ("target", "vm1:3390")]).unwrap();
        assert_eq!((read.target.port, read.module.as_str()), (3390, "tcp"));
        assert_eq!(asked(&[("target", "vm1"), ("module", "")]).unwrap().module, module::DEFAULT);
    }

    #[test]
    fn what_cannot_be_carried_out_has_a_reason_and_a_hint() {
        let long = "a".repeat(LONGEST + 1);
        for (pairs, reason) in [
            (&[][..], "the target is missing"),
            (&[("target", "")], "the target is missing"),
            (&[("target", "a"), ("target", "b")], "the target is there twice"),
            (&[("target", &long)], "the target has 301 characters"),
            (&[("target", "a"), ("debug", "true")], "no parameter is called debug"),
            (&[("target", "a:0")], "port 0 cannot be connected to"),
            (&[("target", "a:99999")], "a port above 65535"),
            (&[("target", "http://a/")], "a URL, not a Remote Desktop address"),
            (&[("target", "a\r\nb")], "not a host"),
        ] {
            let refusal = asked(pairs).unwrap_err();
            assert_eq!(refusal.status(), StatusCode::BAD_REQUEST);
            let text = refusal.to_string();
            assert!(text.starts_with(reason) && text.contains("\nhint: "), "{text}");
            assert_eq!(text.lines().count(), 2, "{text}");
        }
    }

    #[test]
    fn the_deadline_leaves_prometheus_half_a_second() {
        let seconds = Duration::from_secs_f64;
        assert_eq!(deadline(None, seconds(9.5)), Ok(seconds(9.5)));
        assert_eq!(deadline(Some("5"), seconds(9.5)), Ok(seconds(4.5)));
        assert_eq!(deadline(Some("60"), seconds(9.5)), Ok(seconds(9.5)));
        assert_eq!(deadline(Some("0.4"), seconds(9.5)), Ok(seconds(0.2)));
        for wrong in ["", "x", "-1", "0", "NaN", "inf", "1e300"] {
            assert!(deadline(Some(wrong), seconds(9.5)).is_err(), "{wrong}");
        }
    }
}

//! A subject's criterion: what it reads from the evidence, and how the value wanted is held against it.

use super::value::{self, ValueError};
use super::windows::{RELEASES, Windows};
use super::{Operator, Unit};
use crate::diagnosis::Diagnosis;
use crate::diagnosis::catalogue::Cause;
use crate::evidence::{Evidence, Route};
use crate::policy::fact::{Decision, Fact, Reading, Span};
use crate::wire::codes::tls::TlsVersion;

/// What is read, by the kind of value that it is held against.
pub(in crate::policy) enum Criterion {
    /// It is so, or it is not.
    Flag(Read<bool>),
    /// Some of these words; what is read are those that it may be.
    Words(&'static [&'static str], fn(&Route) -> Reading<Vec<&'static str>>),
    /// A name; what is read are all the names.
    Names(fn(&Route) -> Reading<Vec<String>>),
    /// A whole number; what is read are the smallest and the largest that it may be.
    Number(Read<Span<u32>>),
    /// A time, with one threshold or two; what is read are the shortest and the longest that it may be, in seconds.
    Time(fn(&Route, &Evidence) -> Reading<Span<f64>>, Unit),
    /// A version of TLS.
    Tls(fn(&Route, Operator, TlsVersion) -> Decision),
    /// Ids of causes.
    Causes(fn(&Evidence, &Diagnosis, &[&'static Cause]) -> Decision),
    /// A release or build of Windows; what is read are the builds that it may be.
    Windows(fn(&Route) -> Reading<Vec<u16>>),
}

/// Where something is read: once for the target, or at every address.
pub(in crate::policy) enum Read<T> {
    Target(fn(&Evidence, &Diagnosis) -> Reading<T>),
    Route(fn(&Route) -> Reading<T>),
}

/// A criterion with the value that is wanted.
#[derive(Clone)]
pub(in crate::policy) enum Wanted {
    /// Decided once.
    Target(OfTarget),
    /// Decided at every address, the worst counts.
    Route(OfRoute),
}

#[derive(Clone)]
pub(in crate::policy) enum OfTarget {
    Flag(fn(&Evidence, &Diagnosis) -> Reading<bool>),
    Number(fn(&Evidence, &Diagnosis) -> Reading<Span<u32>>, u32),
    Causes(fn(&Evidence, &Diagnosis, &[&'static Cause]) -> Decision, Vec<&'static Cause>),
}

#[derive(Clone)]
pub(in crate::policy) enum OfRoute {
    Flag(fn(&Route) -> Reading<bool>),
    Words(fn(&Route) -> Reading<Vec<&'static str>>, Vec<&'static str>),
    Names(fn(&Route) -> Reading<Vec<String>>, Vec<String>),
    Number(fn(&Route) -> Reading<Span<u32>>, u32),
    Time(fn(&Route, &Evidence) -> Reading<Span<f64>>, Unit, Thresholds),
    Tls(fn(&Route, Operator, TlsVersion) -> Decision, TlsVersion),
    Windows(fn(&Route) -> Reading<Vec<u16>>, Windows),
}

/// One threshold, or a first one past which there is a warning. In seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::policy) struct Thresholds {
    pub(in crate::policy) warning: Option<f64>,
    pub(in crate::policy) critical: f64,
}

impl Criterion {
    pub(super) const fn has_two_thresholds(&self) -> bool {
        matches!(self, Self::Time(..))
    }

    /// What a value looks like.
    pub(super) fn value_words(&self) -> String {
        match self {
            Self::Flag(_) => String::new(),
            Self::Words(words, _) => format!("{}; several with |", words.join(", ")),
            Self::Names(_) => "a name, capitals do not matter; several with |".to_owned(),
            Self::Number(_) => "a whole number".to_owned(),
            Self::Time(..) => "a time in ms, s, m, h or d; two as warning:critical".to_owned(),
            Self::Causes(_) => "the id of a cause, as rdprobe explain lists them; several with |".to_owned(),
            Self::Tls(_) => "1.0, 1.1, 1.2 or 1.3".to_owned(),
            Self::Windows(_) => format!("{}, or a build", releases().collect::<Vec<_>>().join(", ")),
        }
    }

    /// Understands a value; the text has no blanks around it.
    pub(in crate::policy) fn want(&self, operator: Operator, text: &str) -> Result<Wanted, ValueError> {
        Ok(match self {
            Self::Flag(Read::Target(read)) => Wanted::Target(OfTarget::Flag(*read)),
            Self::Flag(Read::Route(read)) => Wanted::Route(OfRoute::Flag(*read)),
            Self::Words(words, read) => {
                let wanted: Result<_, _> = value::alternatives(text)
                    .map(|(offset, part)| value::word(part, offset, words))
                    .collect();
                Wanted::Route(OfRoute::Words(*read, wanted?))
            }
            Self::Names(read) => {
                let wanted: Result<_, _> =
                    value::alternatives(text).map(|(offset, part)| value::name(part, offset)).collect();
                Wanted::Route(OfRoute::Names(*read, wanted?))
            }
            Self::Number(Read::Target(read)) => Wanted::Target(OfTarget::Number(*read, value::number(text)?)),
            Self::Number(Read::Route(read)) => Wanted::Route(OfRoute::Number(*read, value::number(text)?)),
            Self::Time(read, unit) => Wanted::Route(OfRoute::Time(*read, *unit, thresholds(operator, text)?)),
            Self::Causes(decide) => {
                let wanted: Result<_, _> =
                    value::alternatives(text).map(|(offset, part)| value::cause(part, offset)).collect();
                Wanted::Target(OfTarget::Causes(*decide, wanted?))
            }
            Self::Tls(decide) => Wanted::Route(OfRoute::Tls(*decide, value::tls_version(text)?)),
            Self::Windows(read) => {
                let windows = Windows::read(text).ok_or_else(|| {
                    let message = "that is no release of Windows and no build";
                    ValueError::new(0, message, value::suggestion(text, releases()))
                })?;
                Wanted::Route(OfRoute::Windows(*read, windows))
            }
        })
    }
}

fn releases() -> impl Iterator<Item = &'static str> + Clone {
    RELEASES.iter().map(|release| release.name)
}

fn thresholds(operator: Operator, text: &str) -> Result<Thresholds, ValueError> {
    let Some((first, second)) = text.split_once(':') else {
        return Ok(Thresholds { warning: None, critical: value::time(text, 0)? });
    };
    let leading = second.chars().take_while(|c| c.is_whitespace()).count();
    let start = first.chars().count().saturating_add(1).saturating_add(leading);
    let warning = value::time(first.trim(), 0)?;
    let critical = value::time(second.trim(), start)?;
    let grows = matches!(operator, Operator::Below | Operator::AtMost);
    if (grows && warning >= critical) || (!grows && warning <= critical) {
        let (first, second) = (first.trim(), second.trim());
        return Err(ValueError::new(
            start,
            "the warning must come before the critical threshold",
            format!("it is warning:critical, so perhaps {second}:{first}"),
        ));
    }
    Ok(Thresholds { warning: Some(warning), critical })
}

impl OfTarget {
    pub(in crate::policy) fn decide(
        &self,
        operator: Operator,
        evidence: &Evidence,
        diagnosis: &Diagnosis,
    ) -> Decision {
        match self {
            Self::Flag(read) => flag(operator, read(evidence, diagnosis)),
            Self::Number(read, wanted) => number(operator, read(evidence, diagnosis), *wanted),
            Self::Causes(decide, wanted) => decide(evidence, diagnosis, wanted),
        }
    }
}

impl OfRoute {
    pub(in crate::policy) fn decide(
        &self,
        operator: Operator,
        route: &Route,
        evidence: &Evidence,
    ) -> Decision {
        match self {
            Self::Flag(read) => flag(operator, read(route)),
            Self::Words(read, wanted) => {
                let is = |word: &&str| wanted.contains(word) == (operator == Operator::Equal);
                Decision::read(read(route), |may_be| all_alike(may_be.iter().map(is)))
            }
            Self::Names(read, wanted) => Decision::read(read(route), |names| {
                let is = names.iter().any(|name| wanted.contains(&name.to_lowercase()));
                Some(is == (operator == Operator::Equal))
            }),
            Self::Number(read, wanted) => number(operator, read(route), *wanted),
            Self::Time(read, unit, thresholds) => time(operator, read(route, evidence), *unit, *thresholds),
            Self::Tls(decide, wanted) => decide(route, operator, *wanted),
            Self::Windows(read, wanted) => Decision::read(read(route), |builds| {
                all_alike(builds.iter().map(|build| windows(operator, *build, *wanted)))
            }),
        }
    }
}

fn flag(operator: Operator, reading: Reading<bool>) -> Decision {
    Decision::read(reading, |is| Some(operator.holds(is, &true)))
}

/// A number that is only known to lie in a span is held at both ends, and at the wanted one if that is within.
fn number(operator: Operator, reading: Reading<Span<u32>>, wanted: u32) -> Decision {
    Decision::read(reading, |seen| {
        let within = wanted.clamp(seen.least, seen.most);
        all_alike([seen.least, within, seen.most].iter().map(|value| operator.holds(value, &wanted)))
    })
}

fn windows(operator: Operator, build: u16, wanted: Windows) -> bool {
    match operator {
        Operator::Is | Operator::Equal => wanted.has(build),
        Operator::IsNot | Operator::NotEqual => !wanted.has(build),
        Operator::Above => build > wanted.last(),
        Operator::AtLeast => build >= wanted.first(),
        Operator::Below => build < wanted.first(),
        Operator::AtMost => build <= wanted.last(),
    }
}

fn time(operator: Operator, reading: Reading<Span<f64>>, unit: Unit, thresholds: Thresholds) -> Decision {
    let seen = match reading {
        Ok(seen) => seen,
        Err(why) => return Decision::undecided(why),
    };
    let Fact { value: span, text } = seen;
    let holds =
        |limit: f64| all_alike([span.least, span.most].iter().map(|value| operator.holds(value, &limit)));
    let decision = match (holds(thresholds.critical), thresholds.warning.map(holds)) {
        (Some(false), _) => Decision::missed(text),
        (None, _) | (Some(true), Some(None)) => {
            Decision::undecided(format!("{text}, which is too close to the threshold to tell"))
        }
        (Some(true), Some(Some(false))) => Decision::warning(text),
        (Some(true), Some(Some(true)) | None) => Decision::met(text),
    };
    let in_units = |seconds: f64| (seconds / unit.seconds * 1000.0).round() / 1000.0;
    let middle = in_units(f64::midpoint(span.least, span.most));
    let measure = unit.measure(middle, thresholds.warning.map(in_units), in_units(thresholds.critical));
    Decision { measure: Some(measure), ..decision }
}

/// The one answer that all give, if they give one.
fn all_alike(mut answers: impl Iterator<Item = bool>) -> Option<bool> {
    let first = answers.next()?;
    answers.all(|answer| answer == first).then_some(first)
}

//! Look-up: from what somebody read somewhere (a code, an event, a name, a message) to what it means and its causes.

use serde::Serialize;

use super::catalogue::{self, Cause};
use super::observation::vocabulary::{self, matches};
use super::procedure::{self, Procedure};
use super::says;

// The registries of numbers as one kind of table.
pub mod registry;

// Events of the guest's logs.
pub mod events;

// Codes that mean what an observation says.
mod kin;

// What a text may mean: each way of reading it.
mod read;

/// What was found under a word.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// A cause of the catalogue.
    Cause(&'static Cause),
    /// A procedure.
    Procedure(&'static Procedure),
    /// A code, an event, an observation or a message.
    Reading(Reading),
}

/// One meaning of a code, an event, an observation or a message.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reading {
    /// What kind of thing it is: `TLS alert`, `event`, `observation`, ...
    pub kind: String,
    /// How it is written there: `0x904`, `70`, `Schannel 36871`, `tcp.timeout`.
    pub code: String,
    /// The specification's name, where there is one.
    pub name: Option<&'static str>,
    /// What it means, in one clause.
    pub meaning: String,
    /// The ids of the causes that go with it, those that it proves first.
    pub causes: Vec<&'static str>,
}

/// Nothing is known under a word.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing is known of: {word}")]
pub struct Unknown {
    /// What was asked for.
    pub word: String,
    /// What comes close: ids of causes and procedures, or phrases of messages.
    pub alike: Vec<&'static str>,
}

/// A question is a word or a pasted dialog, and no book.
const MAX_QUESTION: usize = 1000;

/// How alike an id must be to be suggested.
const ALIKE: f64 = 0.7;

/// How many names are suggested.
const SUGGESTIONS: usize = 4;

/// Everything that a word, or several, may mean; never empty.
///
/// # Errors
/// If it is neither an id nor a known code, event, name or message.
pub fn look_up(question: &str) -> Result<Vec<Entry>, Unknown> {
    let question: String = question.trim().chars().take(MAX_QUESTION).collect();
    let id = question.to_lowercase().split_whitespace().collect::<Vec<_>>().join("-");
    if let Some(cause) = catalogue::get(&id) {
        return Ok(vec![Entry::Cause(cause)]);
    }
    if let Some(procedure) = procedure::get(&id) {
        return Ok(vec![Entry::Procedure(procedure)]);
    }
    let readings = read::readings(&question);
    if readings.is_empty() {
        return Err(unknown(&question, &id));
    }
    Ok(readings.into_iter().map(Entry::Reading).collect())
}

/// The causes that go with observations, those that they prove first, then the more common ones.
///
/// A cause that names a whole family of codes (`x224.negfail.*`) goes with one of them only if nothing more precise does.
fn causes_of(ids: &[String]) -> Vec<&'static str> {
    let precise = named_by(|pattern| !pattern.ends_with('*') && ids.iter().any(|id| id == pattern));
    if precise.is_empty() { named_by(|pattern| ids.iter().any(|id| matches(pattern, id))) } else { precise }
}

fn named_by(is_meant: impl Fn(&str) -> bool) -> Vec<&'static str> {
    let any = |patterns: &[String]| patterns.iter().any(|pattern| is_meant(pattern));
    let mut found: Vec<(bool, u8, &'static str)> = catalogue::all()
        .iter()
        .filter(|cause| any(&cause.confirms) || any(&cause.explains) || any(&cause.heard))
        .map(|cause| (!any(&cause.confirms), cause.order, cause.id.as_str()))
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, _, id)| id).collect()
}

fn unknown(question: &str, id: &str) -> Unknown {
    let causes = catalogue::all().iter().map(|cause| cause.id.as_str());
    let names: Vec<&'static str> = causes.chain(procedure::all().iter().map(|it| it.id.as_str())).collect();
    let part = |known: &str| {
        (id.len() > 2 && known.contains(id))
            || id.split('-').any(|word| word.len() > 3 && known.contains(word))
    };
    let likeness = |known: &str| strsim::normalized_damerau_levenshtein(known, id);
    let mut near: Vec<(f64, &'static str)> =
        names.into_iter().map(|known| (likeness(known), known)).collect();
    near.retain(|(likeness, known)| *likeness > ALIKE || part(known));
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut alike: Vec<&'static str> = near.into_iter().take(SUGGESTIONS).map(|(_, known)| known).collect();
    // Several words are rather a message than an id.
    if alike.is_empty() || id.contains('-') {
        alike.extend(says::hear(question).err().map(|unheard| unheard.closest).unwrap_or_default());
    }
    Unknown { word: says::quote(question), alike }
}

/// The meaning of an observation, if the vocabulary has it.
fn observation(id: &str) -> Option<&'static str> {
    // A template is no observation: `x224.negfail.N` stands for many.
    let is_template = id.split('.').any(|part| matches!(part, "N" | "X" | "V" | "W"));
    if is_template { None } else { vocabulary::lookup(id).map(|word| word.meaning) }
}

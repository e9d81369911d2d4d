//! What a text may mean: an observation, a name, a number with or without its registry, an event, a message.

use super::events::EVENTS;
use super::registry::{REGISTRIES, Registry, Row};
use super::{Reading, causes_of, observation};
use crate::diagnosis::catalogue;
use crate::diagnosis::says;

/// Prefixes and suffixes that people leave off a name.
const AFFIXES: &[&str] = &["STATUS_", "SEC_E_", "ERRINFO_", "SSL_ERR_", "exDiscReason", "disconnectReason"];

/// Every reading, of the most precise kind that has any.
pub(super) fn readings(question: &str) -> Vec<Reading> {
    let steps: [fn(&str) -> Vec<Reading>; 7] =
        [observed, named, registered, event, any_number, message, |it| named(&it.replace(' ', "_"))];
    steps.iter().map(|step| step(question)).find(|found| !found.is_empty()).unwrap_or_default()
}

fn observed(question: &str) -> Vec<Reading> {
    let id = question.to_lowercase();
    let Some(meaning) = observation(&id) else { return Vec::new() };
    // The number within the id has a row of its own.
    let row = REGISTRIES
        .iter()
        .find_map(|registry| registry.rows().into_iter().find(|row| registry.is_own(&id, row.number)));
    let meaning = match row {
        Some(row) if row.meaning != meaning => format!("{meaning}: {}", row.meaning),
        Some(_) | None => meaning.to_owned(),
    };
    let causes = causes_of(std::slice::from_ref(&id));
    vec![Reading { kind: "observation".to_owned(), code: id, name: row.map(|row| row.name), meaning, causes }]
}

/// `STATUS_LOGON_FAILURE`, `logon_failure`, `protocol_version`, `HYBRID_REQUIRED`.
fn named(question: &str) -> Vec<Reading> {
    let is = |name: &str| {
        let short = AFFIXES.iter().find_map(|affix| name.strip_prefix(affix));
        let bare = name.strip_suffix("_BY_SERVER").or(name.strip_suffix("_RESERVED"));
        [Some(name), short, bare].into_iter().flatten().any(|it| it.eq_ignore_ascii_case(question))
    };
    let rows =
        REGISTRIES.iter().flat_map(|registry| registry.rows().into_iter().map(move |row| (registry, row)));
    rows.filter(|(_, row)| is(row.name)).map(|(registry, row)| known(registry, row)).collect()
}

/// `negfail 5`, `alert 70`, `errinfo 0x101`, `extended reason 8`.
fn registered(question: &str) -> Vec<Reading> {
    let lower = question.to_lowercase();
    let words: Vec<&str> = lower.split([' ', ':', '=']).filter(|word| !word.is_empty()).collect();
    let (Some((number, lead)), true) = (words.split_last(), words.len() > 1) else { return Vec::new() };
    let filler = |word: &&str| matches!(*word, "error" | "reason" | "code" | "description");
    // `extended error code 7` is an extended reason, although a code of its own is a disconnect code.
    let telling: Vec<&str> = lead.iter().copied().filter(|word| !filler(word)).collect();
    let telling = if telling.is_empty() && lead.contains(&"code") { vec!["code"] } else { telling };
    let [name] = telling.as_slice() else { return Vec::new() };
    let registries = REGISTRIES.iter().filter(|registry| registry.words.contains(name));
    registries.flat_map(|registry| with_number(registry, number)).collect()
}

/// The readings of a number in one registry: those that are known, or else the number as it is.
fn with_number(registry: &Registry, word: &str) -> Vec<Reading> {
    let numbers = numbers(word);
    let found = known_numbers(registry, word, &numbers);
    if !found.is_empty() {
        return found;
    }
    let usual = if registry.decimal { numbers.first() } else { numbers.last() };
    usual.map(|number| unknown_number(registry, *number)).into_iter().collect()
}

/// A registry that writes its numbers in decimal takes digits alone for nothing else.
fn known_numbers(registry: &Registry, word: &str, numbers: &[u32]) -> Vec<Reading> {
    let is_decimal = registry.decimal && word.bytes().all(|it| it.is_ascii_digit());
    let meant = if is_decimal { numbers.get(..1).unwrap_or_default() } else { numbers };
    let rows = registry.rows().into_iter().filter(|row| meant.contains(&row.number));
    rows.map(|row| known(registry, row)).collect()
}

fn known(registry: &Registry, row: Row) -> Reading {
    Reading {
        kind: registry.title.to_owned(),
        code: registry.written(row.number),
        name: Some(row.name),
        meaning: row.meaning.to_owned(),
        causes: causes_of(&registry.observations(row.number)),
    }
}

fn unknown_number(registry: &Registry, number: u32) -> Reading {
    Reading {
        kind: registry.title.to_owned(),
        code: registry.written(number),
        name: None,
        meaning: "the table has no such number".to_owned(),
        causes: causes_of(&registry.observations(number)),
    }
}

/// `event 36871`, `Schannel 36871`, `Service Control Manager 7022`.
fn event(question: &str) -> Vec<Reading> {
    let mut words: Vec<&str> = question.split_whitespace().collect();
    let number = words.pop().and_then(|word| word.parse::<u32>().ok());
    words.retain(|word| !matches!(word.to_lowercase().as_str(), "event" | "eventid" | "id"));
    let (Some(number), false) = (number, question.trim().bytes().all(|it| it.is_ascii_digit())) else {
        return Vec::new();
    };
    events(&words.join(" ").to_lowercase(), number)
}

/// The events of a number, from every provider whose name has this in it.
fn events(provider: &str, number: u32) -> Vec<Reading> {
    let mut names: Vec<String> = EVENTS
        .iter()
        .filter(|event| event.number == number)
        .map(|event| format!("{} {number}", event.provider))
        .collect();
    // The catalogue may speak of an event that has no row.
    let written = catalogue::all().iter().flat_map(|cause| &cause.events).map(|event| short(event));
    names.extend(written.filter(|event| event.ends_with(&format!(" {number}"))).map(str::to_owned));
    names.retain(|name| provider.is_empty() || name.to_lowercase().contains(&short(provider).to_lowercase()));
    names.sort();
    names.dedup();
    names.into_iter().map(|name| event_reading(name, number)).collect()
}

fn event_reading(name: String, number: u32) -> Reading {
    let row = EVENTS.iter().find(|event| format!("{} {}", event.provider, event.number) == name);
    let mut causes: Vec<&'static str> = causes_of(&[format!("guest.event.{number}")]);
    let written =
        catalogue::all().iter().filter(|cause| cause.events.iter().any(|event| short(event) == name));
    for cause in written {
        if !causes.contains(&cause.id.as_str()) {
            causes.push(&cause.id);
        }
    }
    let meaning = row.map_or("an event that the causes below speak of", |row| row.meaning);
    Reading { kind: "event".to_owned(), code: name, name: None, meaning: meaning.to_owned(), causes }
}

/// A provider without the words that all of Microsoft's share.
fn short(provider: &str) -> &str {
    let prefixes = ["Microsoft-Windows-", "microsoft-windows-"];
    prefixes.iter().find_map(|prefix| provider.strip_prefix(prefix)).unwrap_or(provider)
}

/// A number alone: every registry that has it, and every event.
fn any_number(question: &str) -> Vec<Reading> {
    let word = question.to_lowercase();
    let numbers = numbers(&word);
    let mut found: Vec<Reading> =
        REGISTRIES.iter().flat_map(|registry| known_numbers(registry, &word, &numbers)).collect();
    if let Ok(number) = word.parse() {
        found.extend(events("", number));
    }
    found
}

/// A number in the bases in which it may be written: decimal first, hexadecimal last.
fn numbers(word: &str) -> Vec<u32> {
    let word = word.trim_end_matches(['.', ',', ';']);
    let hex = |digits: &str| {
        let all = digits.bytes().all(|it| it.is_ascii_hexdigit());
        if all { u32::from_str_radix(digits, 16).ok() } else { None }
    };
    if let Some(digits) = word.strip_prefix("0x") {
        return hex(digits).into_iter().collect();
    }
    let has_digit = word.bytes().any(|it| it.is_ascii_digit());
    let mut numbers: Vec<u32> = word.parse().ok().into_iter().collect();
    numbers.extend(hex(word).filter(|number| has_digit && !numbers.contains(number)));
    numbers
}

/// What a client displays.
fn message(question: &str) -> Vec<Reading> {
    let told = says::hear(question).unwrap_or_default();
    let reading = |id: String| {
        let from_table = REGISTRIES.iter().find_map(|registry| {
            let row = registry.rows().into_iter().find(|row| registry.is_own(&id, row.number))?;
            Some(known(registry, row))
        });
        from_table.unwrap_or_else(|| {
            let phrase =
                says::messages::MESSAGES.iter().find(|it| it.id == id).and_then(|it| it.phrases().next());
            Reading {
                kind: "message of the client".to_owned(),
                code: phrase.map_or_else(|| id.clone(), |phrase| format!("\"{phrase}\"")),
                name: None,
                meaning: observation(&id).unwrap_or("not in the table").to_owned(),
                causes: causes_of(std::slice::from_ref(&id)),
            }
        })
    };
    told.into_iter().map(|told| reading(told.id)).collect()
}

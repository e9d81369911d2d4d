//! Documents whose words are replaced: each string of the JSON that can be another string and still be the document.

use std::sync::Mutex;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A document, and the places of the words in it that may be a stranger's.
pub(super) struct Document<T> {
    value: Value,
    places: Vec<String>,
    made: std::marker::PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned> Document<T> {
    /// Finds the words.
    pub(super) fn of(document: &T) -> Self {
        let value = serde_json::to_value(document).unwrap();
        let mut all = Vec::new();
        strings(&value, String::new(), &mut all);
        let is_free = |place: &String| {
            let mut changed = value.clone();
            *changed.pointer_mut(place).unwrap() = "tame".into();
            serde_json::from_value::<T>(changed).is_ok()
        };
        let places: Vec<String> = all.into_iter().filter(is_free).collect();
        Self { value, places, made: std::marker::PhantomData }
    }

    /// The document with this word in every place.
    pub(super) fn with(&self, word: &str) -> T {
        let mut changed = self.value.clone();
        for place in &self.places {
            *changed.pointer_mut(place).unwrap() = word.into();
        }
        serde_json::from_value(changed).unwrap()
    }

    /// How many words there are.
    pub(super) fn words(&self) -> usize {
        self.places.len()
    }
}

/// Where strings stand, as JSON pointers. What names a format stays.
fn strings(value: &Value, at: String, into: &mut Vec<String>) {
    match value {
        Value::String(_) if at.ends_with("/schema") => {}
        Value::String(_) => into.push(at),
        Value::Array(values) => {
            for (place, value) in values.iter().enumerate() {
                strings(value, format!("{at}/{place}"), into);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                strings(value, format!("{at}/{name}"), into);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Finding the words takes long, so that it is done once for each kind of document.
pub(super) struct Kept<T>(Mutex<Option<std::sync::Arc<Vec<Document<T>>>>>);

impl<T: Serialize + DeserializeOwned> Kept<T> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// The documents, made at the first time.
    pub(super) fn get(&self, make: impl FnOnce() -> Vec<T>) -> std::sync::Arc<Vec<Document<T>>> {
        let mut kept = self.0.lock().unwrap();
        kept.get_or_insert_with(|| {
            let documents: Vec<Document<T>> = make().iter().map(Document::of).collect();
            assert!(documents.iter().any(|document| document.words() > 0), "nothing to replace");
            documents.into()
        })
        .clone()
    }
}

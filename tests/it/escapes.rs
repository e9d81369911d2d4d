//! Every nasty string through every renderer: nothing acts on a terminal, a log, a page, a table or a shell.
//!
//! Each renderer is given a document in which every word that may be a stranger's is the nasty one. What there is in
//! `src/render` must stand in [`renderers::ALL`] or, with a reason, in [`renderers::NONE`].

use std::collections::BTreeSet;
use std::path::Path;

use rdprobe::render::escape::needs_escape;

// The strings.
mod strings;

// Documents whose words are replaced.
mod documents;

// What writes, and what it writes.
mod renderers;

// What a format must be, whatever stands in it.
mod formats;

// The binary: what it says of its arguments and of files.
mod binary;

/// What is written in one format of a document with a word in it.
struct Written {
    /// Which format of which renderer.
    name: String,
    kind: Kind,
    text: String,
}

/// What a format is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Lines for people and logs.
    Text,
    /// The same with colours.
    Colored,
    /// Logging commands of Azure Pipelines.
    AzurePipelines,
    /// Annotations of GitHub Actions.
    Github,
    /// One status line and performance data.
    Nagios,
    /// One document, or one a line.
    Json,
    Csv,
    Xml,
    Html,
    Markdown,
    /// Metrics with labels in quotes.
    Prometheus,
}

#[test]
fn every_nasty_string_is_harmless_in_every_rendering() {
    let mut wrong = BTreeSet::new();
    let mut count = 0;
    for renderer in renderers::ALL {
        let tame = (renderer.write)("tame");
        for (what, string) in strings::all() {
            let nasty = (renderer.write)(&string);
            assert_eq!(nasty.len(), tame.len(), "{}", renderer.place);
            for (nasty, tame) in nasty.iter().zip(&tame) {
                count += 1;
                if let Err(why) = harmless(nasty, tame) {
                    wrong.insert(format!("{}, {}: {what}: {why}", renderer.place, nasty.name));
                }
            }
        }
    }
    assert!(count > 300, "{count}");
    let wrong: Vec<String> = wrong.into_iter().collect();
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

/// A renderer that nobody tests is a hole: whoever adds a file adds a row.
#[test]
fn every_file_of_renderers_is_in_the_table() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/render");
    let mut there: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    there.remove("mod");
    let tested = renderers::ALL.iter().filter_map(|renderer| renderer.place.strip_prefix("render/"));
    let known: BTreeSet<String> =
        tested.chain(renderers::NONE.iter().map(|(place, _)| *place)).map(str::to_owned).collect();
    assert_eq!(there, known, "left: in src/render, right: in the table");
}

/// A mistake in an expression is shown with a mark below it, so that each character must take one column.
#[test]
fn a_mistake_in_an_expression_shows_none_of_them() {
    let all: Vec<char> = ('\0'..=char::MAX).filter(|c| needs_escape(*c)).collect();
    for some in all.chunks(64) {
        let text: String = some.iter().collect();
        let Err(error) = rdprobe::policy::expression::parse(&text) else { panic!("{text:?}") };
        let shown = error.to_string();
        assert!(!shown.contains(|c| c != '\n' && needs_escape(c)), "{shown:?}");
    }
}

fn harmless(nasty: &Written, tame: &Written) -> Result<(), String> {
    let text = match nasty.kind {
        Kind::Colored => formats::without_colors(&nasty.text),
        _ => nasty.text.clone(),
    };
    if let Some(raw) = text.chars().find(|c| *c != '\n' && needs_escape(*c)) {
        return Err(format!("{raw:?} as it is"));
    }
    match nasty.kind {
        Kind::Text | Kind::Colored => formats::lines_are_nobodys_commands(&text),
        Kind::AzurePipelines => formats::azure_pipelines(&text),
        Kind::Github => formats::github(&text),
        Kind::Nagios => formats::nagios(&text),
        Kind::Json => formats::json(&text, &tame.text),
        Kind::Csv => formats::csv(&text, &tame.text),
        Kind::Xml => formats::xml(&text, &tame.text),
        Kind::Html => formats::html(&text, &tame.text),
        Kind::Markdown => formats::markdown(&text, &tame.text),
        Kind::Prometheus => formats::prometheus(&text, &tame.text),
    }
}

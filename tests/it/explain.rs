//! `rdprobe explain`: each kind of look-up, the commands to paste, and the book, read by a Markdown parser.

use std::collections::BTreeSet;
use std::process::{Command, Output};

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use rdprobe::diagnosis::catalogue::{self, Channel, Family, Impact, Remedy};
use rdprobe::diagnosis::lookup::{Entry, Reading, events::EVENTS, look_up, registry::REGISTRIES};
use rdprobe::diagnosis::procedure;
use rdprobe::render::{markdown, paste};

fn explain(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rdprobe")).arg("explain").args(arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn readings(question: &str) -> Vec<Reading> {
    let entries = look_up(question).unwrap_or_else(|error| panic!("{error}"));
    let reading = |entry| match entry {
        Entry::Reading(reading) => Some(reading),
        Entry::Cause(_) | Entry::Procedure(_) => None,
    };
    entries.into_iter().filter_map(reading).collect()
}

/// A question, and the code, name or kind of each of its readings, in order.
const ANSWERS: &[(&str, &[&str])] = &[
    ("0x904", &["0x904 disconnectReasonAtClientWinsockFDCLOSE"]),
    ("904", &["0x904 disconnectReasonAtClientWinsockFDCLOSE"]),
    ("2308", &["0x904 disconnectReasonAtClientWinsockFDCLOSE"]),
    ("0x1B07", &["0x1b07 SSL_ERR_CERT_EXPIRED"]),
    ("mstsc 0x108", &["0x108 disconnectReasonConnectionTimedOut"]),
    ("Error code: 0x108", &["0x108 disconnectReasonConnectionTimedOut"]),
    ("code 0x999", &["0x999"]),
    (
        "0x904/0x7",
        &["0x904 disconnectReasonAtClientWinsockFDCLOSE", "0x7 exDiscReasonServerDeniedConnection"],
    ),
    ("extended 8", &["0x8 exDiscReasonServerDeniedConnectionFips"]),
    ("extended error code 0x101", &["0x101 exDiscReasonLicenseNoLicenseServer"]),
    ("negfail 5", &["5 HYBRID_REQUIRED_BY_SERVER"]),
    ("negfail 77", &["77"]),
    ("hybrid_required_by_server", &["5 HYBRID_REQUIRED_BY_SERVER"]),
    ("HYBRID_REQUIRED", &["5 HYBRID_REQUIRED_BY_SERVER"]),
    ("errinfo 0x101", &["0x101 ERRINFO_LICENSE_NO_LICENSE_SERVER"]),
    ("errinfo 101", &["0x101 ERRINFO_LICENSE_NO_LICENSE_SERVER"]),
    ("ERRINFO_CB_DESTINATION_NOT_FOUND", &["0x400 ERRINFO_CB_DESTINATION_NOT_FOUND"]),
    ("0xC000006D", &["0xc000006d STATUS_LOGON_FAILURE"]),
    ("c000006d", &["0xc000006d STATUS_LOGON_FAILURE"]),
    ("status_logon_failure", &["0xc000006d STATUS_LOGON_FAILURE"]),
    ("SEC_E_UNKNOWN_CREDENTIALS", &["0x8009030d SEC_E_UNKNOWN_CREDENTIALS"]),
    ("0x8009030D", &["0x8009030d SEC_E_UNKNOWN_CREDENTIALS"]),
    ("alert 70", &["70 protocol_version"]),
    ("protocol_version", &["70 protocol_version"]),
    ("protocol version", &["70 protocol_version"]),
    ("licence 6", &["6 ERR_NO_LICENSE_SERVER"]),
    ("36871", &["Schannel 36871"]),
    ("event 36871", &["Schannel 36871"]),
    ("Schannel 36871", &["Schannel 36871"]),
    (
        "Microsoft-Windows-TerminalServices-RemoteConnectionManager 1057",
        &["TerminalServices-RemoteConnectionManager 1057"],
    ),
    ("tcp.timeout", &["tcp.timeout"]),
    ("x224.negfail.3", &["x224.negfail.3 SSL_CERT_NOT_ON_SERVER"]),
    ("internal error", &["\"an internal error has occurred\""]),
    ("Une erreur interne s'est produite", &["\"an internal error has occurred\""]),
    (
        "5",
        &[
            "0x5 exDiscReasonReplacedByOtherConnection",
            "5 HYBRID_REQUIRED_BY_SERVER",
            "0x5 ERRINFO_DISCONNECTED_BY_OTHERCONNECTION",
        ],
    ),
];

#[test]
fn each_kind_of_look_up_finds_what_is_meant() {
    let mut wrong = Vec::new();
    for (question, expected) in ANSWERS {
        let found: Vec<String> = readings(question)
            .into_iter()
            .map(|it| [Some(it.code.as_str()), it.name].into_iter().flatten().collect::<Vec<_>>().join(" "))
            .collect();
        if found != *expected {
            wrong.push(format!("{question}: {found:?} instead of {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_of_every_table_is_found_by_number_and_by_name() {
    for registry in REGISTRIES {
        for row in registry.rows() {
            let number = format!("{} {}", registry.words[0], registry.written(row.number));
            for question in [number.as_str(), row.name] {
                let found = readings(question);
                let is_there = found.iter().any(|it| it.name == Some(row.name) && it.kind == registry.title);
                assert!(is_there, "{question}: {found:?}");
                assert!(found.iter().all(|it| !it.meaning.is_empty()));
            }
        }
    }
    for event in EVENTS {
        let question = format!("{} {}", event.provider, event.number);
        assert!(readings(&question).iter().any(|it| it.code == question), "{question}");
    }
}

#[test]
fn the_causes_that_go_with_it_are_named() {
    for (question, cause) in [
        ("36870", "rdp-cert-private-key-inaccessible"),
        ("negfail 5", "nla-required"),
        ("0x904", "tls-version-disabled"),
        ("0xC000006D", "bad-credentials"),
        ("internal error", "rdp-cert-private-key-inaccessible"),
        ("tcp.timeout", "nsg-blocks-rdp"),
        ("errinfo 0x101", "rds-licence"),
        ("x224.negfail.2", "security-layer-rdp"),
    ] {
        let causes: Vec<&str> = readings(question).iter().flat_map(|it| it.causes.clone()).collect();
        assert!(causes.contains(&cause), "{question}: {causes:?}");
    }
    // Whoever names a family of codes does not stand beside those that name this one.
    assert_eq!(readings("negfail 5")[0].causes, ["nla-required"]);
}

#[test]
fn causes_aliases_and_procedures_are_found_by_id() {
    for cause in catalogue::all() {
        for id in cause.aliases.iter().chain([&cause.id, &cause.id.to_uppercase()]) {
            assert!(matches!(look_up(id).unwrap()[0], Entry::Cause(found) if found.id == cause.id), "{id}");
        }
        assert!(matches!(look_up(&cause.id.replace('-', " ")).unwrap()[0], Entry::Cause(_)));
    }
    for procedure in procedure::all() {
        let found = look_up(&procedure.id).unwrap();
        assert!(matches!(found[0], Entry::Procedure(it) if it.id == procedure.id), "{}", procedure.id);
    }
}

#[test]
fn the_unknown_is_exit_2_with_a_hint() {
    for (words, hint) in [
        (vec!["nsg"], "nsg-blocks-rdp"),
        (vec!["nsg-block-rpd"], "perhaps nsg-blocks-rdp"),
        (vec!["Local", "Authority", "contacted"], "Security Authority"),
        (vec!["gibberish"], "explain --help"),
        (vec!["event", "99999"], "explain --help"),
        (vec!["x224.negfail.N"], "hint: "),
        (vec!["0x123456789"], "hint: "),
        (vec!["\u{1b}[2J"], "hint: "),
        (vec!["tcp.timeout", "--channel", "portal"], "name it: "),
        (vec!["0x904", "--channel", "telnet"], "serial-console-cmd"),
        (vec!["--channel", "portal"], "WORD"),
        (vec!["nsg-blocks-rdp", "--all"], "cannot be used with"),
        (vec!["nsg-blocks-rdp", "--channel", "server"], "it has "),
    ] {
        let output = explain(&words);
        assert_eq!(output.status.code(), Some(2), "{words:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(hint), "{words:?}: {}", stderr(&output));
        assert!(!stderr(&output).contains('\u{1b}'), "{words:?}");
        assert_eq!(stdout(&output), "", "{words:?}");
    }
}

#[test]
fn several_words_and_one_are_the_same_question() {
    assert_eq!(stdout(&explain(&["negfail", "5"])), stdout(&explain(&["negfail 5"])));
    let ambiguous = stdout(&explain(&["5"]));
    assert!(ambiguous.contains("3 ways") && ambiguous.contains("HYBRID_REQUIRED_BY_SERVER"), "{ambiguous}");
}

#[test]
fn without_a_word_all_are_listed_by_family() {
    let list = stdout(&explain(&[]));
    let place = |text: &str| list.find(&format!("\n{text}\n")).unwrap_or_else(|| panic!("no {text}"));
    let present =
        Family::ALL.into_iter().filter(|family| catalogue::all().iter().any(|it| it.family == *family));
    let headings: Vec<usize> = present.map(|family| place(family.heading())).collect();
    assert!(headings.is_sorted(), "the families are not in the order of the flow");
    let ids = catalogue::all().iter().map(|it| &it.id).chain(procedure::all().iter().map(|it| &it.id));
    for id in ids {
        assert!(list.contains(&format!("\n  {id}\n")), "{id} is not listed");
    }
    assert!(list.lines().all(|line| line.chars().count() <= 80), "wider than 80 columns");
}

#[test]
fn help_shows_examples_in_80_columns_and_they_work() {
    let help = stdout(&explain(&["--help"]));
    let examples: Vec<&str> =
        help.lines().filter_map(|line| line.strip_prefix("  rdprobe explain")).collect();
    assert!(examples.len() >= 12, "{help}");
    assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
    for example in examples {
        assert!(example.len() + 17 <= 80, "{example}");
        // What it does stands after two blanks; a quoted message is one word.
        let command = example.trim_start().split("  ").next().unwrap().split(" > ").next().unwrap();
        let command = if example.starts_with("  ") { "" } else { command };
        let words: Vec<&str> = command.split(' ').filter(|word| !word.is_empty()).collect();
        let words: Vec<String> = words.iter().map(|word| word.replace('"', "")).collect();
        let output = explain(&words.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(output.status.code(), Some(0), "{words:?}: {}", stderr(&output));
    }
}

#[test]
fn a_channel_prints_only_its_commands() {
    for cause in catalogue::all() {
        let channels: BTreeSet<Channel> = cause.fixes.iter().map(|fix| fix.channel).collect();
        for channel in channels {
            let mut out = Vec::new();
            paste::paste(&cause.fixes, channel, &mut out).unwrap();
            let pasted = String::from_utf8(out).unwrap();
            let chosen: Vec<&Remedy> = cause.fixes.iter().filter(|fix| fix.channel == channel).collect();
            let commands: BTreeSet<&str> =
                chosen.iter().flat_map(|fix| &fix.commands).flat_map(|command| command.lines()).collect();
            for line in pasted.lines() {
                let is_comment = line.starts_with("rem ") || line.starts_with("# ");
                assert!(line.is_empty() || is_comment || commands.contains(line), "{}: {line}", cause.id);
            }
            let safe = chosen.iter().filter(|fix| !fix.lowers_security).flat_map(|fix| &fix.commands);
            assert!(safe.clone().all(|command| pasted.contains(command.as_str())), "{}", cause.id);
        }
    }
    let output = explain(&["static-ip-in-guest", "--channel", "serial-console-cmd"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).contains("\nnetsh interface ip set address name=\"Ethernet\" source=dhcp\n"));
}

#[test]
fn what_lowers_security_is_never_pasted_by_accident() {
    let fix = |channel| Remedy {
        channel,
        commands: vec!["open the door".to_owned()],
        impact: Impact::Changes,
        lowers_security: true,
        warning: Some("anybody may come in".to_owned()),
        expect: None,
    };
    for (channel, expected, notes) in [
        (Channel::SerialConsoleCmd, "rem careful: anybody may come in\nrem open the door\n", 0),
        (Channel::AzCli, "# careful: anybody may come in\n# open the door\n", 0),
        (Channel::OfflineDisk, "", 2),
    ] {
        let mut out = Vec::new();
        let said = paste::paste(&[fix(channel)], channel, &mut out).unwrap();
        assert_eq!((String::from_utf8(out).unwrap().as_str(), said.len()), (expected, notes));
    }
}

#[test]
fn as_json_everything_is_there() {
    let all: serde_json::Value =
        serde_json::from_slice(&explain(&["--all", "--format", "json"]).stdout).unwrap();
    assert_eq!(all.as_array().unwrap().len(), catalogue::all().len() + procedure::all().len());
    assert!(all[0]["cause"]["prose"].as_str().unwrap().contains("## What it is"));
    let one: serde_json::Value =
        serde_json::from_slice(&explain(&["0x904", "--format", "json"]).stdout).unwrap();
    assert_eq!(one[0]["reading"]["name"], "disconnectReasonAtClientWinsockFDCLOSE");
}

/// What a Markdown parser sees in a document.
#[derive(Default)]
struct Seen {
    headings: Vec<(HeadingLevel, String)>,
    links: Vec<String>,
    fences: Vec<(String, String)>,
    tables: usize,
    text: String,
    html: Vec<String>,
}

fn parse(document: &str) -> Seen {
    let mut seen = Seen::default();
    let (mut in_heading, mut in_fence) = (false, false);
    for event in Parser::new_ext(document, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                in_heading = true;
                seen.headings.push((level, String::new()));
            }
            Event::End(TagEnd::Heading(_)) => in_heading = false,
            Event::Start(Tag::CodeBlock(kind)) => {
                let CodeBlockKind::Fenced(language) = kind else { panic!("an indented code block") };
                in_fence = true;
                seen.fences.push((language.to_string(), String::new()));
            }
            Event::End(TagEnd::CodeBlock) => in_fence = false,
            Event::Start(Tag::Link { dest_url, .. }) => seen.links.push(dest_url.to_string()),
            Event::Start(Tag::Table(_)) => seen.tables += 1,
            Event::Html(html) | Event::InlineHtml(html) => seen.html.push(html.to_string()),
            Event::Text(text) | Event::Code(text) if in_heading => {
                seen.headings.last_mut().unwrap().1.push_str(&text);
            }
            Event::Text(text) if in_fence => seen.fences.last_mut().unwrap().1.push_str(&text),
            Event::Text(text) | Event::Code(text) => seen.text.push_str(&text),
            _ => {}
        }
    }
    seen
}

/// The anchor of a heading, as GitHub and others make it.
fn anchor(heading: &str) -> String {
    let small = heading.to_lowercase();
    small
        .chars()
        .filter(|it| it.is_alphanumeric() || "-_ ".contains(*it))
        .collect::<String>()
        .replace(' ', "-")
}

#[test]
fn the_book_is_markdown_whose_links_and_fences_hold() {
    let mut out = Vec::new();
    markdown::book(&mut out).unwrap();
    let book = String::from_utf8(out).unwrap();
    assert_eq!(stdout(&explain(&["--all", "--format", "markdown"])), book);
    let seen = parse(&book);
    let anchors: BTreeSet<String> = seen.headings.iter().map(|(_, heading)| anchor(heading)).collect();
    let inner: Vec<&str> = seen.links.iter().filter_map(|link| link.strip_prefix('#')).collect();
    for link in &inner {
        assert!(anchors.contains(*link), "the contents lead to #{link}, which is no heading");
    }
    let ids = catalogue::all().iter().map(|it| &it.id).chain(procedure::all().iter().map(|it| &it.id));
    for id in ids {
        assert!(inner.contains(&id.as_str()), "{id} is not in the contents");
        let same =
            seen.headings.iter().filter(|(level, text)| *level == HeadingLevel::H3 && text == id).count();
        assert_eq!(same, 1, "{id} is not a chapter of its own");
    }
    assert_eq!(seen.headings.iter().filter(|(level, _)| *level == HeadingLevel::H1).count(), 1);
    let (_, codes) = book.split_once("\n## Codes\n").expect("the tables stand at the end");
    assert_eq!(parse(codes).tables, REGISTRIES.len() + 1);
    assert_eq!(seen.html, [] as [String; 0], "markup that was not escaped");
    fences_hold_the_commands(&seen);
}

fn fences_hold_the_commands(seen: &Seen) {
    let causes = catalogue::all().iter().flat_map(|it| &it.fixes);
    let fixes: Vec<&Remedy> = causes.chain(procedure::all().iter().flat_map(|it| &it.fixes)).collect();
    for fix in fixes {
        let text = format!("{}\n", fix.commands.join("\n"));
        let fence = seen.fences.iter().find(|(_, fenced)| *fenced == text);
        let (language, _) = fence.unwrap_or_else(|| panic!("not in a fence of its own: {text}"));
        assert!(!language.is_empty(), "{text}");
    }
    for cause in catalogue::all() {
        assert!(seen.text.contains(cause.title.as_str()), "{}: the title is mangled", cause.id);
    }
}

//! What a hostile server's names must not do: act on a terminal, or end a field, a line or a document.

use rdprobe::render::check::CheckFormat;
use rdprobe::report::check::Check;

use super::{cases, rendered};

#[test]
fn nothing_that_a_terminal_or_a_log_acts_upon_comes_out_of_any_format() {
    for format in CheckFormat::ALL {
        let text = rendered(format, &[cases::hostile()]);
        for character in text.chars().filter(|it| *it != '\n') {
            assert!(!rdprobe::render::escape::needs_escape(character), "{}: {character:?}", format.word());
        }
        let own = if format == CheckFormat::AzurePipelines { "##vso[task." } else { "a pipeline's command" };
        for line in text.lines() {
            let line = line.strip_prefix(own).unwrap_or(line);
            assert!(!line.contains("##vso["), "{}: {line}", format.word());
        }
    }
}

/// How many lines a format has does not depend on what a server says.
#[test]
fn no_line_is_a_servers_own() {
    let lines = |format, checks: &[Check]| rendered(format, checks).lines().count();
    for format in [
        CheckFormat::Ndjson,
        CheckFormat::Nagios,
        CheckFormat::Github,
        CheckFormat::AzurePipelines,
        CheckFormat::Tap,
        CheckFormat::Markdown,
    ] {
        let tame: String = serde_json::to_string(&cases::hostile())
            .unwrap()
            .replace(serde_json::to_string(cases::HOSTILE).unwrap().trim_matches('"'), "tame");
        // What is no number is null in JSON, and a measure wants one.
        let mut value: serde_json::Value = serde_json::from_str(&tame).unwrap();
        value["expectations"][2]["measure"] = serde_json::Value::Null;
        let tame: Check = serde_json::from_value(value).unwrap();
        assert!(!rendered(format, std::slice::from_ref(&tame)).contains("set-output"), "{}", format.word());
        let hostile = cases::hostile();
        assert_eq!(lines(format, &[tame]), lines(format, &[hostile]), "{}", format.word());
    }
}

#[test]
fn github_obeys_only_our_own_commands() {
    for line in rendered(CheckFormat::Github, &[cases::hostile()]).lines() {
        let (head, message) = line.split_once(" title=").unwrap();
        assert!(["::error", "::warning", "::notice"].contains(&head), "{line}");
        let (title, _) = message.split_once("::").unwrap();
        assert!(!title.contains([':', ',']), "{title}");
        // A percent sign begins an escape, and nothing else.
        for rest in message.split('%').skip(1) {
            assert!(["25", "0A", "3A", "2C"].iter().any(|code| rest.starts_with(code)), "{line}");
        }
    }
}

#[test]
fn azure_pipelines_obeys_only_our_own_commands() {
    let text = rendered(CheckFormat::AzurePipelines, &[cases::hostile()]);
    let commands: Vec<&str> = text.lines().filter(|line| line.contains("##vso[")).collect();
    assert_eq!(commands.len(), 6, "{text}");
    for line in commands {
        let (command, message) = line.split_once(']').unwrap();
        let known = ["logissue type=error;code=", "logissue type=warning;code=", "complete result=Failed;"];
        let command = command.strip_prefix("##vso[task.").unwrap();
        assert!(known.iter().any(|start| command.starts_with(start)), "{line}");
        assert!(message.split('%').skip(1).all(|rest| rest.starts_with("AZP25")), "{line}");
    }
}

#[test]
fn a_plugins_text_is_ascii_and_holds_one_mark() {
    let text = rendered(CheckFormat::Nagios, &[cases::hostile()]);
    assert!(text.is_ascii());
    assert_eq!(text.matches('|').count(), 1, "{text}");
    let data = text.lines().next().unwrap().split_once('|').unwrap().1;
    assert!(data.contains("=U;U:;"), "{data}");
}

#[test]
fn a_cell_is_one_cell() {
    let text = rendered(CheckFormat::Markdown, &[cases::hostile()]);
    for row in text.lines().filter(|line| line.starts_with('|')) {
        let marks = row.matches('|').count() - row.matches("\\|").count();
        assert_eq!(marks, 4, "{row}");
        assert!(!row.contains("@all"), "{row}");
    }
    let mut html = String::new();
    let parser = pulldown_cmark::Parser::new_ext(&text, pulldown_cmark::Options::ENABLE_TABLES);
    for event in parser {
        if let pulldown_cmark::Event::InlineHtml(tag) | pulldown_cmark::Event::Html(tag) = event {
            html.push_str(&tag);
        }
    }
    assert_eq!(html.replace("<!-- -->", ""), "", "the only markup is ours");
}

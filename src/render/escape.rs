//! Text from a peer, made harmless for a terminal and a pipeline's log: what they act upon shows as `\u{..}`.

/// The text with every character that a terminal would act upon, or that no reader can see, as `\u{..}`.
///
/// Control characters (C0, DEL, C1), bidirectional marks (Unicode UAX #9), invisible and line-breaking
/// characters and tags are shown by number; letters of every script stay as they are. So is the beginning of a logging
/// command of Azure Pipelines, GitHub Actions or TeamCity, which the agent that runs a job obeys.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (place, character) in text.char_indices() {
        if needs_escape(character) || is_logging_command(text, place) {
            escaped.extend(character.escape_unicode());
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// Whether a logging command begins here: `##vso[`, `##[` and `##teamcity[` anywhere in a line, and `::error` and its kin,
/// which may come to stand at the beginning of one by being wrapped.
#[must_use]
pub fn is_logging_command(text: &str, place: usize) -> bool {
    let rest = text.get(place..).unwrap_or_default();
    match (rest.strip_prefix("##"), rest.strip_prefix("::")) {
        (Some(rest), _) => rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).starts_with('['),
        (None, Some(rest)) => GITHUB
            .iter()
            .any(|command| rest.get(..command.len()).is_some_and(|word| word.eq_ignore_ascii_case(command))),
        (None, None) => false,
    }
}

/// The commands of GitHub Actions (actions/runner, ActionCommandManager). None of them is the end of an IPv6 address.
const GITHUB: [&str; 16] = [
    "internal-set-repo-path",
    "set-env",
    "set-output",
    "save-state",
    "add-path",
    "add-mask",
    "add-matcher",
    "remove-matcher",
    "debug",
    "warning",
    "error",
    "notice",
    "echo",
    "group",
    "endgroup",
    "stop-commands",
];

/// Whether a character must not reach a terminal as it is.
#[must_use]
pub const fn needs_escape(character: char) -> bool {
    matches!(character,
        '\u{0}'..='\u{1f}'
        | '\u{7f}'..='\u{9f}'
        | '\u{ad}' // soft hyphen
        | '\u{61c}' // Arabic letter mark
        | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' // Hangul fillers
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' // zero width, left-to-right and right-to-left marks
        | '\u{2028}'..='\u{202e}' // line and paragraph separators, embeddings and overrides
        | '\u{2060}'..='\u{206f}' // word joiner, isolates
        | '\u{fe00}'..='\u{fe0f}' // variation selectors
        | '\u{feff}'
        | '\u{fff0}'..='\u{fffb}' | '\u{fffe}'..='\u{ffff}' // specials, no characters at all
        | '\u{e000}'..='\u{f8ff}' // private use
        | '\u{e0000}'..='\u{10ffff}') // tags, private use
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_nul_show_by_number() {
        assert_eq!(escape("\u{1b}[2Jgone\0"), "\\u{1b}[2Jgone\\u{0}");
        assert_eq!(escape("\u{9b}31m\r\n\u{7f}"), "\\u{9b}31m\\u{d}\\u{a}\\u{7f}");
    }

    #[test]
    fn bidi_marks_and_invisible_characters_show_by_number() {
        assert_eq!(escape("a\u{202e}b\u{2066}c\u{200f}"), "a\\u{202e}b\\u{2066}c\\u{200f}");
        assert_eq!(escape("\u{feff}\u{200b}\u{2028}\u{e0041}"), "\\u{feff}\\u{200b}\\u{2028}\\u{e0041}");
    }

    #[test]
    fn a_logging_command_is_none_any_more() {
        assert_eq!(
            escape("a ##vso[task.x]b##VSO[##[error]"),
            "a \\u{23}#vso[task.x]b\\u{23}#VSO[\\u{23}#[error]"
        );
        assert_eq!(escape("##teamcity[x]"), "\\u{23}#teamcity[x]");
        assert_eq!(escape("x ::Error::y"), "x \\u{3a}:Error::y");
        for harmless in ["## é, C# and #1", "::1", "2001:db8::add", "a::b", "::ffff:192.0.2.7"] {
            assert_eq!(escape(harmless), harmless);
        }
    }

    #[test]
    fn letters_of_every_script_stay() {
        for name in ["VM-01.corp.example.net", "BÜRO-PC", "サーバー", "сервер", "CN=a\\, b"] {
            assert_eq!(escape(name), name);
        }
    }
}

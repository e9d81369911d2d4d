//! Lines of tools taken apart, and the few words of English, French and German that decide something.

/// `label: value`, both trimmed.
pub(super) fn pair(line: &str) -> Option<(&str, &str)> {
    let (label, value) = line.split_once(':')?;
    Some((label.trim(), value.trim()))
}

/// Columns: what two blanks or a tab part.
pub(super) fn columns(line: &str) -> Vec<&str> {
    line.split("  ")
        .flat_map(|part| part.split('\t'))
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

/// Yes or no, where the language is known.
pub(super) fn yes_or_no(word: &str) -> Option<bool> {
    let word = word.trim().trim_end_matches('.').to_lowercase();
    match word.as_str() {
        "yes" | "oui" | "ja" | "true" => Some(true),
        "no" | "non" | "nein" | "false" => Some(false),
        _ => None,
    }
}

/// Whether it is one of these words, whatever its case.
pub(super) fn is_one_of(word: &str, words: &[&str]) -> bool {
    let word = word.trim().to_lowercase();
    words.contains(&word.as_str())
}

/// A number as tools print it: `0xd3d`, `3389`.
pub(super) fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

/// The command that a line of a pasted console ran: what follows the prompt, in lower case.
pub(super) fn command(line: &str) -> Option<String> {
    let (prompt, command) = line.split_once('>')?;
    let prompt = prompt.trim_start().trim_start_matches("PS ");
    let is_prompt = prompt.get(1..2) == Some(":") || prompt.is_empty();
    (is_prompt && !command.trim().is_empty()).then(|| command.trim().to_lowercase())
}

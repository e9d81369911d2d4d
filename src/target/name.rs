//! Host names: what DNS allows, and what Unicode becomes (RFC 1035 2.3.4, RFC 1123 2.1, RFC 5891).

use super::TargetError;

/// The longest name, in octets without the trailing dot.
const MAX_NAME: usize = 253;
/// The longest label, in octets.
const MAX_LABEL: usize = 63;

/// The name in ASCII.
///
/// # Errors
/// If a label is empty, too long or begins with a hyphen, the name is too long, or a character is one that names do
/// not have.
pub(super) fn check(name: &str) -> Result<String, TargetError> {
    if name.is_ascii() {
        characters(name)?;
    }
    // Only Unicode is converted: ASCII stays as written, so that what is shown is what was asked.
    let ascii = if name.is_ascii() { name.to_owned() } else { to_ascii(name)? };
    let absolute = ascii.strip_suffix('.').unwrap_or(&ascii);
    if absolute.split('.').any(str::is_empty) {
        let hint = "every part between dots has at least one character";
        return Err(TargetError::new(format!("a name with an empty part: `{name}`"), hint));
    }
    if let Some(label) = absolute.split('.').find(|label| label.len() > MAX_LABEL) {
        return Err(TargetError::new(
            format!("a part of the name has {} characters: `{label}`", label.len()),
            "between dots a name has 63 characters at most",
        ));
    }
    if absolute.split('.').any(|label| label.starts_with('-')) {
        return Err(TargetError::new(
            format!("a hyphen at the beginning of a name: `{name}`"),
            "every part between dots begins with a letter or a digit (RFC 1123 2.1)",
        ));
    }
    if absolute.len() > MAX_NAME {
        return Err(TargetError::new(
            format!("a name of {} characters", absolute.len()),
            "a host name has 253 characters at most",
        ));
    }
    Ok(ascii)
}

/// Windows machines may be called with an underscore, so it passes although RFC 952 does not have it.
fn characters(name: &str) -> Result<(), TargetError> {
    let stranger = name.chars().find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.'));
    stranger.map_or(Ok(()), |c| {
        let hint = "a host name has letters, digits, hyphens, underscores and dots";
        Err(TargetError::new(format!("`{c}` in the host name: `{name}`"), hint))
    })
}

fn to_ascii(name: &str) -> Result<String, TargetError> {
    let refused = || {
        let hint = "give the name as DNS has it, in ASCII: xn--...";
        TargetError::new(format!("not a name that IDNA allows: `{name}`"), hint)
    };
    let ascii = idna::domain_to_ascii(name).map_err(|_| refused())?;
    characters(&ascii).map_err(|_| refused())?;
    Ok(ascii)
}

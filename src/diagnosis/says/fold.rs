//! Text as it is compared: small letters without accents, curly quotes and odd blanks gone, and nothing but words.

/// The words of a text, one blank between them.
pub(in crate::diagnosis) fn fold(text: &str) -> String {
    let mut letters = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match plain(letter) {
            Some(plain) => letters.push_str(plain),
            None if letter.is_alphanumeric() => letters.push(letter),
            // Soft hyphens and zero-width marks come along when a dialog is copied from a web page.
            None if matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{300}'..='\u{36f}') =>
                {}
            None => letters.push(' '),
        }
    }
    let words = letters.split_whitespace().collect::<Vec<_>>().join(" ");
    uncontracted(&words)
}

/// `can't`, `cant` and `cannot` are one word; so are `didn't` and `did not`.
fn uncontracted(words: &str) -> String {
    const SAME: &[(&str, &str)] = &[
        (" can t ", " cannot "),
        (" cant ", " cannot "),
        (" can not ", " cannot "),
        (" didn t ", " did not "),
        (" didnt ", " did not "),
        (" isn t ", " is not "),
        (" isnt ", " is not "),
        (" couldn t ", " could not "),
        (" couldnt ", " could not "),
        (" authorised ", " authorized "),
        (" licence ", " license "),
        (" licences ", " licenses "),
        (" log on ", " logon "),
        (" log in ", " login "),
        (" sign in ", " signin "),
    ];
    let mut padded = format!(" {words} ");
    for (from, to) in SAME {
        padded = padded.replace(from, to);
    }
    padded.trim().to_owned()
}

/// A letter of French without its accent.
const fn plain(letter: char) -> Option<&'static str> {
    Some(match letter {
        'à' | 'â' | 'ä' => "a",
        'ç' => "c",
        'é' | 'è' | 'ê' | 'ë' => "e",
        'î' | 'ï' => "i",
        'ô' | 'ö' => "o",
        'ù' | 'û' | 'ü' => "u",
        'œ' => "oe",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn what_a_dialog_and_a_keyboard_write_apart_is_the_same() {
        for (text, folded) in [
            ("Remote Desktop can\u{2019}t\u{a0}connect!", "remote desktop cannot connect"),
            ("l'autorité de sécurité", "l autorite de securite"),
            ("l\u{2019}autorite\u{301} de securite\u{301}", "l autorite de securite"),
            ("  Log\tin\r\nlicence ", "login license"),
            ("cannot can't CANT", "cannot cannot cannot"),
            ("\u{200b}\u{feff}", ""),
        ] {
            assert_eq!(fold(text), folded, "{text:?}");
        }
    }
}

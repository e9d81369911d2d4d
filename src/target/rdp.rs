//! .rdp files and rdp:// URIs: settings, of which the address and the port matter here.

use super::{Host, Target, TargetError, authority, port};

/// As [`from_rdp_file_or`] with the usual port.
///
/// # Errors
/// As there.
pub fn from_rdp_file(path_text: &str, content: &[u8]) -> Result<Target, TargetError> {
    from_rdp_file_or(path_text, content, super::DEFAULT_PORT)
}

/// Reads the target out of an .rdp file: `full address:s:`, `server port:i:`, `alternate full address:s:`, and the
/// default port for one that names none.
/// As in mstsc the alternate address wins; a port within the address wins over `server port`.
/// The content may be UTF-8 or UTF-16, with or without a byte-order mark.
///
/// # Errors
/// If there is no address in it, or one that is none; `path_text` is named in the message.
pub fn from_rdp_file_or(path_text: &str, content: &[u8], default_port: u16) -> Result<Target, TargetError> {
    let text = decode(content);
    let settings = Settings::read(text.lines());
    let Some((host, port)) = settings.target()? else {
        return Err(TargetError::new(
            format!("no `full address` in the .rdp file: `{path_text}`"),
            "an .rdp file names its host in a line such as full address:s:host:3389",
        ));
    };
    Ok(Target { input: path_text.to_owned(), host, port: port.unwrap_or(default_port) })
}

/// Reads `rdp://full%20address=s:host:port&...` and `rdp://host:port`; nothing if the scheme is another.
pub(super) fn uri(text: &str) -> Result<Option<(Host, Option<u16>)>, TargetError> {
    let Some((scheme, rest)) = text.split_once("://") else { return Ok(None) };
    if !scheme.eq_ignore_ascii_case("rdp") {
        return Ok(None);
    }
    let hint = "try rdp://full%20address=s:host:3389 or rdp://host:3389";
    let without_fragment = rest.split('#').next().unwrap_or(rest);
    let (place, query) = without_fragment.split_once('?').unwrap_or((without_fragment, ""));
    let place = place.strip_suffix('/').unwrap_or(place);
    let pairs: Vec<String> = place.split('&').chain(query.split('&')).map(percent_decoded).collect();
    let settings = Settings::read_pairs(pairs.iter().filter_map(|pair| pair.split_once('=')));
    if let Some(target) = settings.target()? {
        return Ok(Some(target));
    }
    let place = percent_decoded(place);
    if place.is_empty() || place.contains('=') {
        return Err(TargetError::new(format!("an rdp:// URI without a host: `{text}`"), hint));
    }
    authority(&place).map(Some)
}

/// The settings that say where to connect.
#[derive(Default)]
struct Settings {
    full_address: Option<String>,
    alternate_full_address: Option<String>,
    server_port: Option<String>,
}

impl Settings {
    /// `name:type:value` lines; what cannot be read is passed over, as mstsc does.
    fn read<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        Self::read_pairs(lines.filter_map(|line| line.split_once(':')))
    }

    /// `(name, type:value)` pairs; the last of a name counts.
    fn read_pairs<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut settings = Self::default();
        for (name, typed) in pairs {
            let Some((_, value)) = typed.split_once(':') else { continue };
            let value = Some(value.trim().to_owned()).filter(|value| !value.is_empty());
            match name.trim().to_ascii_lowercase().as_str() {
                "full address" => settings.full_address = value,
                "alternate full address" => settings.alternate_full_address = value,
                "server port" => settings.server_port = value,
                _ => {}
            }
        }
        settings
    }

    fn target(&self) -> Result<Option<(Host, Option<u16>)>, TargetError> {
        let Some(address) = self.alternate_full_address.as_deref().or(self.full_address.as_deref()) else {
            return Ok(None);
        };
        let (host, own_port) = authority(address)?;
        match (own_port, self.server_port.as_deref()) {
            (None, Some(digits)) => Ok(Some((host, Some(port(digits)?)))),
            (own_port, _) => Ok(Some((host, own_port))),
        }
    }
}

/// mstsc writes UTF-16 with a byte-order mark; editors and portals write UTF-8.
fn decode(content: &[u8]) -> String {
    match content {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        // Every setting begins with an ASCII letter, so a zero beside the first byte tells UTF-16.
        [_, 0, ..] => utf16(content, u16::from_le_bytes),
        [0, _, ..] => utf16(content, u16::from_be_bytes),
        _ => String::from_utf8_lossy(content).into_owned(),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let (pairs, _odd_byte) = bytes.as_chunks::<2>();
    char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .map(|decoded| decoded.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// `%20` and its like (RFC 3986 2.1); what is no escape stays as it is.
fn percent_decoded(text: &str) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let escape = match rest {
            [b'%', high, low, ..] => data_encoding::HEXUPPER_PERMISSIVE.decode(&[*high, *low]).ok(),
            _ => None,
        };
        if let (Some(byte), [_, _, _, tail @ ..]) = (escape, rest) {
            decoded.extend(byte);
            rest = tail;
        } else {
            decoded.push(*first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

//! Bytes to text, whatever a Windows console or a redirection made of them; and Azure's Run Command unwrapped.

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The text of a file. Key parts are ASCII in every encoding; a letter read wrong costs at most its fact's beauty.
pub(super) fn text(bytes: &[u8]) -> String {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        let body = bytes.get(mark..).unwrap_or_default();
        return encoding.decode_without_bom_handling(body).0.into_owned();
    }
    if let Some(encoding) = utf16_without_mark(bytes) {
        return encoding.decode_without_bom_handling(bytes).0.into_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => code_page(bytes),
    }
}

/// ASCII in UTF-16 has a zero in every other byte, on one side.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    let zeros = |parity: usize| head.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let most = head.len() / 4;
    if head.len() < 4 {
        None
    } else if odd > most && even < most / 4 + 1 {
        Some(UTF_16LE)
    } else if even > most && odd < most / 4 + 1 {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// OEM (850, whose letters are 437's) or ANSI (Windows-1252): accented letters lie low in the one and high in the other.
fn code_page(bytes: &[u8]) -> String {
    let within = |low: u8, high: u8| bytes.iter().filter(|byte| (low..=high).contains(*byte)).count();
    let (oem, ansi) = (within(0x80, 0xa7), within(0xc0, 0xff));
    if oem > ansi {
        oem_cp::decode_string_complete_table(bytes, &oem_cp::code_table::DECODING_TABLE_CP850)
    } else {
        WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
    }
}

/// What the script wrote, if the answer is what `az vm run-command invoke` prints: `value[].message`.
pub(super) fn run_command_messages(answer: &serde_json::Value) -> Option<Vec<String>> {
    let values = answer.get("value").or_else(|| answer.get("Value"))?.as_array()?;
    let message = |value: &serde_json::Value| {
        value.get("message").or_else(|| value.get("Message"))?.as_str().map(str::to_owned)
    };
    Some(values.iter().filter_map(message).collect())
}

#[cfg(test)]
mod tests {
    use super::text;

    const SAMPLE: &str = "DHCP activé : Oui, Désactivé, für";

    #[test]
    fn every_encoding_of_a_windows_console_is_read() {
        let utf16 = |mark: bool, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
            let mark = if mark { vec![0xfeff] } else { Vec::new() };
            mark.into_iter().chain(SAMPLE.encode_utf16()).flat_map(order).collect()
        };
        let oem = b"DHCP activ\x82 : Oui, D\x82sactiv\x82, f\x81r".to_vec();
        let ansi = b"DHCP activ\xe9 : Oui, D\xe9sactiv\xe9, f\xfcr".to_vec();
        let utf8_with_mark = [b"\xef\xbb\xbf", SAMPLE.as_bytes()].concat();
        for bytes in [
            SAMPLE.as_bytes().to_vec(),
            utf8_with_mark,
            utf16(true, u16::to_le_bytes),
            utf16(true, u16::to_be_bytes),
            utf16(false, u16::to_le_bytes),
            utf16(false, u16::to_be_bytes),
            oem,
            ansi,
        ] {
            assert_eq!(text(&bytes), SAMPLE, "{bytes:02x?}");
        }
    }
}

//! What the first bytes of a peer that is not RDP look like.

use serde::{Deserialize, Serialize};

use super::tpkt;

/// What bytes that are not RDP look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Banner {
    /// `SSH-2.0-...`
    Ssh,
    /// `HTTP/1.1 400 ...` or an HTML page.
    Http,
    /// A TLS record: an alert or a handshake.
    Tls,
    /// `220 ... SMTP`.
    Smtp,
    /// `220 ... FTP`.
    Ftp,
    /// `RFB 003.008`.
    Vnc,
    /// `+OK`.
    Pop3,
    /// `* OK`.
    Imap,
    /// A MySQL or MariaDB greeting.
    Mysql,
    /// Telnet option negotiation (IAC ...).
    Telnet,
    /// An SMB or NetBIOS session message.
    Smb,
    /// A TPKT frame that holds no X.224 confirm: MCS, H.323, S7, ...
    Tpkt,
    /// Nothing known.
    Unknown,
}

impl Banner {
    /// The protocol's usual name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ssh => "SSH",
            Self::Http => "HTTP",
            Self::Tls => "TLS",
            Self::Smtp => "SMTP",
            Self::Ftp => "FTP",
            Self::Vnc => "VNC",
            Self::Pop3 => "POP3",
            Self::Imap => "IMAP",
            Self::Mysql => "MySQL",
            Self::Telnet => "Telnet",
            Self::Smb => "SMB",
            Self::Tpkt => "another protocol over TPKT",
            Self::Unknown => "an unknown protocol",
        }
    }
}

impl Banner {
    /// Names the protocol by the first bytes that a peer sent, whether as a greeting or in answer to a
    /// Connection Request. More bytes make a better answer; 64 are plenty.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        text(bytes).or_else(|| binary(bytes)).unwrap_or(Self::Unknown)
    }
}

/// Greetings and errors in words.
fn text(bytes: &[u8]) -> Option<Banner> {
    const STARTS: [(&[u8], Banner); 10] = [
        (b"SSH-", Banner::Ssh),
        (b"HTTP/", Banner::Http),
        (b"<!DOCTYPE", Banner::Http),
        (b"<html", Banner::Http),
        (b"RFB ", Banner::Vnc),
        (b"+OK", Banner::Pop3),
        (b"* OK", Banner::Imap),
        (b"* PREAUTH", Banner::Imap),
        (b"* BYE", Banner::Imap),
        (b"220", Banner::Smtp),
    ];
    let line = bytes.trim_ascii_start();
    if is_reply_code(line) && ["ftp", "filezilla"].iter().any(|word| holds(line, word)) {
        return Some(Banner::Ftp);
    }
    if is_reply_code(line) && ["smtp", "mail"].iter().any(|word| holds(line, word)) {
        return Some(Banner::Smtp);
    }
    let starts_with =
        |start: &[u8]| line.get(..start.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(start));
    STARTS.iter().find(|(start, _)| starts_with(start)).map(|(_, banner)| *banner)
}

/// Headers in bytes.
fn binary(bytes: &[u8]) -> Option<Banner> {
    match bytes {
        // A record of TLS 1.x or SSL 3: alert or handshake.
        [0x15 | 0x16, 3, 0..=4, ..] => Some(Banner::Tls),
        // Interpret as command: WILL, WON'T, DO, DON'T or a subnegotiation (RFC 854).
        [0xff, 0xfa..=0xfe, ..] => Some(Banner::Telnet),
        // Packet 0 with a greeting of protocol 10 and a version in digits.
        [_, _, _, 0, 10, b'0'..=b'9', ..] => Some(Banner::Mysql),
        // Packet 0 with an error, as for a host that may not connect.
        [_, _, _, 0, 0xff, _, _, message @ ..]
            if ["mysql", "mariadb"].iter().any(|it| holds(message, it)) =>
        {
            Some(Banner::Mysql)
        }
        // An SMB message under a NetBIOS session header, or a session reply of NetBIOS itself (RFC 1002 4.3).
        [0, _, _, _, 0xfd..=0xff, b'S', b'M', b'B', ..]
        | [0x82 | 0x85, 0, 0, 0]
        | [0x83, 0, 0, 1, 0x80..=0xff] => Some(Banner::Smb),
        _ if tpkt::frame_len(bytes).is_ok_and(|length| length.is_some()) => Some(Banner::Tpkt),
        _ => None,
    }
}

/// Whether a line begins as the replies of SMTP and FTP do: three digits, then a blank or a dash.
fn is_reply_code(line: &[u8]) -> bool {
    matches!(line, [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9', b' ' | b'-', ..])
}

/// Whether a word in lower case stands somewhere in the bytes, in whatever case.
fn holds(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GREETINGS: [(&[u8], Banner); 33] = [
        (b"SSH-2.0-OpenSSH_9.6\r\n", Banner::Ssh),
        (b"\r\nSSH-1.99-Cisco-1.25\n", Banner::Ssh),
        (b"HTTP/1.1 400 Bad Request\r\nServer: Microsoft-HTTPAPI/2.0\r\n", Banner::Http),
        (b"<html><head><title>400 Bad Request</title>", Banner::Http),
        (b"\n<!doctype html>", Banner::Http),
        (b"\x15\x03\x01\x00\x02\x02\x46", Banner::Tls),
        (b"\x16\x03\x03\x00\x51\x02\x00\x00\x4d", Banner::Tls),
        (b"220 mail.example.com ESMTP Postfix\r\n", Banner::Smtp),
        (b"220-mx.example.com Microsoft ESMTP MAIL Service ready\r\n", Banner::Smtp),
        (b"220 mx.example.com ready\r\n", Banner::Smtp),
        (b"554 mail.example.com refuses you\r\n", Banner::Smtp),
        (b"220 Microsoft FTP Service\r\n", Banner::Ftp),
        (b"220 (vsFTPd 3.0.5)\r\n", Banner::Ftp),
        (b"220-FileZilla Server 1.8.1\r\n", Banner::Ftp),
        (b"421 ProFTPD: too many connections\r\n", Banner::Ftp),
        (b"RFB 003.008\n", Banner::Vnc),
        (b"+OK Dovecot ready.\r\n", Banner::Pop3),
        (b"* OK [CAPABILITY IMAP4rev1] ready\r\n", Banner::Imap),
        (b"* BYE disconnected\r\n", Banner::Imap),
        (b"\x4a\x00\x00\x00\x0a8.0.36\x00\x08\x00\x00\x00", Banner::Mysql),
        (b"\x5a\x00\x00\x00\x0a5.5.5-10.11.6-MariaDB-0+deb12u1\x00", Banner::Mysql),
        (
            b"\x45\x00\x00\x00\xff\x6a\x04Host '10.0.0.4' is not allowed to connect to this MySQL server",
            Banner::Mysql,
        ),
        (b"\xff\xfd\x18\xff\xfd\x20\xff\xfd\x23", Banner::Telnet),
        (b"\x00\x00\x00\x55\xffSMB\x72", Banner::Smb),
        (b"\x00\x00\x00\xd0\xfeSMB\x40\x00", Banner::Smb),
        (b"\x83\x00\x00\x01\x8f", Banner::Smb),
        (b"\x03\x00\x00\x09\x02\xf0\x80\x21\x80", Banner::Tpkt),
        (b"", Banner::Unknown),
        (b"\x03\x00\x00", Banner::Unknown),
        (b"\x03\x00\x00\x06\x00\x00", Banner::Unknown),
        (b"-ERR unknown command\r\n", Banner::Unknown),
        (b"\x17\x03\x03\x00\x20", Banner::Unknown),
        (b"500 command unrecognized\r\n", Banner::Unknown),
    ];

    #[test]
    fn greetings_and_errors_are_named() {
        for (bytes, banner) in GREETINGS {
            assert_eq!(Banner::of(bytes), banner, "{}", bytes.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = Banner::of(&bytes);
        }

        #[test]
        fn what_a_name_was_given_for_is_enough(which in 0..GREETINGS.len(), tail in prop::collection::vec(any::<u8>(), 0..9)) {
            let (bytes, banner) = GREETINGS[which];
            prop_assume!(![Banner::Unknown, Banner::Smtp].contains(&banner) && bytes[0] != 0x83);
            prop_assert_eq!(Banner::of(&[bytes, &tail].concat()), banner);
        }
    }
}

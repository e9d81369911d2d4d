//! X.224 class 0: the Connection Request, its Confirm, and what a server may send instead ([X.224] 13).

use super::error::{DecodeError, Reason};
use super::nego::{self, Negotiation, NegotiationRequest};
use super::reader::Reader;
use super::tpkt;

const CONNECTION_REQUEST: u8 = 0xe0;
const CONNECTION_CONFIRM: u8 = 0xd0;
const DISCONNECT_REQUEST: u8 = 0x80;
const ERROR: u8 = 0x70;
const DATA: u8 = 0xf0;

/// LI, type and EOT of a data TPDU: RDP never splits a message over several.
pub(super) const DATA_HEADER: [u8; 3] = [2, DATA, 0x80];

/// LI of a Connection Confirm without and with negotiation data. There is no third length.
const CONFIRM_LI: [u8; 2] = [6, 14];

const COOKIE: &[u8] = b"Cookie: mstshash=";
const LINE_END: &[u8] = b"\r\n";

/// How much of a name Microsoft's client puts into the cookie, in characters.
const COOKIE_LEN: usize = 9;

/// Client X.224 Connection Request ([MS-RDPBCGR] 2.2.1.1; [X.224] 13.3).
///
/// ```text
/// 03 00 LEN LEN | LI E0 00 00 00 00 00 | Cookie: mstshash=NAME CR LF | RDP_NEG_REQ | correlation info
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConnectionRequest {
    /// The name in the `mstshash` cookie. Of what is sent, control characters are left out and the tenth
    /// character and all after it are cut, as Microsoft's client does; what is read is kept as it came.
    pub cookie: Option<String>,
    /// The protocols asked for; `None` asks as clients did before negotiation existed.
    pub negotiation: Option<NegotiationRequest>,
    /// An id that the server writes into its event logs ([MS-RDPBCGR] 2.2.1.1.2). It needs `negotiation`,
    /// without which it is not sent. Its first byte may not be 00 or F4, and no byte 0D.
    pub correlation_id: Option<[u8; 16]>,
}

impl ConnectionRequest {
    /// The request as a whole TPKT frame.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut variable = Vec::new();
        if let Some(cookie) = &self.cookie {
            variable.extend_from_slice(COOKIE);
            variable.extend(cookie.chars().filter(|c| !c.is_control()).take(COOKIE_LEN).map(ansi));
            variable.extend_from_slice(LINE_END);
        }
        if let Some(mut negotiation) = self.negotiation {
            if self.correlation_id.is_some() {
                negotiation.flags |= nego::REQUEST_CORRELATION_INFO;
            }
            negotiation.write(&mut variable);
            if let Some(id) = self.correlation_id {
                nego::write_correlation_info(&mut variable, id);
            }
        }
        connection_tpdu(CONNECTION_REQUEST, 0, 0, 0, &variable)
    }

    /// Reads a request, for servers. A routing token in the place of the cookie is passed over.
    pub fn decode(frame: &[u8]) -> Result<Self, DecodeError> {
        let (mut reader, _) = tpkt::open("X.224 Connection Request", frame)?;
        length_indicator(&mut reader)?;
        reader.expect_u8("type", CONNECTION_REQUEST)?;
        reader.take("dst-ref, src-ref, class", 5)?;
        let cookie = read_cookie(&mut reader)?;
        let mut request = Self { cookie, ..Self::default() };
        if !reader.is_empty() {
            let mut part = reader.clone().named("RDP_NEG_REQ");
            let negotiation = NegotiationRequest::read(&mut part)?;
            if negotiation.flags & nego::REQUEST_CORRELATION_INFO != 0 {
                part = part.named("RDP_NEG_CORRELATION_INFO");
                request.correlation_id = Some(nego::read_correlation_info(&mut part)?);
            }
            part.end("bytes after the message")?;
            request.negotiation = Some(negotiation);
        }
        Ok(request)
    }
}

/// What a server sends in answer to a Connection Request, or later ([X.224] 13).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tpdu {
    /// The answer of an RDP server.
    ConnectionConfirm(ConnectionConfirm),
    /// DR: the server wants to disconnect ([X.224] 13.5). Windows does not send it.
    DisconnectRequest {
        /// The reason code.
        reason: u8,
    },
    /// ER: the server did not understand ([X.224] 13.12). Windows does not send it.
    Error {
        /// The reject cause.
        cause: u8,
    },
    /// DT: data; here the bytes after `02 f0 80`. Before a Confirm it is a server that gives up.
    Data(Vec<u8>),
}

/// Server X.224 Connection Confirm ([MS-RDPBCGR] 2.2.1.2; [X.224] 13.4).
///
/// ```text
/// 03 00 00 13 | 0E D0 DST DST SRC SRC CLASS | RDP_NEG_RSP or RDP_NEG_FAILURE (8 bytes)
/// 03 00 00 0B | 06 D0 DST DST SRC SRC CLASS
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionConfirm {
    /// DST-REF: 0.
    pub dst_ref: u16,
    /// SRC-REF: 0x1234 from Windows and newer xrdp, 0 from others. A hint, no proof.
    pub src_ref: u16,
    /// Class and options: 0.
    pub class: u8,
    /// The negotiation data; `None` from servers that do not negotiate.
    pub negotiation: Option<Negotiation>,
    /// How many bytes were given to the decoder after the end of the frame.
    pub trailing_bytes: usize,
}

impl Tpdu {
    /// Reads the TPDU in the frame that the bytes begin with.
    ///
    /// A Connection Confirm is 11 or 19 bytes long and nothing else; every other length is malformed.
    pub fn decode(frame: &[u8]) -> Result<Self, DecodeError> {
        let (mut reader, trailing_bytes) = tpkt::open("X.224 TPDU", frame)?;
        let at_type = {
            let mut ahead = reader.clone();
            ahead.u8("LI")?;
            ahead
        };
        match at_type.clone().u8("type")? {
            CONNECTION_CONFIRM => {
                ConnectionConfirm::read(reader, trailing_bytes).map(Self::ConnectionConfirm)
            }
            DISCONNECT_REQUEST => {
                let mut body = control(&mut reader, "X.224 Disconnect Request")?;
                body.take("dst-ref, src-ref", 4)?;
                Ok(Self::DisconnectRequest { reason: body.u8("reason")? })
            }
            ERROR => {
                let mut body = control(&mut reader, "X.224 Error")?;
                body.take("dst-ref", 2)?;
                Ok(Self::Error { cause: body.u8("reject cause")? })
            }
            DATA => {
                let mut reader = reader.named("X.224 Data");
                reader.expect("LI, type, EOT", &DATA_HEADER)?;
                Ok(Self::Data(reader.peek().to_vec()))
            }
            found => Err(at_type.error("type", Reason::Unexpected { found: found.into() })),
        }
    }
}

impl ConnectionConfirm {
    /// The confirm as a whole TPKT frame, followed by as many zero bytes as `trailing_bytes` says.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut variable = Vec::new();
        if let Some(negotiation) = self.negotiation {
            negotiation.write(&mut variable);
        }
        let mut frame =
            connection_tpdu(CONNECTION_CONFIRM, self.dst_ref, self.src_ref, self.class, &variable);
        frame.extend(std::iter::repeat_n(0, self.trailing_bytes));
        frame
    }

    fn read(reader: Reader<'_>, trailing_bytes: usize) -> Result<Self, DecodeError> {
        let mut reader = reader.named("X.224 Connection Confirm");
        if !CONFIRM_LI.iter().any(|li| usize::from(*li).saturating_add(1) == reader.remaining()) {
            let found = tpkt::HEADER_LEN.saturating_add(reader.remaining());
            let error = Reason::Length { found: u64::try_from(found).unwrap_or(u64::MAX) };
            return Err(DecodeError { offset: 2, ..reader.error("TPKT packet length", error) });
        }
        length_indicator(&mut reader)?;
        reader.expect_u8("type", CONNECTION_CONFIRM)?;
        let dst_ref = reader.u16_be("dst-ref")?;
        let src_ref = reader.u16_be("src-ref")?;
        let class = reader.u8("class")?;
        let negotiation = if reader.is_empty() {
            None
        } else {
            Some(Negotiation::read(&mut reader.named("RDP negotiation data"))?)
        };
        Ok(Self { dst_ref, src_ref, class, negotiation, trailing_bytes })
    }
}

/// A Disconnect Request as a whole frame: a polite end before TLS or after a refusal.
#[must_use]
pub fn disconnect_request() -> Vec<u8> {
    connection_tpdu(DISCONNECT_REQUEST, 0, 0, 0, &[])
}

/// Puts user data into a data TPDU and that into a TPKT frame.
#[must_use]
pub fn data(user_data: &[u8]) -> Vec<u8> {
    tpkt::wrap(&[&DATA_HEADER, user_data].concat())
}

/// CR, CC and DR are alike: LI, type, two references, one byte (class or reason), the variable part.
fn connection_tpdu(kind: u8, dst_ref: u16, src_ref: u16, last: u8, variable: &[u8]) -> Vec<u8> {
    // The longest variable part, a cookie with negotiation and correlation info, is 72 bytes: LI holds it.
    let li = u8::try_from(variable.len().saturating_add(6)).unwrap_or(u8::MAX);
    let mut tpdu = vec![li, kind];
    tpdu.extend_from_slice(&dst_ref.to_be_bytes());
    tpdu.extend_from_slice(&src_ref.to_be_bytes());
    tpdu.push(last);
    tpdu.extend_from_slice(variable);
    tpkt::wrap(&tpdu)
}

/// Reads LI, which must cover the rest of the frame: none of these messages carries user data in class 0.
fn length_indicator(reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    let at_li = reader.clone();
    let li = reader.u8("LI")?;
    if usize::from(li) != reader.remaining() {
        return Err(at_li.error("LI", Reason::Length { found: li.into() }));
    }
    Ok(())
}

/// The body of a DR or ER behind LI and type.
fn control<'a>(reader: &mut Reader<'a>, message: &'static str) -> Result<Reader<'a>, DecodeError> {
    let mut body = reader.clone().named(message);
    length_indicator(&mut body)?;
    body.u8("type")?;
    Ok(body)
}

/// Reads the line before the negotiation data, if there is one: the cookie's name, or nothing for a token.
fn read_cookie(reader: &mut Reader<'_>) -> Result<Option<String>, DecodeError> {
    // Negotiation data begin with a type below 0x20, a cookie or a token with a letter.
    if reader.peek().first().is_none_or(|first| *first < 0x20) {
        return Ok(None);
    }
    let ends = reader.peek().windows(LINE_END.len()).position(|pair| pair == LINE_END);
    let Some(length) = ends else {
        return Err(reader.error("cookie", Reason::Structure("no CR LF at its end")));
    };
    let line = reader.take("cookie", length)?;
    reader.take("cookie", LINE_END.len())?;
    Ok(line.strip_prefix(COOKIE).map(|name| name.iter().map(|byte| char::from(*byte)).collect()))
}

/// One character of a cookie as the byte that the wire has for it.
fn ansi(character: char) -> u8 {
    u8::try_from(character).unwrap_or(b'?')
}

#[cfg(test)]
mod tests;

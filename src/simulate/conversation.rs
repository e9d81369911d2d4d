//! One connection, from its first byte to its end.

use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::line::Line;
use super::persona::{Answer, Cue, End, Greeting, Persona};
use super::tls::Identity;
use super::{standard, tls};
use crate::wire::codes::negotiation::{FailureCode, Protocol};
use crate::wire::nego::Negotiation;
use crate::wire::tpkt;
use crate::wire::x224::{ConnectionConfirm, ConnectionRequest};

/// The longest connection request or MCS Connect Initial that is read, in bytes.
const MOST_FRAME: usize = 16 << 10;

/// A persona with everything made that it needs before its first connection.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) persona: &'static Persona,
    /// Its certificate and TLS configuration, if it has any.
    pub(super) identity: Option<Identity>,
}

impl Script {
    pub(super) fn new(persona: &'static Persona) -> io::Result<Self> {
        Ok(Self { persona, identity: Identity::of(persona)? })
    }
}

/// Plays the persona on one connection.
pub(super) async fn play(script: &Script, stream: TcpStream) -> io::Result<()> {
    let mut line = Line::new(stream, script.persona.pieces)?;
    let end = match &script.persona.greeting {
        Some(greeting) => greet(greeting, &mut line).await?,
        None => negotiate(script, &mut line).await?,
    };
    line.end(end).await
}

async fn greet(greeting: &Greeting, line: &mut Line) -> io::Result<End> {
    if greeting.after == Cue::FirstBytes {
        line.read_buf(&mut Vec::with_capacity(MOST_FRAME)).await?;
    }
    line.write_all(greeting.text.as_bytes()).await?;
    Ok(greeting.end)
}

async fn negotiate(script: &Script, line: &mut Line) -> io::Result<End> {
    let Some(request) = read_request(line).await? else { return Ok(End::Close) };
    let requested = request.negotiation.as_ref().map(|negotiation| negotiation.requested);
    let rule =
        script.persona.requests.iter().find(|rule| rule.when.fits(requested, request.cookie.is_some()));
    let Some(rule) = rule else { return Ok(End::Close) };
    match &rule.answer {
        Answer::Select { protocol, flags } => {
            let selected = Protocol(*protocol);
            confirm(script, line, Some(Negotiation::Response { flags: *flags, selected })).await?;
            if selected == Protocol::RDP {
                standard::play(script, line, requested).await
            } else {
                tls::play(script, line, selected).await
            }
        }
        Answer::Refuse { code } => {
            confirm(script, line, Some(Negotiation::Failure { flags: 0, code: FailureCode(*code) })).await?;
            Ok(End::Silent)
        }
        Answer::Legacy => {
            confirm(script, line, None).await?;
            standard::play(script, line, requested).await
        }
        Answer::Bytes { hex, end } => {
            line.write_all(&hex.0).await?;
            Ok(*end)
        }
        Answer::Garbage { bytes, end } => {
            line.write_all(&garbage(*bytes)).await?;
            Ok(*end)
        }
        Answer::Drip { hex, every_ms } => drip(line, &hex.0, Duration::from_millis(*every_ms)).await,
        Answer::Nothing { end } => Ok(*end),
    }
}

/// The connection request, or `None` when the peer says something else or leaves.
async fn read_request(line: &mut Line) -> io::Result<Option<ConnectionRequest>> {
    let frame = line.read_message(MOST_FRAME, tpkt::frame_len).await?;
    Ok(frame.and_then(|frame| ConnectionRequest::decode(&frame).ok()))
}

async fn confirm(script: &Script, line: &mut Line, negotiation: Option<Negotiation>) -> io::Result<()> {
    let confirm = ConnectionConfirm {
        dst_ref: 0,
        src_ref: script.persona.src_ref,
        class: 0,
        negotiation,
        trailing_bytes: 0,
    };
    line.write_all(&confirm.encode()).await
}

/// Bytes without a meaning, the same on every run: never a TPKT header, a TLS record or a known banner.
fn garbage(length: usize) -> Vec<u8> {
    let mut bytes = [0xa7, 0x5b, 0xe1, 0x9d, 0xc3, 0x8f, 0xb2].repeat(length.div_ceil(7));
    bytes.truncate(length);
    bytes
}

async fn drip(line: &mut Line, first: &[u8], pause: Duration) -> io::Result<End> {
    let mut pause = tokio::time::interval(pause);
    for byte in first.iter().copied().chain(std::iter::repeat(0)) {
        pause.tick().await;
        line.write_all(&[byte]).await?;
    }
    Ok(End::Close)
}

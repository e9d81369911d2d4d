//! TLS over a negotiated connection: the full handshake, and one hand-made hello a version.

// The full handshake, by rustls.
pub(super) mod handshake;

// One version at a time, by a hand-made hello.
pub(super) mod version;

use super::stream::{Line, evidence};
use crate::evidence::Failure;
use crate::wire::{mcs, tpkt};

/// A server that cannot start TLS may answer in clear with a TPKT frame, as xrdp does when its key does not fit.
///
/// Returns the failure that it stands for, or `None` when the bytes are no TPKT.
async fn answered_in_clear(line: &mut Line) -> Option<Failure> {
    if line.pending().first() != Some(&0x03) {
        return None;
    }
    while line.pending().len() < tpkt::HEADER_LEN {
        if let Err(failure) = line.fill().await {
            return Some(failure);
        }
    }
    let frame = match line.tpkt().await {
        Ok(frame) => frame,
        Err(failure) => return Some(failure),
    };
    Some(match mcs::disconnect_provider_ultimatum(&frame) {
        Some(reason) => Failure::Disconnected { reason, bytes: evidence(&frame) },
        None => Failure::Malformed {
            detail: "a TPKT frame in clear where TLS should begin".to_owned(),
            bytes: evidence(&frame),
        },
    })
}

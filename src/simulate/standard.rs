//! Standard RDP security: the MCS Connect Response.

use std::io;
use tokio::io::AsyncWriteExt;

use super::conversation::Script;
use super::line::Line;
use super::persona::End;
use crate::wire::codes::encryption::{EncryptionLevel, EncryptionMethod};
use crate::wire::gcc::{CertificateKind, ServerCore, ServerSecurity};
use crate::wire::mcs::ConnectResponse;
use crate::wire::tpkt;

/// The longest MCS Connect Initial that is read, in bytes.
const MOST_FRAME: usize = 16 << 10;

/// Answers the MCS Connect Initial, if the persona can; then waits for the peer to leave.
pub(super) async fn play(script: &Script, line: &mut Line, requested: Option<u32>) -> io::Result<End> {
    let initial = line.read_message(MOST_FRAME, tpkt::frame_len).await?;
    let (Some(_), Some(standard)) = (initial, &script.persona.standard) else { return Ok(End::Close) };
    let method = EncryptionMethod(standard.method);
    let security = ServerSecurity {
        method,
        level: EncryptionLevel(standard.level),
        certificate: (method != EncryptionMethod::NONE).then_some(CertificateKind::Proprietary),
    };
    let response = ConnectResponse {
        result: standard.result,
        core: Some(ServerCore { version: standard.rdp_version, client_requested_protocols: requested }),
        security: Some(security),
    };
    line.write_all(&response.encode()).await?;
    Ok(End::Silent)
}

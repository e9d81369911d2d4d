//! CredSSP: the NTLM challenge or the error code.

use std::io;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use super::certificate::bug;
use super::clock;
use super::line::read_message;
use super::persona::{Credssp, CredsspAnswer, End, Machine, Persona};
use crate::wire::codes::ntstatus::NtStatus;
use crate::wire::credssp::{MAX_LEN, TsRequest};
use crate::wire::ntlm::{
    AvPairs, Challenge, NegotiateMessage, TARGET_TYPE_DOMAIN, TARGET_TYPE_SERVER, Version, filetime_from_unix,
};

/// Reads one TSRequest and answers it, in one TLS record as Windows does; then waits for the peer to leave.
pub(super) async fn play(
    persona: &Persona,
    credssp: &Credssp,
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
) -> io::Result<End> {
    let Some((request, _)) = read_message(stream, MAX_LEN, TsRequest::frame_len).await? else {
        return Ok(End::Close);
    };
    let Ok((request, _)) = TsRequest::decode(&request) else { return Ok(End::Close) };
    let version = credssp.version;
    let answer = match &credssp.answer {
        CredsspAnswer::Nothing { end } => return Ok(*end),
        CredsspAnswer::Error { code } => {
            TsRequest { version, error_code: Some(NtStatus(*code)), ..TsRequest::default() }
        }
        CredsspAnswer::Challenge(machine) => {
            let is_negotiate = |token: &Vec<u8>| NegotiateMessage::decode(token).is_ok();
            if !request.nego_tokens.first().is_some_and(is_negotiate) {
                return Ok(End::Close);
            }
            let token = challenge(persona, machine)?.encode();
            TsRequest { version, nego_tokens: vec![token], ..TsRequest::default() }
        }
    };
    stream.write_all(&answer.encode()).await?;
    stream.flush().await?;
    Ok(End::Silent)
}

fn challenge(persona: &Persona, machine: &Machine) -> io::Result<Challenge> {
    let mut server_challenge = [0; 8];
    getrandom::fill(&mut server_challenge).map_err(bug)?;
    let is_member = machine.dns_tree.is_some();
    Ok(Challenge {
        target_name: Some(machine.netbios_domain.clone()),
        flags: SERVER_FLAGS | if is_member { TARGET_TYPE_DOMAIN } else { TARGET_TYPE_SERVER },
        server_challenge,
        version: machine.windows.map(|(major, minor, build)| Version { major, minor, build, revision: 15 }),
        av_pairs: AvPairs {
            netbios_computer_name: Some(machine.netbios_computer.clone()),
            netbios_domain_name: Some(machine.netbios_domain.clone()),
            dns_computer_name: Some(machine.dns_computer.clone()),
            dns_domain_name: Some(machine.dns_domain.clone()),
            dns_tree_name: machine.dns_tree.clone(),
            timestamp: Some(filetime_from_unix(clock::unix_nanoseconds(persona.clock_offset_s))),
            ..AvPairs::default()
        },
    })
}

/// UNICODE, REQUEST_TARGET, SIGN, SEAL, NTLM, ALWAYS_SIGN, EXTENDED_SESSIONSECURITY, TARGET_INFO, VERSION, 128,
/// KEY_EXCH, 56: what Windows answers to its own clients.
const SERVER_FLAGS: u32 = 0xe288_8235;

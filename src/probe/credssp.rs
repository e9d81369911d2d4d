//! CredSSP up to the server's NTLM challenge: one TSRequest, never an AUTHENTICATE.

use super::stream::malformed;
use super::tls::handshake::Session;
use crate::evidence::credssp::{Membership, OsVersion};
use crate::evidence::{Challenge, Failure};
use crate::wire::codes::windows;
use crate::wire::credssp::TsRequest;
use crate::wire::ntlm;

/// Sends NEGOTIATE and reads the challenge. The stage's deadline must be set.
pub(super) async fn challenge(session: &mut Session) -> Result<Challenge, Failure> {
    // Raw NTLM, not SPNEGO: every server seen answers it, and some answer SPNEGO with nonsense. The version is the
    // newest, because a server set to "Force Updated Clients" refuses 2 to 4.
    let request = TsRequest::with_token(ntlm::negotiate());
    session.send(&request.encode()).await?;
    let (answer, trailing_bytes) = receive(session).await?;
    if let Some(code) = answer.error_code {
        return Err(Failure::CredsspError { code, version: answer.version });
    }
    let Some(token) = answer.nego_tokens.first() else {
        return Err(Failure::Malformed {
            detail: "TSRequest: no negoTokens and no errorCode".to_owned(),
            bytes: super::stream::evidence(&answer.encode()),
        });
    };
    let message = ntlm::Challenge::decode(ntlm_part(token)).map_err(|error| malformed(&error, token))?;
    Ok(facts(answer.version, message, trailing_bytes))
}

async fn receive(session: &mut Session) -> Result<(TsRequest, usize), Failure> {
    let mut bytes = Vec::new();
    loop {
        session.receive(&mut bytes).await?;
        let length = TsRequest::frame_len(&bytes).map_err(|error| malformed(&error, &bytes))?;
        if length.is_some_and(|length| bytes.len() >= length) {
            let (request, used) = TsRequest::decode(&bytes).map_err(|error| malformed(&error, &bytes))?;
            return Ok((request, bytes.len().saturating_sub(used)));
        }
    }
}

/// The NTLM message within a token that may be wrapped in SPNEGO.
fn ntlm_part(token: &[u8]) -> &[u8] {
    let start = token.windows(8).position(|window| window == b"NTLMSSP\0").unwrap_or(0);
    token.get(start..).unwrap_or(token)
}

fn facts(ts_request_version: u32, message: ntlm::Challenge, trailing_bytes: usize) -> Challenge {
    let pairs = message.av_pairs;
    let membership = membership(&pairs);
    Challenge {
        ts_request_version,
        target_name: message.target_name,
        membership,
        os: message.version.map(|version| OsVersion {
            major: version.major,
            minor: version.minor,
            build: version.build,
            product: windows::product(version.build).map(str::to_owned),
        }),
        system_time: pairs
            .timestamp
            .and_then(|filetime| jiff::Timestamp::from_nanosecond(ntlm::filetime_to_unix(filetime)).ok()),
        netbios_computer_name: pairs.netbios_computer_name,
        netbios_domain_name: pairs.netbios_domain_name,
        dns_computer_name: pairs.dns_computer_name,
        dns_domain_name: pairs.dns_domain_name,
        dns_tree_name: pairs.dns_tree_name,
        trailing_bytes,
    }
}

/// A workgroup machine is its own domain and has no forest ([MS-NLMP] 2.2.2.1).
fn membership(pairs: &ntlm::AvPairs) -> Membership {
    if pairs.dns_tree_name.is_some() {
        return Membership::Domain;
    }
    match (&pairs.netbios_computer_name, &pairs.netbios_domain_name) {
        (Some(computer), Some(domain)) if computer.eq_ignore_ascii_case(domain) => Membership::Workgroup,
        (Some(_), Some(_)) => Membership::Domain,
        _ => Membership::Unknown,
    }
}

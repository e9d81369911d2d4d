//! The X.224 Connection Request and what comes back; MCS Connect where standard RDP security is selected.

use super::stream::{Line, evidence, malformed};
use crate::evidence::negotiate::{RowVerdict, StandardCertificate};
use crate::evidence::{Answer, Failure, HexBytes, MatrixRow, Millis, Outcome, Reply, StandardSecurity, Step};
use crate::wire::codes::negotiation::Protocol;
use crate::wire::gcc::CertificateKind;
use crate::wire::mcs::{self, ConnectResponse};
use crate::wire::nego::{
    Negotiation, NegotiationRequest, REQUEST_CORRELATION_INFO, REQUEST_RESTRICTED_ADMIN, protocol_names,
    response_flag_names,
};
use crate::wire::x224::{ConnectionConfirm, ConnectionRequest, Tpdu};

/// What one Connection Request offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    /// The requested protocols, as bits.
    pub(super) protocols: u32,
    /// Whether to demand restricted admin mode.
    pub(super) restricted_admin: bool,
    /// The `mstshash` cookie.
    pub(super) cookie: Option<String>,
    /// The correlation id.
    pub(super) correlation_id: Option<[u8; 16]>,
}

impl Offer {
    fn request(&self) -> ConnectionRequest {
        let mut flags = 0;
        if self.restricted_admin {
            flags |= REQUEST_RESTRICTED_ADMIN;
        }
        if self.correlation_id.is_some() {
            flags |= REQUEST_CORRELATION_INFO;
        }
        ConnectionRequest {
            cookie: self.cookie.clone(),
            negotiation: Some(NegotiationRequest { flags, requested: self.protocols }),
            correlation_id: self.correlation_id,
        }
    }

    /// The row of the matrix that this offer and its answer make.
    pub(super) fn row(&self, connect_ms: Option<Millis>, reply: Step<Reply>) -> MatrixRow {
        MatrixRow {
            requested_protocols: self.protocols,
            requested: protocol_names(self.protocols),
            restricted_admin: self.restricted_admin,
            cookie: self.cookie.clone(),
            connect_ms,
            verdict: verdict(self.protocols, &reply.outcome),
            reply,
        }
    }
}

/// Sends the request and reads the confirm. The stage's deadline must be set.
pub(super) async fn exchange(line: &mut Line, offer: &Offer) -> Result<Reply, Failure> {
    line.write(&offer.request().encode()).await?;
    let frame = line.tpkt().await?;
    if let Some(reason) = mcs::disconnect_provider_ultimatum(&frame) {
        return Err(Failure::Disconnected { reason, bytes: evidence(&frame) });
    }
    match Tpdu::decode(&frame) {
        Ok(Tpdu::ConnectionConfirm(confirm)) => Ok(reply(&confirm, frame)),
        Ok(Tpdu::DisconnectRequest { reason }) => {
            Err(Failure::Disconnected { reason, bytes: evidence(&frame) })
        }
        Ok(Tpdu::Error { .. }) => Err(unexpected("X.224 Error instead of a Connection Confirm", &frame)),
        Ok(Tpdu::Data(_)) => Err(unexpected("X.224 Data instead of a Connection Confirm", &frame)),
        Err(error) => Err(malformed(&error, &frame)),
    }
}

/// Asks for encryption level and methods by MCS Connect. Nothing is encrypted yet and nothing is logged on.
pub(super) async fn standard_security(line: &mut Line) -> Result<StandardSecurity, Failure> {
    line.write(&mcs::connect_initial(Protocol::RDP.0)).await?;
    let frame = line.tpkt().await?;
    if let Some(reason) = mcs::disconnect_provider_ultimatum(&frame) {
        return Err(Failure::Disconnected { reason, bytes: evidence(&frame) });
    }
    let response = ConnectResponse::decode(&frame).map_err(|error| malformed(&error, &frame))?;
    Ok(StandardSecurity {
        mcs_result: response.result,
        rdp_version: response.core.as_ref().map(|core| core.version),
        encryption_method: response.security.as_ref().map(|security| security.method),
        encryption_level: response.security.as_ref().map(|security| security.level),
        certificate: response.security.as_ref().and_then(|security| security.certificate).map(certificate),
    })
}

fn certificate(kind: CertificateKind) -> StandardCertificate {
    match kind {
        CertificateKind::Proprietary => StandardCertificate::Proprietary,
        CertificateKind::X509 => StandardCertificate::X509,
        CertificateKind::Unknown(_) => StandardCertificate::Unknown,
    }
}

fn reply(confirm: &ConnectionConfirm, frame: Vec<u8>) -> Reply {
    let answer = match confirm.negotiation {
        None => Answer::None,
        Some(Negotiation::Failure { code, .. }) => Answer::Failure { failure_code: code },
        Some(Negotiation::Response { flags, selected }) => {
            Answer::Response { selected_protocol: selected, flags, flag_names: response_flag_names(flags) }
        }
    };
    Reply {
        answer,
        src_ref: confirm.src_ref,
        dst_ref: confirm.dst_ref,
        trailing_bytes: confirm.trailing_bytes,
        raw: HexBytes(frame),
    }
}

fn unexpected(detail: &str, frame: &[u8]) -> Failure {
    Failure::Malformed { detail: detail.to_owned(), bytes: evidence(frame) }
}

/// What the answer says of the request: `selected` is compared with `requested`, never assumed.
pub(super) fn verdict(requested: u32, outcome: &Outcome<Reply>) -> RowVerdict {
    let Outcome::Seen(reply) = outcome else { return RowVerdict::Unknown };
    match reply.answer {
        Answer::None => RowVerdict::NoNegotiation,
        Answer::Failure { .. } => RowVerdict::Refused,
        Answer::Response { selected_protocol, .. } => {
            if selected_protocol == Protocol::RDP {
                if requested == 0 { RowVerdict::Offered } else { RowVerdict::Downgraded }
            } else if selected_protocol.0.is_power_of_two() && requested & selected_protocol.0 != 0 {
                RowVerdict::Offered
            } else {
                RowVerdict::OutsideRequest
            }
        }
    }
}

//! TCP connections, and what the kernel and the network say of those that fail.

use std::net::SocketAddr;

use super::Plan;
use crate::evidence::{Connected, Failure, Millis};

/// An established connection.
#[derive(Debug)]
pub struct Connection {
    /// The stream.
    pub stream: tokio::net::TcpStream,
    /// What the kernel knows about it.
    pub facts: Connected,
}

/// One TCP connect with its own deadline.
pub async fn connect(
    address: SocketAddr,
    plan: &Plan,
    deadline: tokio::time::Instant,
) -> Result<Connection, Failure> {
    let connecting = tokio::net::TcpStream::connect(address);
    match tokio::time::timeout_at(deadline, connecting).await {
        Ok(Ok(stream)) => {
            let local_address = stream.local_addr().map_or(address.ip(), |local| local.ip());
            let interface = plan.interface.clone();
            let facts = Connected { rtt_ms: None, syn_retransmits: None, local_address, interface };
            Ok(Connection { stream, facts })
        }
        Ok(Err(error)) => Err(Failure::Refused { errno: error.raw_os_error(), icmp: None }),
        Err(_) => Err(Failure::TimedOut { after_ms: Millis::ZERO, bytes_read: 0 }),
    }
}

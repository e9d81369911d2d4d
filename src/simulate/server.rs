//! The listener: how many at once, for how long.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::conversation::{self, Script};
use super::persona::Persona;

/// More connections than these wait in the kernel's queue until one ends, unless told otherwise.
const MOST_CONNECTIONS: usize = 64;

/// No connection lives longer, whatever it does.
const DEADLINE: Duration = Duration::from_secs(30);

/// A persona, bound to an address.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    script: Arc<Script>,
    most_connections: usize,
}

impl Server {
    /// Binds; port 0 takes a free one.
    ///
    /// # Errors
    /// The system's, when it does not give the address; an `Other` error is a bug in the persona or in its key.
    pub async fn bind(persona: &'static Persona, listen: SocketAddr) -> io::Result<Self> {
        let script = Arc::new(Script::new(persona)?);
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, script, most_connections: MOST_CONNECTIONS })
    }

    /// Talks to so many at a time: it may be a whole fleet.
    #[must_use]
    pub fn for_at_most(self, connections: usize) -> Self {
        Self { most_connections: connections, ..self }
    }

    /// Where it listens.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Plays until it is dropped; every conversation ends with it.
    ///
    /// # Errors
    /// The system's, when it gives no more connections.
    pub async fn run(self) -> io::Result<()> {
        self.run_each_for(DEADLINE).await
    }

    async fn run_each_for(self, deadline: Duration) -> io::Result<()> {
        let mut conversations = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept(), if conversations.len() < self.most_connections => match accepted {
                    Ok((stream, _)) => {
                        let script = Arc::clone(&self.script);
                        conversations.spawn(async move {
                            // What goes wrong here is the peer's: it left, or said what the persona does not take.
                            tokio::time::timeout(deadline, conversation::play(&script, stream)).await.ok();
                        });
                    }
                    Err(error) if is_passing(&error) => {}
                    Err(error) => return Err(error),
                },
                Some(_) = conversations.join_next() => {}
            }
        }
    }
}

/// Whether only one connection was lost, not the listener.
fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    )
}

#[cfg(test)]
mod tests {
    use super::Server;
    use crate::simulate::persona;
    use std::net::Ipv4Addr;
    use std::time::Duration;
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpStream;

    #[tokio::test]
    async fn a_conversation_ends_at_its_deadline() {
        let server = Server::bind(persona("silent").unwrap(), (Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
        let address = server.local_addr();
        tokio::spawn(server.run_each_for(Duration::from_millis(20)));
        let mut stream = TcpStream::connect(address).await.unwrap();
        assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn dropping_the_server_ends_its_conversations() {
        let server = Server::bind(persona("ssh").unwrap(), (Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
        let address = server.local_addr();
        let playing = tokio::spawn(server.run());
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.read_exact(&mut [0; 21]).await.unwrap();
        playing.abort();
        assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0);
        assert!(TcpStream::connect(address).await.is_err());
    }
}

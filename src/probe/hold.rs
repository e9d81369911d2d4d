//! A held connection: negotiated, then left idle or kept alive by the kernel alone, until somebody ends it.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::sync::watch;
use tokio::time::Instant;

use super::budget::Budget;
use super::negotiate;
use super::plan::Plan;
use super::round::Manner;
use super::stream::Line;
use super::talk;
use crate::evidence::{Answer, Failure, Outcome};

/// The least that a kernel counts keep-alives by.
const SECOND: Duration = Duration::from_secs(1);

/// A negotiated connection.
#[derive(Debug)]
pub struct Held {
    line: Line,
    opened: Instant,
    /// When something last came or went.
    heard: Instant,
}

/// How to hold it.
#[derive(Debug, Clone, Copy)]
pub struct Holding {
    /// How often the kernel asks whether the peer is still there; none: never, until the time is over, and then at
    /// once whether the path still knows the connection.
    pub keep_alive: Option<Duration>,
    /// For how long.
    pub for_at_most: Duration,
    /// How long a keep-alive may stay unanswered, in whole seconds.
    pub patience: Duration,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The peer closed it in order.
    Fin,
    /// The peer, or something on the path, reset it.
    Reset,
    /// A keep-alive stayed unanswered.
    Silence,
    /// It was alive when its time was over, though the peer may have closed it while it was asked.
    Survived,
}

/// The end of a held connection.
#[derive(Debug, Clone, Copy)]
pub struct Ended {
    /// How it ended.
    pub end: End,
    /// How old it was then.
    pub age: Duration,
    /// For how long nothing had passed over it; zero where it was kept alive.
    pub idle: Duration,
}

/// How long the question at the end of an idle time may take: a second until the first keep-alive, the patience, and one
/// for the kernel's timer.
#[must_use]
pub fn asked_for(patience: Duration) -> Duration {
    SECOND + patience.max(SECOND) + SECOND
}

/// Connects and negotiates, as a round does.
///
/// # Errors
/// With what the network or the server said instead.
pub async fn open(
    address: SocketAddr,
    plan: &Plan,
    manner: &Manner,
    halt: watch::Receiver<bool>,
) -> Result<Held, Failure> {
    let budget = Budget::new(plan.timeouts.total, halt);
    let (connect, line) = talk::open(address, plan, &budget).await;
    let Some(mut line) = line else {
        return Err(match connect.outcome {
            Outcome::Failed(failure) => failure,
            Outcome::Seen(_) | Outcome::Skipped(_) => Failure::Interrupted,
        });
    };
    line.begin(plan.timeouts.negotiate);
    let reply = negotiate::exchange(&mut line, manner.offer()).await?;
    match reply.answer {
        Answer::Failure { failure_code } => Err(Failure::NegotiationRefused { code: failure_code }),
        Answer::Response { .. } | Answer::None => {
            let now = Instant::now();
            Ok(Held { line, opened: now, heard: now })
        }
    }
}

impl Held {
    /// Holds it until somebody ends it or its time is over. May be dropped in between; see [`Self::leave`].
    pub async fn hold(&mut self, holding: &Holding) -> Ended {
        let over = self.opened + holding.for_at_most;
        let patience = holding.patience.max(SECOND);
        let mut asked = Instant::now();
        let end = if let Some(every) = holding.keep_alive {
            match self.keep_alive(every, patience) {
                Ok(()) => self.until(over).await,
                Err(error) => Some(end_of(&error)),
            }
        } else {
            let end = self.until(over).await;
            asked = Instant::now();
            match end {
                Some(end) => Some(end),
                None => self.ask(patience).await,
            }
        };
        let now = Instant::now();
        Ended {
            end: end.unwrap_or(End::Survived),
            age: now.saturating_duration_since(self.opened),
            idle: match holding.keep_alive {
                Some(_) => Duration::ZERO,
                None => asked.saturating_duration_since(self.heard),
            },
        }
    }

    /// Ends it in order, if there is still somebody there to hear it.
    pub async fn leave(self) {
        self.line.end_in_peace(&crate::wire::x224::disconnect_request()).await;
    }

    /// Asks once whether the path still knows the connection.
    async fn ask(&mut self, patience: Duration) -> Option<End> {
        if let Err(error) = self.keep_alive(SECOND, patience) {
            return Some(end_of(&error));
        }
        let end = self.until(Instant::now() + asked_for(patience)).await;
        // Whatever closes it in order now has known it until now. A path that has not answers by a reset, or not at all.
        end.filter(|end| *end != End::Fin)
    }

    /// Lets the kernel ask after so long a silence, and then each second for as long as patience lasts.
    fn keep_alive(&self, after: Duration, patience: Duration) -> io::Result<()> {
        let retries = u32::try_from(patience.as_secs()).unwrap_or(u32::MAX).clamp(1, 120);
        let keep_alive =
            TcpKeepalive::new().with_time(after.max(SECOND)).with_interval(SECOND).with_retries(retries);
        SockRef::from(self.line.stream()).set_tcp_keepalive(&keep_alive)
    }

    /// Waits for the end, or for a time. What the peer says meanwhile is passed over.
    async fn until(&mut self, time: Instant) -> Option<End> {
        loop {
            let read = tokio::time::timeout_at(time, self.line.pass_over()).await.ok()?;
            match read {
                Ok(0) => return Some(End::Fin),
                Ok(_) => {
                    self.heard = Instant::now();
                    // While there is always something to read, the timer above is never asked.
                    if self.heard >= time {
                        return None;
                    }
                }
                Err(error) => return Some(end_of(&error)),
            }
        }
    }
}

fn end_of(error: &io::Error) -> End {
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
            End::Reset
        }
        // A keep-alive without an answer, or with an ICMP message for one.
        _ => End::Silence,
    }
}

//! The own side: when a target stays silent, is this machine's network there at all?
//!
//! Asked are the user's control targets or, without any, the gateway that the target's packets go through. Any answer
//! will do, a refusal too. Silence counts only of one that has answered before: many gateways never do. And it counts for
//! nothing while another target answers by the same way.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::evidence::failure::LocalTrouble;
use crate::evidence::{Failure, Outcome, Resolution, Round, Step};
use crate::probe::{Plan, connect, round};
use crate::target::Target;

// The way that packets to an address take: directly, or through which gateway.
mod way;

// Who answered last, and by which way.
mod heard;

use heard::Heard;
use way::Way;

/// How long an answer may take. An interval of a second leaves no more after a connect that came to nothing.
const PATIENCE: Duration = Duration::from_millis(700);

/// How long a check's outcome holds: one check for all targets that fail together.
const HOLDS: Duration = Duration::from_secs(1);

/// How long somebody who never answered is left alone.
const ASKS_AGAIN: Duration = Duration::from_secs(5 * 60);

/// Silent for so long while targets answer: it is worth a word.
const LONG: Duration = Duration::from_secs(60);

/// So many addresses of one control target are asked.
const MOST_ADDRESSES: usize = 4;

/// Ports that many a gateway answers on; a refusal is as good.
const GATEWAY_PORTS: [u16; 2] = [53, 80];

/// The checks of one monitor, one at a time.
pub(super) struct Control {
    targets: Vec<Target>,
    plan: Plan,
    /// From one round of a target to the next.
    interval: Duration,
    heard: std::sync::Mutex<Heard>,
    known: std::sync::Mutex<HashMap<Whom, Arc<Mutex<Known>>>>,
}

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Whom {
    /// All control targets together.
    Controls,
    /// A gateway, with the scope of a link-local address.
    Gateway(IpAddr, u32),
}

/// What is known of them.
#[derive(Debug, Default)]
struct Known {
    has_answered: bool,
    /// Since when its silence is overruled by the answers of others.
    overruled: Option<Instant>,
    /// Whether that was told.
    is_told: bool,
    /// Where the control targets were when their names were resolved last.
    addresses: Vec<SocketAddr>,
    last: Option<(Instant, Said)>,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Said {
    /// Somebody answered, so that this machine's network is there.
    Alive,
    /// This machine cannot reach its own neighbourhood.
    Dead,
    /// Nobody answered.
    Silence,
}

impl Control {
    /// Checks by these targets, or by gateways if there are none, under the plan's source and interface.
    pub(super) fn new(targets: Vec<Target>, plan: &Plan, interval: Duration) -> Self {
        let mut plan = plan.clone();
        plan.timeouts.resolve = plan.timeouts.resolve.min(PATIENCE);
        plan.timeouts.connect = plan.timeouts.connect.min(PATIENCE);
        Self {
            targets,
            plan,
            interval,
            heard: std::sync::Mutex::default(),
            known: std::sync::Mutex::default(),
        }
    }

    /// A round has ended: whoever answered it shows that the way there is open.
    pub(super) fn heard(&self, round: &Round) {
        if let Some(address) = round.address.filter(|address| !address.ip().is_loopback() && is_answer(round))
        {
            self.heard_by().answered(address, Instant::now());
        }
    }

    fn heard_by(&self) -> std::sync::MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether another one answered by the same way while the round was under way, or in the interval before it: they
    /// take turns.
    fn another_answered(&self, round: &Round, ended: Instant) -> bool {
        let span = round.elapsed_ms.duration() + self.interval;
        let since = ended.checked_sub(span);
        round.address.zip(since).is_some_and(|(address, since)| self.heard_by().another(address, since))
    }

    /// Why a round that failed says nothing of its target: this machine's own network is gone. None if it is there,
    /// if nobody can tell, or if the round's failure needs no such excuse.
    pub(super) async fn own_side(&self, round: &Round) -> Option<String> {
        let ended = Instant::now();
        let whom = match round.address {
            Some(address) if is_silent(round) => self.whom(address.ip())?,
            // A private name is gone with the network that knows it.
            None if is_unknown(round) && !self.targets.is_empty() => Whom::Controls,
            Some(_) | None => return None,
        };
        let known = self.known(whom);
        let mut known = known.lock().await;
        // Whose silence means nothing is not asked: the round's schedule would wait for it.
        let is_settled = known.last.as_ref().is_some_and(|(at, said)| {
            at.elapsed() < HOLDS || (!known.has_answered && *said == Said::Silence)
        });
        if !is_settled {
            self.check(whom, &mut known).await;
        }
        let is_gone = match (&known.last, known.has_answered) {
            (Some((_, Said::Dead)), _) | (Some((_, Said::Silence)), true) => true,
            (Some((_, Said::Alive | Said::Silence)) | None, _) => false,
        };
        let is_overruled = is_gone && self.another_answered(round, ended);
        if !is_overruled {
            known.overruled = None;
        } else if known.overruled.get_or_insert(ended).elapsed() >= LONG
            && !std::mem::replace(&mut known.is_told, true)
        {
            self.advise(whom);
        }
        (is_gone && !is_overruled).then(|| self.text(whom))
    }

    /// Asks while all is well, so that silence can mean something later; again after a while if nobody ever answered.
    pub(super) async fn get_to_know(&self, address: IpAddr) {
        let Some(whom) = self.whom(address) else { return };
        let known = self.known(whom);
        let mut known = known.lock().await;
        if known.last.as_ref().is_none_or(|(at, _)| !known.has_answered && at.elapsed() >= ASKS_AGAIN) {
            self.check(whom, &mut known).await;
        }
    }

    /// What is known of somebody: each is asked once at a time, and nobody waits for another's answer.
    fn known(&self, whom: Whom) -> Arc<Mutex<Known>> {
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(whom).or_default())
    }

    /// Who can tell of the way to an address. Nobody can of this machine itself, and no gateway of its own network.
    fn whom(&self, address: IpAddr) -> Option<Whom> {
        match way::to(address) {
            _ if address.is_loopback() => None,
            Way::Direct | Way::Unknown | Way::Via(..) if !self.targets.is_empty() => Some(Whom::Controls),
            Way::Via(gateway, scope) => Some(Whom::Gateway(gateway, scope)),
            Way::Direct | Way::Unknown => None,
        }
    }

    async fn check(&self, whom: Whom, known: &mut Known) {
        let addresses = match whom {
            Whom::Gateway(gateway, scope) => {
                GATEWAY_PORTS.iter().map(|port| way::socket_address(gateway, *port, scope)).collect()
            }
            Whom::Controls => {
                self.resolve_controls(known).await;
                known.addresses.clone()
            }
        };
        let said = self.ask_all(&addresses).await;
        if said == Said::Alive {
            (known.has_answered, known.overruled, known.is_told) = (true, None, false);
        }
        known.last = Some((Instant::now(), said));
    }

    /// The first answer will do. Dead only if there is no way to any: a machine without IPv6 has none to half of them.
    async fn ask_all(&self, addresses: &[SocketAddr]) -> Said {
        let mut asked: FuturesUnordered<_> = addresses.iter().map(|address| self.ask(*address)).collect();
        let mut all_dead = !addresses.is_empty();
        while let Some(said) = asked.next().await {
            match said {
                Said::Alive => return Said::Alive,
                Said::Silence => all_dead = false,
                Said::Dead => {}
            }
        }
        if all_dead { Said::Dead } else { Said::Silence }
    }

    /// Names are resolved once; when the network is gone, so may be the resolver.
    async fn resolve_controls(&self, known: &mut Known) {
        if !known.addresses.is_empty() {
            return;
        }
        // Nobody halts it: it is bounded by its patience.
        let (_never, halt) = tokio::sync::watch::channel(false);
        for target in &self.targets {
            let resolve: Step<Resolution> = round::resolve(&target.host, &self.plan, halt.clone()).await;
            known
                .addresses
                .extend(round::addresses(target, &self.plan, &resolve).into_iter().take(MOST_ADDRESSES));
        }
    }

    async fn ask(&self, address: SocketAddr) -> Said {
        match connect::connect(address, &self.plan, Instant::now() + PATIENCE).await {
            Ok(_) => Said::Alive,
            Err(failure) => said(&failure),
        }
    }

    fn text(&self, whom: Whom) -> String {
        match whom {
            Whom::Gateway(gateway, _) => {
                format!("this machine's own network: its gateway {gateway} does not answer either")
            }
            Whom::Controls => {
                format!("this machine's own network: no answer from {} either", self.names())
            }
        }
    }

    /// Told once each time that it is silent for long: whoever named it should name another.
    fn advise(&self, whom: Whom) {
        let silent = match whom {
            Whom::Gateway(gateway, _) => format!("the gateway {gateway}"),
            Whom::Controls => self.names(),
        };
        let silent = silent.escape_debug();
        tracing::warn!(
            "{silent} is silent while other targets answer by the same way: no sign of this machine's network"
        );
    }

    fn names(&self) -> String {
        let names: Vec<&str> = self.targets.iter().map(|target| target.input.as_str()).collect();
        names.join(", ")
    }
}

/// What a failed connect says of the way to somebody near.
fn said(failure: &Failure) -> Said {
    match failure {
        Failure::Refused { .. } | Failure::Reset { .. } | Failure::Closed { .. } => Said::Alive,
        // A machine on the way wrote this; without a message nobody answered ARP or neighbour discovery.
        Failure::Unreachable { icmp: Some(_), .. } => Said::Alive,
        Failure::Unreachable { icmp: None, .. } => Said::Dead,
        Failure::Local { what: LocalTrouble::NoRoute | LocalTrouble::SourceNotHere, .. } => Said::Dead,
        _ => Said::Silence,
    }
}

/// Whether anybody answered a round.
fn is_answer(round: &Round) -> bool {
    match &round.connect.outcome {
        Outcome::Seen(_) => true,
        Outcome::Failed(failure) => said(failure) == Said::Alive,
        Outcome::Skipped(_) => false,
    }
}

/// Whether a round met silence, or the word that there is no way: what a network that is gone looks like as well.
fn is_silent(round: &Round) -> bool {
    let failed = [
        round.connect.failure(),
        round.negotiate.failure(),
        round.handshake.failure(),
        round.credssp.failure(),
    ];
    failed
        .into_iter()
        .flatten()
        .any(|failure| matches!(failure, Failure::TimedOut { .. } | Failure::Unreachable { .. }))
}

/// Whether the name's servers said that there is no such name, or no address to it.
fn is_unknown(round: &Round) -> bool {
    matches!(round.resolve.failure(), Some(Failure::NoSuchName { .. } | Failure::NoAddress { .. }))
}

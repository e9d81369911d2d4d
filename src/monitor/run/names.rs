//! The addresses of a target: when its name is to be asked for again, and which address the next round uses.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::Instant;

use crate::evidence::{Because, Failure, Outcome, Resolution, Step};
use crate::target::Host;

/// No answer is used for a shorter time, whatever its TTL: the resolver is not this monitor's target.
const SHORTEST: Duration = Duration::from_secs(5);

/// ... nor for a longer one.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// How long an answer without a TTL, one from the hosts file, is used.
const WITHOUT_TTL: Duration = Duration::from_secs(60);

/// After a failure the name is asked for again, but not sooner than this after the last time.
const AGAIN: Duration = Duration::from_secs(2);

/// While the resolver fails, it is asked less and less often, down to this.
const RARELY: Duration = Duration::from_secs(60);

/// The addresses that a name had last, the one in use, and when to ask again.
#[derive(Debug)]
pub(super) struct Names {
    is_literal: bool,
    addresses: Vec<SocketAddr>,
    /// The one in use, counted round the list.
    at: usize,
    /// When it was asked for last; none before the first time.
    asked: Option<Instant>,
    /// When it is to be asked for again.
    due: Option<Instant>,
    /// Why there is no address, if the name's servers said so.
    gone: Option<Failure>,
    /// Addresses that this machine itself has no way to, an IPv6 one on a machine without IPv6 for instance.
    no_way: Vec<SocketAddr>,
    /// How long to wait for the next question, after a resolver in trouble.
    patience: Duration,
}

impl Names {
    /// Nothing is known yet.
    pub(super) fn new(host: &Host) -> Self {
        let is_literal = matches!(host, Host::Address(_));
        Self {
            is_literal,
            addresses: Vec::new(),
            at: 0,
            asked: None,
            due: None,
            gone: None,
            no_way: Vec::new(),
            patience: AGAIN,
        }
    }

    /// Whether the name is to be asked for now.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        if self.is_literal { self.asked.is_none() } else { self.due.is_none_or(|due| now >= due) }
    }

    /// Takes what was answered. What worked last stays in use if it is still among the addresses.
    pub(super) fn took(&mut self, now: Instant, resolve: &Step<Resolution>, addresses: Vec<SocketAddr>) {
        self.asked = Some(now);
        match &resolve.outcome {
            Outcome::Seen(resolution) => {
                self.due = Some(now + lifetime(resolution));
                self.gone = None;
                self.patience = AGAIN;
                self.replace(addresses);
            }
            Outcome::Skipped(_) => self.replace(addresses),
            Outcome::Failed(failure @ (Failure::NoSuchName { .. } | Failure::NoAddress { .. })) => {
                self.due = Some(now + AGAIN);
                self.gone = Some(failure.clone());
                self.addresses.clear();
            }
            // A resolver in trouble takes nothing away from what it said before.
            Outcome::Failed(failure) => {
                self.due = Some(now + self.patience);
                self.patience = (self.patience * 2).min(RARELY);
                self.gone = if self.addresses.is_empty() { Some(failure.clone()) } else { None };
            }
        }
    }

    /// What a round has to say of a name that it does not ask for.
    pub(super) fn unasked(&self) -> Step<Resolution> {
        match &self.gone {
            Some(failure) => {
                Step { outcome: Outcome::Failed(failure.clone()), ..Step::skipped(Because::NotAsked) }
            }
            None if self.is_literal => Step::skipped(Because::AddressGiven),
            None => Step::skipped(Because::NotAsked),
        }
    }

    /// The address of the next round.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.addresses.get(self.at).copied()
    }

    /// After a round that failed: the next address, and a fresh answer soon. `no_way`: this machine had no way to the
    /// one in use, which says nothing of the target as long as there is another address.
    pub(super) fn failed(&mut self, no_way: bool) {
        if let Some(address) = self.address().filter(|_| no_way) {
            self.no_way.push(address);
        }
        if self.addresses.iter().all(|address| self.no_way.contains(address)) {
            self.no_way.clear();
        }
        let ways = self.addresses.iter().enumerate().filter(|(_, address)| !self.no_way.contains(address));
        let ways: Vec<usize> = ways.map(|(at, _)| at).collect();
        self.at = ways.iter().find(|at| **at > self.at).or(ways.first()).copied().unwrap_or(0);
        if let (Some(asked), Some(due)) = (self.asked, self.due) {
            self.due = Some(due.min(asked + self.patience));
        }
    }

    fn replace(&mut self, addresses: Vec<SocketAddr>) {
        let in_use = self.address();
        self.no_way.retain(|address| addresses.contains(address));
        self.at = addresses.iter().position(|address| Some(*address) == in_use).unwrap_or(0);
        self.addresses = addresses;
    }
}

/// How long an answer may be used: the least TTL of its addresses and aliases, within bounds.
fn lifetime(resolution: &Resolution) -> Duration {
    let addresses = resolution.addresses.iter().filter_map(|address| address.ttl_s);
    let aliases = resolution.cname_chain.iter().map(|alias| alias.ttl_s);
    match addresses.chain(aliases).min() {
        Some(ttl_s) => Duration::from_secs(ttl_s.into()).clamp(SHORTEST, LONGEST),
        None => WITHOUT_TTL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Millis;
    use crate::evidence::resolve::{ResolvedAddress, Scope, Source};

    const TWO: [&str; 2] = ["10.0.0.1:3389", "10.0.0.2:3389"];

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn step(outcome: Outcome<Resolution>) -> Step<Resolution> {
        Step { start_ms: Millis::ZERO, elapsed_ms: Millis::ZERO, outcome }
    }

    fn answer(ttl_s: Option<u32>) -> Step<Resolution> {
        let resolved =
            |address: SocketAddr| ResolvedAddress { address: address.ip(), ttl_s, scope: Scope::Private };
        step(Outcome::Seen(Resolution {
            query_name: "server".to_owned(),
            source: Source::Dns,
            cname_chain: Vec::new(),
            addresses: addresses(&TWO).into_iter().map(resolved).collect(),
            families: Vec::new(),
        }))
    }

    fn known(now: Instant, ttl_s: Option<u32>) -> Names {
        let mut names = Names::new(&Host::Name("server".to_owned()));
        assert!(names.is_due(now), "nothing is known yet");
        names.took(now, &answer(ttl_s), addresses(&TWO));
        names
    }

    #[test]
    fn an_answer_lives_as_long_as_its_ttl_within_bounds() {
        let now = Instant::now();
        for (ttl_s, lives_s) in [(Some(0), 5), (Some(30), 30), (Some(86_400), 3_600), (None, 60)] {
            let names = known(now, ttl_s);
            assert!(!names.is_due(now + Duration::from_secs(lives_s - 1)), "{ttl_s:?}");
            assert!(names.is_due(now + Duration::from_secs(lives_s)), "{ttl_s:?}");
        }
    }

    #[test]
    fn a_failure_brings_the_next_address_and_a_fresh_answer() {
        let now = Instant::now();
        let mut names = known(now, Some(3_600));
        assert_eq!(names.address(), TWO[0].parse().ok());
        names.failed(false);
        assert_eq!(names.address(), TWO[1].parse().ok());
        assert!(!names.is_due(now + AGAIN / 2), "not at once");
        assert!(names.is_due(now + AGAIN));
        names.took(now + AGAIN, &answer(Some(3_600)), addresses(&["10.0.0.9:3389", TWO[1]]));
        assert_eq!(names.address(), TWO[1].parse().ok(), "the one in use stays in use");
        names.failed(false);
        assert_eq!(names.address(), "10.0.0.9:3389".parse().ok(), "round the list");
    }

    #[test]
    fn a_name_that_is_gone_has_no_address_and_every_round_says_so() {
        let now = Instant::now();
        let mut names = known(now, Some(30));
        let gone = Failure::NoSuchName { cname_chain: Vec::new() };
        names.took(now, &step(Outcome::Failed(gone.clone())), Vec::new());
        assert_eq!(names.address(), None);
        assert_eq!(names.unasked().failure(), Some(&gone));
        names.failed(false);
        names.took(now + AGAIN, &answer(Some(30)), addresses(&TWO));
        assert_eq!(names.address(), TWO[0].parse().ok());
        assert_eq!(names.unasked().outcome, Outcome::Skipped(Because::NotAsked));
    }

    #[test]
    fn a_resolver_in_trouble_takes_no_address_away() {
        let now = Instant::now();
        let trouble = step(Outcome::Failed(Failure::ResolverFailed { code: "SERVFAIL".to_owned() }));
        let mut names = known(now, Some(30));
        names.took(now, &trouble, Vec::new());
        assert_eq!(names.address(), TWO[0].parse().ok());
        assert_eq!(names.unasked().outcome, Outcome::Skipped(Because::NotAsked));
        let mut unknown = Names::new(&Host::Name("server".to_owned()));
        unknown.took(now, &trouble, Vec::new());
        assert_eq!(unknown.unasked().failure(), trouble.failure());
    }

    #[test]
    fn a_literal_address_is_asked_for_once() {
        let now = Instant::now();
        let mut names = Names::new(&Host::Address("10.0.0.1".parse().unwrap()));
        assert!(names.is_due(now));
        names.took(now, &Step::skipped(Because::AddressGiven), addresses(&TWO[..1]));
        names.failed(false);
        assert!(!names.is_due(now + LONGEST * 2));
        assert_eq!(names.address(), TWO[0].parse().ok());
        assert_eq!(names.unasked().outcome, Outcome::Skipped(Because::AddressGiven));
    }

    #[test]
    fn an_address_that_this_machine_has_no_way_to_is_not_used_while_there_is_another() {
        let now = Instant::now();
        let three = ["[2001:db8::1]:3389", "[2001:db8::2]:3389", "10.0.0.2:3389"];
        let mut names = Names::new(&Host::Name("server".to_owned()));
        names.took(now, &answer(Some(30)), addresses(&three));
        names.failed(true);
        assert_eq!(names.address(), three[1].parse().ok());
        names.failed(true);
        for _ in 0..3 {
            assert_eq!(names.address(), three[2].parse().ok());
            names.failed(false);
        }
        // Without a way to any, each is as good as the other.
        names.failed(true);
        assert!(names.address().is_some());
    }
}

//! Everything known of one target: fed with rounds, reports and ended holds, it answers with events. Pure.

use jiff::Timestamp;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use super::event::{Event, What};
use super::health::{self, Health, Usual};
use super::hold::{Ending, HeldEnd, Ladder, NextHold};
use super::latency::{self, Interval, Latency, Phase, PhaseSummary};
use super::outage::{Outage, Outages};
use super::pattern;
use super::schedule::earlier;
use super::settings::{Hysteresis, Settings};
use super::state::{Edge, Kind, Machine, Seen, State, Turned};

use crate::evidence::{Round, Testimony};
use crate::target::Target;

// What deep probes saw of the server, and what is different.
mod known;

// An outage that began with connections that nobody answered.
mod hung;

// What a view may show of it.
mod shown;

// A name of which some addresses are dead.
mod partly;

// What deep probes mean for the outage that lasts, and after it.
mod probed;

use hung::Hung;
use known::Known;
use partly::Partly;

/// The last rounds that a view shows.
const RECENT: usize = 240;

/// So many lost connections are remembered.
const LOST: usize = 50;

/// A machine that runs at all gives a round its turn by then.
const LATE: Duration = Duration::from_secs(3);

/// Ten seconds are a round's limit; it takes a moment to end, and to be judged.
const LONGEST: Duration = Duration::from_secs(12);

/// What a round came to.
#[derive(Debug, Clone)]
pub struct Taken {
    /// What it says of the target.
    pub health: Health,
    /// What turned with it.
    pub events: Vec<Event>,
}

/// Everything known of one target.
#[derive(Debug, Clone)]
pub struct Watched {
    target: Target,
    hysteresis: Hysteresis,
    machine: Machine,
    usual: Usual,
    latency: Latency,
    latest: Vec<PhaseSummary>,
    outages: Outages,
    hung: Hung,
    partly: Partly,
    /// How often the state turned.
    turns: u64,
    /// When this machine's own side was in trouble last, or nobody watched.
    own_side_at: Option<Timestamp>,
    /// How long it took to judge the round that comes.
    judged_late: Duration,
    known: Known,
    why: String,
    address: Option<SocketAddr>,
    rounds: u64,
    lost: u64,
    own_side: u64,
    missed: u64,
    recent: VecDeque<Option<u64>>,
    wants_deep_probe: bool,
    ladder: Option<Ladder>,
    held: Option<HeldEnd>,
    held_lost: VecDeque<HeldEnd>,
    /// What it shows beside other targets of the same machine.
    beside: Option<Testimony>,
    patterns: Vec<Testimony>,
}

impl Watched {
    /// A target of which nothing is known yet.
    #[must_use]
    pub fn new(target: Target, settings: &Settings, began: Timestamp) -> Self {
        Self {
            target,
            hysteresis: settings.hysteresis,
            machine: Machine::new(settings.interval, &settings.hysteresis, began),
            usual: Usual::default(),
            latency: Latency::new(settings.interval, began),
            latest: Vec::new(),
            outages: Outages::default(),
            hung: Hung::default(),
            partly: Partly::default(),
            turns: 0,
            own_side_at: None,
            judged_late: Duration::ZERO,
            known: Known::default(),
            why: "nothing was decided yet".to_owned(),
            address: None,
            rounds: 0,
            lost: 0,
            own_side: 0,
            missed: 0,
            recent: VecDeque::new(),
            wants_deep_probe: false,
            ladder: settings.hold.as_ref().map(Ladder::new),
            held: None,
            held_lost: VecDeque::new(),
            beside: None,
            patterns: Vec::new(),
        }
    }

    /// What is watched.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// It took so long to find out on whose side the round that comes failed.
    pub const fn judged_late(&mut self, took: Duration) {
        self.judged_late = took;
    }

    /// How often the state turned so far.
    #[must_use]
    pub const fn turns(&self) -> u64 {
        self.turns
    }

    /// A round ended. `own_side`: what is known to be wrong with this machine's own network at that time.
    pub fn round(&mut self, round: &Round, own_side: Option<&str>) -> Taken {
        let health = health::of(&self.target, round, &self.usual, &self.hysteresis, own_side);
        let health = self.partly.judge(health);
        let judged_late = std::mem::take(&mut self.judged_late);
        let busy = busy(round, judged_late);
        let seen = Seen { due: round.due, busy, missed: round.missed, kind: kind(&health) };
        if let Some(by) = self.machine.set_back(&seen) {
            self.outages.move_back(by);
            self.own_side_at = self.own_side_at.map(|at| earlier(at, by));
        }
        self.keep(round, &health);
        match &health {
            Health::Bad(symptom) => {
                self.outages.bad(round.due, symptom);
                self.hung.bad(round, symptom);
            }
            Health::Good | Health::Lesser(_) => {
                self.outages.row_ended(round.due);
                self.hung.answered();
            }
            Health::OwnSide(_) => self.own_side_at = Some(round.due),
        }
        let turned = self.machine.round(seen);
        let mut events = Vec::new();
        if !turned.is_empty() {
            let took = round.late_ms.duration() + round.elapsed_ms.duration() + judged_late;
            let at = round.due.saturating_add(took).unwrap_or(round.due);
            for turned in turned {
                if turned.to == State::Unknown {
                    self.outages.row_ended(round.due);
                }
                events.push(self.turned(turned, why(turned.to, round, &health), at));
            }
            events.extend(self.new_patterns(at));
        }
        self.wants_deep_probe |= self.known.shows_something_new(round);
        Taken { health, events }
    }

    /// Its rounds crashed: nothing is known of it since then.
    pub fn lost_track(&mut self, at: Timestamp) -> Vec<Event> {
        let why = "rdprobe crashed while it watched this target: its log says where".to_owned();
        let turned = self.machine.lose_track(at);
        self.outages.row_ended(at);
        turned.map(|turned| self.turned(turned, why, at)).into_iter().collect()
    }

    /// Counts a round and keeps its times.
    fn keep(&mut self, round: &Round, health: &Health) {
        let lost = matches!(health, Health::Bad(_));
        self.rounds += 1;
        self.lost += u64::from(lost);
        self.missed = self.missed.saturating_add(round.missed);
        self.latency.missed(round.missed);
        self.latency.round(lost);
        self.address = round.address;
        let mut total = None;
        for (phase, took) in latency::durations(round) {
            self.latency.record(phase, took);
            if phase == Phase::Total {
                total = Some(latency::micros(took));
            }
        }
        if matches!(health, Health::OwnSide(_)) {
            self.own_side += 1;
            return;
        }
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(total);
        if matches!(health, Health::Good | Health::Lesser(_)) {
            self.usual.learn(round);
        }
    }

    fn turned(&mut self, turned: Turned, why: String, at: Timestamp) -> Event {
        let Turned { from, to, since, edge } = turned;
        let outage = match edge {
            Some(Edge::WentDown) => {
                self.outages.began(since);
                None
            }
            Some(Edge::CameBack) => self.outages.ended(since),
            None => None,
        };
        self.why = why;
        self.wants_deep_probe = to != State::Unknown;
        self.turns += 1;
        if to == State::Unknown {
            self.own_side_at = Some(at);
        }
        self.event(at, What::State { from, to, since, why: self.why.clone(), outage })
    }

    /// Whether a deep probe should be made now: the state turned, or a round showed something new of the server, and
    /// none was made since.
    #[must_use]
    pub const fn wants_deep_probe(&self) -> bool {
        self.wants_deep_probe
    }

    /// How to hold the next connection; none if connections are not held.
    pub fn next_hold(&mut self) -> Option<NextHold> {
        self.ladder.as_mut().map(Ladder::next)
    }

    /// The connection that was held has ended. While the target or the own side is in trouble that says nothing new.
    pub fn held(&mut self, held: &HeldEnd) -> Vec<Event> {
        let was_in_trouble = self.in_trouble_during(held);
        self.held = Some(held.clone());
        if was_in_trouble && held.ending != Ending::Survived {
            return Vec::new();
        }
        let why = self.ladder.as_mut().and_then(|ladder| ladder.ended(held));
        let mut events = Vec::new();
        if let Some(why) = why {
            if self.held_lost.len() == LOST {
                self.held_lost.pop_front();
            }
            self.held_lost.push_back(held.clone());
            events.push(self.event(held.noticed, What::HeldLost { held: held.clone(), why }));
        }
        events.extend(self.new_patterns(held.noticed));
        events
    }

    fn in_trouble_during(&self, held: &HeldEnd) -> bool {
        let since_opened = |outage: &Outage| outage.end.is_none_or(|end| end >= held.opened);
        let own_side = self.own_side_at.is_some_and(|at| at >= held.opened);
        own_side || self.machine.in_trouble() || self.outages.iter().next_back().is_some_and(since_opened)
    }

    /// What shows over time, as evidence for the next deep probe.
    #[must_use]
    pub fn testimony(&self, now: Timestamp) -> Vec<Testimony> {
        let flapping = self.machine.state() == State::Flapping;
        let held = self.ladder.iter().flat_map(Ladder::findings);
        let own = pattern::of(self.outages.iter(), self.held_lost.iter(), flapping, now);
        own.into_iter().chain(held).chain(self.beside.clone()).collect()
    }

    /// The name that the server gave itself, if it had so many outages that its other addresses are worth a look.
    pub(super) fn troubled_server(&self) -> Option<&str> {
        self.server_name().filter(|_| self.outages.total() >= pattern::OFTEN_OUT)
    }

    /// The name that the server gave itself.
    pub(super) fn server_name(&self) -> Option<&str> {
        self.known.server().name.as_deref()
    }

    /// It was looked at beside the other targets of the same machine ([`pattern::across`]).
    pub fn compared(&mut self, beside: Option<Testimony>, at: Timestamp) -> Vec<Event> {
        self.beside = beside;
        self.new_patterns(at)
    }

    /// Patterns that were not there before, each told once until it is gone.
    fn new_patterns(&mut self, at: Timestamp) -> Vec<Event> {
        let now = self.testimony(at);
        let before = std::mem::replace(&mut self.patterns, now);
        let is_new = |pattern: &&Testimony| !before.iter().any(|known| known.id == pattern.id);
        let told = |pattern: &Testimony| {
            let (id, fact) = (pattern.id.clone(), pattern.fact.clone());
            self.event(at, What::Pattern { id, fact, cause: pattern::cause_of(pattern) })
        };
        self.patterns.iter().filter(is_new).map(told).collect()
    }

    fn event(&self, at: Timestamp, what: What) -> Event {
        Event::new(at, &self.target.input, what)
    }

    /// Ends the summary interval that runs: its latency, histograms and all.
    pub fn close_interval(&mut self, at: Timestamp) -> Interval {
        let interval = self.latency.close_interval(at);
        self.latest.clone_from(&interval.summaries);
        interval
    }

    /// The state, for who wants nothing else: a whole view costs more.
    #[must_use]
    pub const fn state(&self) -> State {
        self.machine.state()
    }

    /// The latency since the beginning.
    #[must_use]
    pub const fn latency(&self) -> &Latency {
        &self.latency
    }
}

/// How long a round kept its schedule busy: to be late a little is a busy machine, and to be late for long, or at work for
/// longer than a round may last, is to stand still.
fn busy(round: &Round, judged_late: Duration) -> Duration {
    let worked = round.elapsed_ms.duration().saturating_add(judged_late);
    round.late_ms.duration().min(LATE).saturating_add(worked.min(LONGEST))
}

const fn kind(health: &Health) -> Kind {
    match health {
        Health::Good => Kind::Good,
        Health::Lesser(_) => Kind::Lesser,
        Health::Bad(_) => Kind::Bad,
        Health::OwnSide(_) => Kind::OwnSide,
    }
}

/// Why the state is what it is, after a round.
fn why(state: State, round: &Round, health: &Health) -> String {
    let now = match health {
        Health::Good | Health::Lesser(_) | Health::Bad(_) if state == State::Unknown => {
            return "nobody watched: this machine slept, the monitor stood still, or the clock was set"
                .to_owned();
        }
        Health::Good => health::good_why(round),
        Health::Lesser(how) | Health::OwnSide(how) => how.clone(),
        Health::Bad(symptom) => symptom.text.clone(),
    };
    match state {
        State::Flapping => format!("it goes up and down again and again; now: {now}"),
        State::Unknown | State::Up | State::Degraded | State::Down => now,
    }
}

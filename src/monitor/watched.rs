//! Everything known of one target: fed with rounds, reports and ended holds, it answers with events. Pure.

use super::event::Event;
use super::health::Health;
use super::hold::HeldEnd;
use super::latency::Interval;
use super::settings::Settings;
use super::view::TargetView;
use crate::evidence::{Round, Testimony};
use crate::report::Report;
use crate::target::Target;

/// A stand-in until the real one is merged.
#[derive(Debug)]
pub struct Watched {
    target: Target,
    rounds: u64,
    wants: bool,
    missed: u64,
}

/// What a round came to.
#[derive(Debug)]
pub struct Taken {
    /// Its health.
    pub health: Health,
    /// What happened.
    pub events: Vec<Event>,
}

#[allow(missing_docs, clippy::must_use_candidate, clippy::missing_const_for_fn, clippy::unused_self)]
impl Watched {
    pub fn new(target: Target, _: &Settings, _: jiff::Timestamp) -> Self {
        Self { target, rounds: 0, wants: true, missed: 0 }
    }
    pub fn target(&self) -> &Target {
        &self.target
    }
    pub fn round(&mut self, _: &Round, _: Option<&str>) -> Taken {
        self.rounds += 1;
        Taken { health: Health::Good, events: Vec::new() }
    }
    pub fn missed(&mut self, rounds: u64) {
        self.missed += rounds;
    }
    pub fn probed(&mut self, _: &Report) -> Vec<Event> {
        self.wants = false;
        Vec::new()
    }
    pub fn held(&mut self, _: &HeldEnd) -> Vec<Event> {
        Vec::new()
    }
    pub fn wants_deep_probe(&self) -> bool {
        self.wants
    }
    pub fn testimony(&self) -> Vec<Testimony> {
        Vec::new()
    }
    pub fn close_interval(&mut self, at: jiff::Timestamp) -> Interval {
        Interval {
            start: at,
            end: at,
            rounds: self.rounds,
            lost: 0,
            missed: 0,
            raw: Vec::new(),
            summaries: Vec::new(),
        }
    }
    pub fn view(&self) -> TargetView {
        TargetView {
            target: self.target.input.clone(),
            address: None,
            state: super::state::State::Unknown,
            since: jiff::Timestamp::UNIX_EPOCH,
            why: String::new(),
            cause: None,
            rounds: self.rounds,
            lost: 0,
            missed: self.missed,
            availability: super::state::Availability::default(),
            recent_us: Vec::new(),
            latest: Vec::new(),
            overall: Vec::new(),
            outages: Vec::new(),
            outages_total: 0,
            server: super::view::ServerView::default(),
            held: None,
            patterns: Vec::new(),
        }
    }
}

//! What is usual for a target: its time, and the protocol that it selects.

use std::collections::VecDeque;
use std::time::Duration;

use crate::evidence::{Answer, Round};
use crate::monitor::latency;
use crate::monitor::settings::Hysteresis;
use crate::wire::codes::negotiation::{FailureCode, Protocol};

/// What is usual for one target, learnt from its answers.
///
/// The usual time follows the median of the last answers slowly: a minute of slowness is judged against the time
/// before it, and a way that stays slower becomes the usual one within the hour or two.
#[derive(Debug, Clone, Default)]
pub struct Usual {
    /// The last times in the order that they came, in microseconds.
    recent: VecDeque<u64>,
    /// The same in ascending order.
    sorted: Vec<u64>,
    /// The slow baseline, in microseconds.
    time_us: Option<f64>,
    /// The most that it selected, and how often in a row it selected less.
    security: Option<Security>,
    fell_short: u32,
}

/// How many answers the median is of.
const REMEMBERED: usize = 60;

/// Below that many answers nothing is called slow.
const LEARNS_FROM: usize = 10;

/// How far the baseline goes towards the median at each answer.
const FOLLOWS: f64 = 1.0 / 1000.0;

/// So many lesser answers in a row are the usual ones.
const GETS_USED_TO: u32 = 3600;

impl Usual {
    /// How an answered round falls short of what is usual; none if it does not.
    #[must_use]
    pub fn falls_short(&self, round: &Round, hysteresis: &Hysteresis) -> Option<String> {
        let selected = security(round);
        if selected == Some(Security::Refused) {
            return Some("the server takes standard RDP security and nothing else".to_owned());
        }
        match (self.security, selected) {
            (Some(usual), Some(now)) if now < usual => {
                Some(format!("the server selects {}, and usually {}", now.word(), usual.word()))
            }
            _ => self.slower(latency::total(round), hysteresis),
        }
    }

    fn slower(&self, took: Duration, hysteresis: &Hysteresis) -> Option<String> {
        let usual_us = self.time_us.filter(|_| self.recent.len() >= LEARNS_FROM)?;
        let took_us = took.as_secs_f64() * 1e6;
        let factor = hysteresis.slower_by?;
        let least_us = hysteresis.slower_at_least.as_secs_f64() * 1e6;
        let slow = took_us >= usual_us * factor && took_us >= usual_us + least_us;
        slow.then(|| format!("it took {:.1} ms, and usually {:.1} ms", took_us / 1e3, usual_us / 1e3))
    }

    /// Learns from a round that was answered.
    pub fn learn(&mut self, round: &Round) {
        self.learn_time(u64::try_from(latency::total(round).as_micros()).unwrap_or(u64::MAX));
        if let Some(now) = security(round) {
            self.learn_security(now);
        }
    }

    fn learn_time(&mut self, took_us: u64) {
        if self.recent.len() == REMEMBERED
            && let Some(oldest) = self.recent.pop_front()
            && let Ok(at) = self.sorted.binary_search(&oldest)
        {
            self.sorted.remove(at);
        }
        self.recent.push_back(took_us);
        let at = self.sorted.partition_point(|known| *known < took_us);
        self.sorted.insert(at, took_us);
        let Some(median) = self.sorted.get(self.sorted.len() / 2).map(|us| latency::micros_f64(*us)) else {
            return;
        };
        self.time_us = Some(match self.time_us {
            Some(usual) if self.recent.len() == REMEMBERED => usual + (median - usual) * FOLLOWS,
            Some(_) | None => median,
        });
    }

    fn learn_security(&mut self, now: Security) {
        self.fell_short = if self.security > Some(now) { self.fell_short + 1 } else { 0 };
        if self.fell_short == 0 || self.fell_short >= GETS_USED_TO {
            self.security = Some(now);
            self.fell_short = 0;
        }
    }
}

/// What a server selects of everything that is offered, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Security {
    /// It refuses everything over TLS.
    Refused,
    /// RC4, or nothing at all.
    Standard,
    /// TLS.
    Tls,
    /// CredSSP over TLS, or Entra ID.
    Nla,
}

impl Security {
    const fn word(self) -> &'static str {
        match self {
            Self::Refused => "nothing over TLS",
            Self::Standard => "standard RDP security",
            Self::Tls => "TLS",
            Self::Nla => "NLA (CredSSP)",
        }
    }
}

fn security(round: &Round) -> Option<Security> {
    Some(match round.negotiate.seen()?.answer {
        Answer::Response { selected_protocol: Protocol::RDP, .. } | Answer::None => Security::Standard,
        Answer::Response { selected_protocol: Protocol::SSL | Protocol::RDSTLS, .. } => Security::Tls,
        Answer::Response { .. } => Security::Nla,
        Answer::Failure { failure_code: FailureCode::SSL_NOT_ALLOWED } => Security::Refused,
        Answer::Failure { .. } => return None,
    })
}

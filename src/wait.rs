//! Waiting: one probe every so often, until the expectations hold often enough in a row.
//!
//! ```text
//! began          every           2 every         limit
//!   |--probe--|    |--probe--|     |--probe--|      |
//! ```
//!
//! The schedule is absolute: a probe that takes longer than `every` leaves out the starts that it slept through, and
//! two never bunch up. Each probe resolves the name anew, because the record may be what is waited for. None may last
//! longer than what is left of the limit, and one that the limit or the user cuts short never takes the place of one
//! that was done.

// The stage that a machine is in, in words.
pub mod stage;

// What waiting does not mend.
pub mod hopeless;

use std::time::Duration;

use futures_util::FutureExt;
use jiff::Timestamp;
use tokio::time::Instant;

use crate::evidence::Millis;
use crate::policy::{Judged, Outcome};
use crate::probe::{self, Plan, Watch};
use crate::report::Report;
use crate::report::check::{Turn, Wait};
use crate::target::Target;

/// How long to wait, and for what.
#[derive(Debug, Clone, Copy)]
pub struct Waiting {
    /// For how long altogether.
    pub limit: Duration,
    /// How many times in a row the expectations have to hold.
    pub in_a_row: u32,
    /// From the start of one probe to the start of the next.
    pub every: Duration,
    /// Whether to give up on what waiting does not mend.
    pub fail_fast: bool,
}

/// What a wait came to.
#[derive(Debug, Clone)]
pub struct Waited {
    /// The last report of a probe that was done; of one cut short only if there is no other.
    pub report: Report,
    /// What its expectations came to.
    pub expectations: Vec<Judged>,
    /// How the wait went.
    pub wait: Wait,
}

/// Probes until the expectations hold, the time runs out, `watch` stops it or nothing is left to hope for.
///
/// `judge` holds a report against the expectations; `probed` is told after every probe how the wait stands.
pub async fn wait(
    target: &Target,
    plan: &Plan,
    waiting: &Waiting,
    watch: &impl Watch,
    judge: impl Fn(&Report) -> Vec<Judged>,
    mut probed: impl FnMut(&Wait),
) -> Waited {
    let began = Instant::now();
    let mut wait = Wait::begun(waiting.in_a_row);
    let mut seen: Option<(Report, Vec<Judged>)> = None;
    loop {
        let left = waiting.limit.saturating_sub(began.elapsed());
        let report = Report::new(probe::probe(target, &within(plan, left), watch).await);
        let stopped = is_stopped(watch);
        let elapsed = began.elapsed();
        wait.probes = wait.probes.saturating_add(1);
        wait.waited_ms = Millis::from(elapsed);
        let cut_short = report.evidence.interrupted && (stopped || elapsed >= waiting.limit);
        let (report, expectations) = match seen.take() {
            Some(before) if cut_short => before,
            _ => {
                let expectations = judge(&report);
                record(&mut wait, &report, &expectations);
                (report, expectations)
            }
        };
        probed(&wait);
        let next = next_start(elapsed, waiting.every);
        if wait.in_a_row >= waiting.in_a_row {
            return Waited { report, expectations, wait };
        }
        wait.stopped = stopped;
        wait.gave_up = if waiting.fail_fast { hopeless::why(&report, &expectations) } else { None };
        wait.ran_out = !stopped && wait.gave_up.is_none() && next >= waiting.limit;
        if !(wait.stopped || wait.ran_out || wait.gave_up.is_some()) {
            wait.stopped = stopped_before(watch, began + next).await;
        }
        if wait.stopped || wait.ran_out || wait.gave_up.is_some() {
            wait.waited_ms = Millis::from(began.elapsed());
            return Waited { report, expectations, wait };
        }
        seen = Some((report, expectations));
    }
}

/// Counts a probe that was done, and keeps the turn if the stage is another one.
fn record(wait: &mut Wait, report: &Report, expectations: &[Judged]) {
    wait.in_a_row = if hold(expectations) { wait.in_a_row.saturating_add(1) } else { 0 };
    let stage = stage::words(report, expectations);
    if wait.turns.last().is_none_or(|last| last.stage != stage) {
        wait.turns.push(Turn {
            at: Timestamp::now(),
            after_ms: wait.waited_ms,
            stage,
            summary: report.diagnosis.summary.clone(),
        });
    }
}

/// Whether every expectation holds, warnings and all. Of none at all nothing can be said.
#[must_use]
pub fn hold(expectations: &[Judged]) -> bool {
    !expectations.is_empty() && expectations.iter().all(|judged| judged.outcome <= Outcome::Warning)
}

/// The plan, with no more time than is left.
fn within(plan: &Plan, left: Duration) -> Plan {
    let mut plan = plan.clone();
    plan.timeouts.total = plan.timeouts.total.min(left);
    plan
}

/// The first start of the schedule after `elapsed`.
fn next_start(elapsed: Duration, every: Duration) -> Duration {
    let done = elapsed.as_nanos().checked_div(every.as_nanos()).unwrap_or(0);
    every.saturating_mul(u32::try_from(done).unwrap_or(u32::MAX).saturating_add(1))
}

fn is_stopped(watch: &impl Watch) -> bool {
    watch.stopped().now_or_never().is_some()
}

/// Sleeps until `next`; whether the user stopped it before.
async fn stopped_before(watch: &impl Watch, next: Instant) -> bool {
    tokio::time::timeout_at(next, watch.stopped()).await.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_are_counted_from_the_beginning_and_never_bunch() {
        let (second, every) = (Duration::from_secs(1), Duration::from_secs(10));
        assert_eq!(next_start(second, every), every);
        assert_eq!(next_start(second * 9, every), every);
        // On the very tick the next one is a whole interval away; what was slept through is left out.
        assert_eq!(next_start(every, every), every * 2);
        assert_eq!(next_start(second * 35, every), every * 4);
    }

    #[test]
    fn no_expectation_at_all_is_no_success() {
        assert!(!hold(&[]));
    }

    #[test]
    fn a_probe_gets_no_more_time_than_is_left() {
        let plan = Plan::default();
        assert_eq!(within(&plan, Duration::from_secs(3)).timeouts.total, Duration::from_secs(3));
        assert_eq!(within(&plan, Duration::from_secs(300)).timeouts.total, plan.timeouts.total);
    }
}

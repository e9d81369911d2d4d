//! When a connection may be made: so many a second over all, and never two to one host within the gap.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::Mutex as Queue;
use tokio::time::Instant;

/// What is saved up while nobody connects, as a part of a second.
const SAVED_UP: u32 = 100;

/// Which connection of a target it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// The one that begins a target.
    First,
    /// One of a target that has begun: it goes before those that would begin others.
    Further,
}

/// Lets connections through.
pub(super) struct Gate {
    rate: Option<Rate>,
    gap: Duration,
    hosts: Mutex<Hosts>,
}

impl Gate {
    /// A gate for so many connections a second, with a gap between two to one address.
    #[must_use]
    pub(super) fn new(rate: Option<NonZeroU32>, gap: Duration) -> Self {
        Self { rate: rate.map(Rate::new), gap, hosts: Mutex::default() }
    }

    /// Waits until a connection to the address may be made.
    pub(super) async fn turn(&self, address: IpAddr, turn: Turn) {
        if self.gap.is_zero() {
            self.turn_of_all(turn).await;
            return;
        }
        let door = self.hosts().door(address, Instant::now());
        // Those who wait for one address queue here, the first of them for the rate as well: what the rate holds back
        // is held back from the gap's beginning too.
        let mut next = door.lock().await;
        tokio::time::sleep_until(*next).await;
        self.turn_of_all(turn).await;
        let now = Instant::now();
        *next = now.checked_add(self.gap).unwrap_or(now);
        self.hosts().ends.push(Reverse((*next, address)));
    }

    async fn turn_of_all(&self, turn: Turn) {
        if let Some(rate) = &self.rate {
            rate.turn(turn).await;
        }
    }

    fn hosts(&self) -> MutexGuard<'_, Hosts> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When the next connection to an address may be made.
type Door = Queue<Instant>;

/// The addresses that were connected to a moment ago, or will be in a moment.
#[derive(Debug, Default)]
struct Hosts {
    doors: HashMap<IpAddr, Arc<Door>>,
    /// When the gaps end, the soonest first, so that what is past is found without a search.
    ends: BinaryHeap<Reverse<(Instant, IpAddr)>>,
}

impl Hosts {
    /// The address's door, open from now on if it is a new one.
    fn door(&mut self, address: IpAddr, now: Instant) -> Arc<Door> {
        self.forget(now);
        Arc::clone(self.doors.entry(address).or_insert_with(|| Arc::new(Queue::new(now))))
    }

    fn forget(&mut self, now: Instant) {
        while let Some(Reverse((end, address))) = self.ends.peek().copied() {
            if end > now {
                return;
            }
            self.ends.pop();
            // Whoever else is at the door gives it a later end.
            let past = |door: &Arc<Door>| {
                Arc::strong_count(door) == 1 && door.try_lock().is_ok_and(|next| *next <= now)
            };
            if self.doors.get(&address).is_some_and(past) {
                self.doors.remove(&address);
            }
        }
    }
}

/// So many a second.
struct Rate {
    limiter: RateLimiter<NotKeyed, InMemoryState, Since, NoOpMiddleware<Duration>>,
    /// Only the first of those who wait looks at the clock; the others queue behind it.
    queue: Queue<()>,
    /// Of those who would begin a target only the first is in that queue; the others queue behind it. So targets are
    /// finished before others are begun, however many wait, and none waits for ever.
    firsts: Queue<()>,
}

impl Rate {
    fn new(rate: NonZeroU32) -> Self {
        let burst = NonZeroU32::new(rate.get() / SAVED_UP).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(rate).allow_burst(burst);
        let limiter = RateLimiter::direct_with_clock(quota, Since(Instant::now()));
        Self { limiter, queue: Queue::new(()), firsts: Queue::new(()) }
    }

    async fn turn(&self, turn: Turn) {
        let _first_of_firsts = match turn {
            Turn::First => Some(self.firsts.lock().await),
            Turn::Further => None,
        };
        let _first = self.queue.lock().await;
        while let Err(not_yet) = self.limiter.check() {
            tokio::time::sleep(not_yet.wait_time_from(self.limiter.clock().now())).await;
        }
    }
}

/// The runtime's clock, which a test can hold still.
#[derive(Debug, Clone)]
struct Since(Instant);

impl Clock for Since {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use tokio::task::JoinSet;

    use super::*;

    fn address(last: u8) -> IpAddr {
        [127, 0, 0, last].into()
    }

    async fn all(gate: Arc<Gate>, addresses: impl Iterator<Item = IpAddr>) -> Vec<(IpAddr, Instant)> {
        let mut turns = JoinSet::new();
        for address in addresses {
            let gate = Arc::clone(&gate);
            turns.spawn(async move {
                gate.turn(address, Turn::Further).await;
                (address, Instant::now())
            });
        }
        turns.join_all().await
    }

    #[tokio::test(start_paused = true)]
    async fn the_rate_holds_over_all_addresses() {
        let began = Instant::now();
        let gate = Arc::new(Gate::new(NonZeroU32::new(50), Duration::ZERO));
        let turns = all(gate, (0..200).map(|it| address(it % 7))).await;
        let mut after: Vec<Duration> = turns.iter().map(|(_, at)| *at - began).collect();
        after.sort_unstable();
        for (place, at) in after.iter().enumerate() {
            let most = at.as_secs_f64().mul_add(50.0, 1.0);
            assert!(f64::from(u32::try_from(place).unwrap()) <= most, "the {place}th at {at:?}");
        }
        assert!(after[199] < Duration::from_secs(5), "{:?}", after[199]);
    }

    #[tokio::test(start_paused = true)]
    async fn two_to_one_host_keep_the_gap_and_others_do_not_wait() {
        let began = Instant::now();
        let gap = Duration::from_millis(5);
        let gate = Arc::new(Gate::new(None, gap));
        let mut turns = all(Arc::clone(&gate), [1, 1, 2, 1, 3, 1].into_iter().map(address)).await;
        turns.sort_unstable_by_key(|(_, at)| *at);
        let of_first: Vec<Instant> = turns.iter().filter(|it| it.0 == address(1)).map(|it| it.1).collect();
        assert!(of_first.windows(2).all(|pair| pair[1] - pair[0] >= gap), "{of_first:?}");
        assert!(turns.iter().filter(|it| it.0 != address(1)).all(|it| it.1 == began));
    }

    #[tokio::test(start_paused = true)]
    async fn the_gap_holds_for_whoever_waited_for_the_rate() {
        let gap = Duration::from_millis(100);
        let gate = Arc::new(Gate::new(NonZeroU32::new(200), gap));
        // A queue of others first: three seconds of the rate.
        let others = (0..600_u16).map(|it| IpAddr::from([127, 1, it.to_be_bytes()[0], it.to_be_bytes()[1]]));
        let mut turns = all(gate, others.chain([address(1); 20])).await;
        turns.sort_unstable_by_key(|(_, at)| *at);
        let of_one: Vec<Instant> = turns.iter().filter(|it| it.0 == address(1)).map(|it| it.1).collect();
        assert_eq!(of_one.len(), 20);
        assert!(of_one.windows(2).all(|pair| pair[1] - pair[0] >= gap), "{of_one:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_begun_does_not_wait_for_those_who_would_begin() {
        for gap in [Duration::ZERO, Duration::from_millis(5)] {
            let began = Instant::now();
            let gate = Arc::new(Gate::new(NonZeroU32::new(10), gap));
            let mut waiting = JoinSet::new();
            for last in 1..=200 {
                let gate = Arc::clone(&gate);
                waiting.spawn(async move { gate.turn(address(last), Turn::First).await });
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
            // A target of seven connections: between two of them one other target is begun.
            for _ in 0..6 {
                gate.turn(address(201), Turn::Further).await;
            }
            assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
            waiting.join_all().await;
            assert!(began.elapsed() < Duration::from_secs(22), "{:?}", began.elapsed());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_past_is_forgotten() {
        let gate = Gate::new(None, Duration::from_millis(5));
        for _ in 0..300 {
            for last in 0..10 {
                gate.turn(address(last), Turn::First).await;
            }
            tokio::time::advance(Duration::from_millis(6)).await;
        }
        let hosts = gate.hosts.lock().unwrap();
        assert!(hosts.doors.len() <= 10 && hosts.ends.len() <= 10, "{hosts:?}");
    }
}

//! How many deep probes run at a time: few where somebody answers, many where they mostly wait for silence to end.

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::monitor::state::State;

/// Of targets that answer: each takes up to eight connections and a while of the processor.
const ANSWERING: usize = 4;

/// Of targets that are down: against silence one takes five seconds and no work, and a whole site goes down at once.
pub(super) const DOWN: usize = 64;

/// The places of the deep probes, each kind given in the order in which it was asked for.
#[derive(Debug)]
pub(super) struct Places {
    answering: Semaphore,
    down: Semaphore,
}

impl Places {
    pub(super) fn new() -> Self {
        Self { answering: Semaphore::new(ANSWERING), down: Semaphore::new(DOWN) }
    }

    /// Waits for a place for a target in this state at this turn, and asks again when `turned` resolves.
    pub(super) async fn take<T: Future<Output = ()>>(
        &self,
        state: impl Fn() -> (State, u64),
        turned: impl Fn(u64) -> T,
    ) -> Option<SemaphorePermit<'_>> {
        loop {
            let (state, turns) = state();
            tokio::select! {
                biased;
                // They are never closed: none cannot come, and would only lift the limit.
                place = self.of(state).acquire() => return place.ok(),
                () = turned(turns) => {}
            }
        }
    }

    const fn of(&self, state: State) -> &Semaphore {
        match state {
            State::Down => &self.down,
            State::Up | State::Degraded | State::Flapping | State::Unknown => &self.answering,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use tokio::sync::watch;

    async fn taken<'a>(places: &'a Places, states: &watch::Sender<(State, u64)>) -> SemaphorePermit<'a> {
        let turned = |turns| {
            let mut states = states.subscribe();
            async move { drop(states.wait_for(|(_, turn)| *turn != turns).await) }
        };
        places.take(|| *states.borrow(), turned).await.unwrap()
    }

    #[tokio::test]
    async fn who_is_down_does_not_wait_for_those_who_answer() {
        let (places, state) = (Places::new(), watch::Sender::new((State::Up, 0)));
        let held: Vec<_> = (0..ANSWERING).map(|_| taken(&places, &state).now_or_never().unwrap()).collect();
        let mut waits = Box::pin(taken(&places, &state));
        assert!(waits.as_mut().now_or_never().is_none(), "more than there are places");
        let down = watch::Sender::new((State::Down, 0));
        let all_down: Vec<_> = (1..DOWN).map(|_| taken(&places, &down).now_or_never().unwrap()).collect();
        // It goes down while it waits.
        state.send_replace((State::Down, 1));
        let last = waits.await;
        assert!(taken(&places, &down).now_or_never().is_none(), "more than there are places");
        drop((held, all_down, last));
    }
}

//! A target whose rounds crash is not left as it was last seen.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rdprobe::evidence::Round;
use rdprobe::monitor::event::What;
use rdprobe::monitor::health::Health;
use rdprobe::monitor::listen::Listener;
use rdprobe::monitor::state::State;

use super::run::{Heard, Monitor, every};
use crate::rehearsal::{play, target};

/// Crashes at the fifth round that it is told of.
#[derive(Default)]
struct Clumsy(AtomicUsize);

impl Listener for Clumsy {
    fn round(&self, _: &str, _: &Round, _: &Health) {
        assert_ne!(self.0.fetch_add(1, Ordering::Relaxed), 4, "a crash on purpose");
    }
}

#[tokio::test]
async fn a_target_whose_rounds_crash_is_unknown_and_watched_again() {
    let target = target(play("windows-2022-nla").await);
    let mut monitor = Monitor::with(vec![target], every(50), vec![Arc::new(Clumsy::default())]);
    let mut states = Vec::new();
    while states.len() < 3 {
        if let Heard::Event(event) = monitor.hear().await
            && let What::State { to, why, .. } = event.what
        {
            states.push((to, why));
        }
    }
    assert_eq!([states[0].0, states[1].0, states[2].0], [State::Up, State::Unknown, State::Up]);
    assert!(states[1].1.starts_with("rdprobe crashed"), "{}", states[1].1);
    monitor.stop().await;
}

//! The last events, for the live view.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use rdprobe::monitor::event::Event;
use rdprobe::monitor::listen::Listener;

/// A screen has no room for more.
const KEPT: usize = 100;

/// The last events, oldest first.
#[derive(Debug, Default)]
pub(super) struct Recent(Mutex<VecDeque<Event>>);

impl Recent {
    /// A copy of them.
    pub(super) fn events(&self) -> Vec<Event> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

impl Listener for Recent {
    fn event(&self, event: &Event) {
        let mut events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if events.len() == KEPT {
            events.pop_front();
        }
        events.push_back(event.clone());
    }
}

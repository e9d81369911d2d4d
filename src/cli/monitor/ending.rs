//! The time that the end has: one deadline for the run, the record, and whoever else has something to write.

use std::time::{Duration, Instant};

/// From being asked to the end: two seconds are promised, and the process itself has to end, too.
const WHOLE: Duration = Duration::from_millis(1_900);

/// How much of it the driver may take to end its connections in order.
const RUN: Duration = Duration::from_millis(1_200);

/// When it is the turn of what is shown.
const SHOWN_FROM: Duration = Duration::from_millis(1_700);

/// What a transaction usually takes on a slow disk; the record has it even if all time is gone.
const RECORD_LEAST: Duration = Duration::from_millis(400);

/// What is shown last has this much even if all time is gone.
const SHOWN_LEAST: Duration = Duration::from_millis(100);

/// How long somebody who is told, or the last lines, may take to write what waits.
const WRITE: Duration = Duration::from_millis(250);

/// The end that somebody asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ending {
    asked: Instant,
}

impl Ending {
    /// It was asked for now.
    pub(super) fn begin() -> Self {
        Self { asked: Instant::now() }
    }

    /// How long the driver may still take.
    pub(super) fn run(self) -> Duration {
        self.left_of(RUN)
    }

    /// How long the record may still take.
    pub(super) fn record(self) -> Duration {
        self.left_of(SHOWN_FROM).max(RECORD_LEAST)
    }

    /// How long somebody else who is told may still take.
    pub(super) fn told(self) -> Duration {
        self.left_of(SHOWN_FROM).min(WRITE)
    }

    /// How long the last lines may still take.
    pub(super) fn lines(self) -> Duration {
        self.left_of(WHOLE).clamp(SHOWN_LEAST, WRITE)
    }

    /// How long the live view may still take to give the terminal back; it was asked to when the end began.
    pub(super) fn screen(self) -> Duration {
        self.left_of(SHOWN_FROM).max(SHOWN_LEAST)
    }

    fn left_of(self, part: Duration) -> Duration {
        part.saturating_sub(self.asked.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_takes_all_the_time_takes_it_from_the_others_but_not_from_the_record() {
        let late = Ending { asked: Instant::now().checked_sub(Duration::from_secs(60)).unwrap() };
        assert_eq!((late.run(), late.told()), (Duration::ZERO, Duration::ZERO));
        assert_eq!((late.record(), late.lines(), late.screen()), (RECORD_LEAST, SHOWN_LEAST, SHOWN_LEAST));
    }

    #[test]
    fn the_parts_are_no_more_than_the_whole() {
        assert!(RUN + RECORD_LEAST <= SHOWN_FROM);
        assert!(SHOWN_FROM + SHOWN_LEAST <= WHOLE);
        let now = Ending::begin();
        assert!(
            now.run() <= RUN
                && now.record() <= SHOWN_FROM
                && now.told() <= WRITE
                && now.lines() <= WRITE
                && now.screen() <= SHOWN_FROM
        );
    }
}

//! The help page: what the keys do, and what the words and signs mean.

use ratatui::text::Line;

const TEXT: &str = "\
Up, Down, j, k         choose a target; scroll a page
PgUp, PgDn, Home, End  further at once
Enter                  everything of the chosen target
Esc                    back
Left, Right            on its page: the target before, the target after
s                      the worst first, or as given
Ctrl-L                 draw the screen anew
q, Ctrl-C              quit, with a summary

up        it answers as usual       degraded  slower, or with less than usual
down      it does not answer        flapping  up and down again and again
unknown   nothing decided yet, or this machine's own network is in the way

LAST ROUNDS  the usual time is a fourth of the height; x: a lost round
P50, P99     of the whole round in the last summary interval, corrected for
             the rounds that a stalled one hid
JITTER       the mean difference between one round and the next
LOSS         rounds without an answer, since the beginning";

pub(super) fn lines() -> Vec<Line<'static>> {
    TEXT.lines().map(Line::raw).collect()
}

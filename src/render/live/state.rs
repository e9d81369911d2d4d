//! Which page is open, which target is chosen, in which order; and what a key does to that.

use crate::monitor::state::State;

/// The lines of every page that are no page: title, what was said last, keys.
pub(super) const FRAME_LINES: usize = 3;

/// The lines of the list that are no target: heading, rule, and three of what the chosen one says.
pub(super) const LIST_LINES: usize = 5;

/// What is on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// One target a row.
    List,
    /// Everything of the chosen target.
    Detail,
    /// What the keys do.
    Help,
}

/// In which order the targets stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// The worst first, otherwise as given.
    State,
    /// As the user gave them.
    Given,
}

/// A key that means something here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// One up.
    Up,
    /// One down.
    Down,
    /// A screen up.
    PageUp,
    /// A screen down.
    PageDown,
    /// To the first.
    Home,
    /// To the last.
    End,
    /// The target before.
    Left,
    /// The target after.
    Right,
    /// Open.
    Enter,
    /// Back.
    Escape,
    /// Another order.
    Sort,
    /// Help.
    Help,
    /// Draw everything again.
    Redraw,
    /// Leave.
    Quit,
}

/// What a key asks of whoever owns the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Nothing but to draw.
    Draw,
    /// To draw on an empty screen, because something else wrote on it.
    Redraw,
    /// To leave.
    Quit,
}

/// The state of the view. Targets are named by their place as the monitor has them.
#[derive(Debug, Clone)]
pub struct Live {
    page: Page,
    below_help: Page,
    sort: Sort,
    order: Vec<usize>,
    /// None until somebody chooses: then the first of the list, whichever that is.
    chosen: Option<usize>,
    top: usize,
    room: usize,
    scroll: usize,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            page: Page::List,
            below_help: Page::List,
            sort: Sort::State,
            order: Vec::new(),
            chosen: None,
            top: 0,
            room: 1,
            scroll: 0,
        }
    }
}

impl Live {
    /// The page that is open.
    #[must_use]
    pub const fn page(&self) -> Page {
        self.page
    }

    /// The order of the list.
    #[must_use]
    pub const fn sort(&self) -> Sort {
        self.sort
    }

    /// How many lines of a long page are above the screen.
    #[must_use]
    pub(super) const fn scroll(&self) -> usize {
        self.scroll
    }

    /// The row of the chosen target among those on the screen.
    #[must_use]
    pub(super) fn chosen_row(&self) -> usize {
        self.place().saturating_sub(self.top)
    }

    /// How many targets the screen has room for.
    #[must_use]
    pub(super) const fn rows_shown(&self) -> usize {
        self.room
    }

    /// How many targets are above and below the screen.
    #[must_use]
    pub(super) fn hidden(&self) -> (usize, usize) {
        (self.top, self.order.len().saturating_sub(self.top.saturating_add(self.room)))
    }

    /// Takes in the state of every target and the height of the screen.
    pub fn arrange(&mut self, states: &[State], lines: u16) {
        self.room = usize::from(lines).saturating_sub(FRAME_LINES.saturating_add(LIST_LINES)).max(1);
        self.order = (0..states.len()).collect();
        if self.sort == Sort::State {
            self.order.sort_by_key(|place| states.get(*place).copied().map(rank));
        }
        self.chosen = self.chosen.map(|chosen| chosen.min(states.len().saturating_sub(1)));
        self.show_chosen();
    }

    /// The targets to be fetched and drawn now, in order.
    #[must_use]
    pub fn wanted(&self) -> Vec<usize> {
        match self.page {
            Page::List => self.order.iter().copied().skip(self.top).take(self.room).collect(),
            Page::Detail => self.order.get(self.place()).copied().into_iter().collect(),
            Page::Help => Vec::new(),
        }
    }

    /// What a key does.
    pub fn press(&mut self, key: Key) -> Wish {
        match (key, self.page) {
            (Key::Quit, _) => return Wish::Quit,
            (Key::Redraw, _) => return Wish::Redraw,
            (Key::Help, Page::List | Page::Detail) => {
                self.below_help = self.page;
                self.open(Page::Help);
            }
            (Key::Escape | Key::Help | Key::Enter, Page::Help) => self.open(self.below_help),
            (Key::Escape | Key::Enter, Page::Detail) => self.open(Page::List),
            (Key::Enter, Page::List) if !self.order.is_empty() => {
                self.choose(self.place());
                self.open(Page::Detail);
            }
            (Key::Sort, Page::List) => {
                self.sort = if self.sort == Sort::State { Sort::Given } else { Sort::State };
            }
            (Key::Left, Page::Detail) => self.choose(self.place().saturating_sub(1)),
            (Key::Right, Page::Detail) => self.choose(self.place().saturating_add(1)),
            (_, Page::List) => self.choose(moved(self.place(), key, self.room)),
            (_, Page::Detail | Page::Help) => self.scroll = moved(self.scroll, key, self.room),
        }
        Wish::Draw
    }

    /// A page is as long as it is: nobody scrolls past its end.
    pub(super) const fn limit_scroll(&mut self, lines: usize) {
        if self.scroll > lines {
            self.scroll = lines;
        }
    }

    fn open(&mut self, page: Page) {
        self.page = page;
        self.scroll = 0;
    }

    /// The place of the chosen target in the order.
    fn place(&self) -> usize {
        self.order.iter().position(|it| Some(*it) == self.chosen).unwrap_or(0)
    }

    fn choose(&mut self, place: usize) {
        let last = self.order.len().saturating_sub(1);
        self.chosen = self.order.get(place.min(last)).copied();
        self.show_chosen();
    }

    fn show_chosen(&mut self) {
        let place = self.place();
        let least = place.saturating_add(1).saturating_sub(self.room);
        let last_top = self.order.len().saturating_sub(self.room);
        self.top = self.top.clamp(least, place.max(least)).min(last_top);
    }
}

/// The worst first.
const fn rank(state: State) -> u8 {
    match state {
        State::Down => 0,
        State::Flapping => 1,
        State::Degraded => 2,
        State::Unknown => 3,
        State::Up => 4,
    }
}

fn moved(from: usize, key: Key, page: usize) -> usize {
    match key {
        Key::Up => from.saturating_sub(1),
        Key::Down => from.saturating_add(1),
        Key::PageUp => from.saturating_sub(page),
        Key::PageDown => from.saturating_add(page),
        Key::Home => 0,
        Key::End => usize::MAX,
        Key::Left
        | Key::Right
        | Key::Enter
        | Key::Escape
        | Key::Sort
        | Key::Help
        | Key::Redraw
        | Key::Quit => from,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: [State; 5] = [State::Up, State::Degraded, State::Up, State::Down, State::Unknown];

    /// Room for two targets.
    const LINES: u16 = 10;

    fn live() -> Live {
        let mut live = Live::default();
        live.arrange(&STATES, LINES);
        live
    }

    #[test]
    fn the_worst_stands_first_or_all_as_given() {
        let mut live = live();
        live.arrange(&STATES, 50);
        assert_eq!(live.wanted(), [3, 1, 4, 0, 2]);
        live.press(Key::Sort);
        live.arrange(&STATES, 50);
        assert_eq!(live.wanted(), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn the_chosen_target_is_on_the_screen_whatever_is_pressed() {
        let keys =
            [Key::Down, Key::Down, Key::End, Key::PageUp, Key::Home, Key::Up, Key::PageDown, Key::Sort];
        let mut live = live();
        for key in keys.into_iter().cycle().take(100) {
            live.press(key);
            live.arrange(&STATES, LINES);
            let row = live.wanted().get(live.chosen_row()).copied();
            assert_eq!(row, live.chosen, "{key:?} {live:?}");
        }
    }

    #[test]
    fn a_target_stays_chosen_when_the_order_changes() {
        let mut live = live();
        live.press(Key::Home);
        assert_eq!(live.chosen, Some(3));
        live.arrange(&[State::Up; 5], LINES);
        assert_eq!(live.chosen, Some(3));
        live.arrange(&[State::Up; 2], LINES);
        assert_eq!(live.chosen, Some(1));
        live.arrange(&[], LINES);
        assert_eq!((live.press(Key::Enter), live.page()), (Wish::Draw, Page::List));
    }

    #[test]
    fn enter_opens_escape_goes_back_and_help_returns_where_it_came_from() {
        let mut live = live();
        live.press(Key::Enter);
        assert_eq!((live.page(), live.wanted()), (Page::Detail, vec![3]));
        live.press(Key::Help);
        assert_eq!(live.page(), Page::Help);
        live.press(Key::Escape);
        assert_eq!(live.page(), Page::Detail);
        live.press(Key::Right);
        assert_eq!(live.wanted(), [1]);
        live.press(Key::Escape);
        assert_eq!(live.page(), Page::List);
        assert_eq!(live.press(Key::Quit), Wish::Quit);
    }
}

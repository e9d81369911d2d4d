//! The listener and the sessions: `qwinsta`, by session names and ids.

use super::Tells;

/// Windows gives listeners ids from here on.
const FIRST_LISTENER: u64 = 65536;

/// How many sessions a Windows without the Session Host role lets in.
const ADMINISTRATIVE: usize = 2;

/// Reads a table of sessions: `services` and `console` stand in every one, and a blank line ends it.
pub(super) fn read(lines: &[&str], tells: &mut Tells<'_>) {
    for block in lines.split(|line| line.trim().is_empty()) {
        let rows: Vec<Row<'_>> = block.iter().filter_map(|line| row(line)).collect();
        let has = |name: &str| rows.iter().any(|row| row.name == name);
        if has("services") && has("console") {
            table(&rows, tells);
        }
    }
}

fn table(rows: &[Row<'_>], tells: &mut Tells<'_>) {
    let listener =
        rows.iter().find(|row| row.name == "rdp-tcp" && row.id >= FIRST_LISTENER && row.state != "Down");
    match listener {
        Some(row) => tells.judge("listener", true, row.line),
        None => tells.judge("listener", false, "no rdp-tcp that listens stands in the table of sessions"),
    }
    let users = rows.iter().filter(|row| row.has_user).count();
    tell_users(users, tells);
}

/// Tells whether a session is free.
pub(super) fn tell_users(users: usize, tells: &mut Tells<'_>) {
    let fact = format!("{users} users have a session, {ADMINISTRATIVE} may without the Session Host role");
    match (users < ADMINISTRATIVE, tells.session_host) {
        (true, _) => tells.tell("guest.sessions.free", &fact),
        (false, Some(false)) => tells.tell("guest.sessions.full", &fact),
        (false, Some(true) | None) => {}
    }
}

struct Row<'a> {
    name: &'a str,
    has_user: bool,
    id: u64,
    state: &'a str,
    line: &'a str,
}

/// Name and user may be missing; the id is the first number.
fn row(line: &str) -> Option<Row<'_>> {
    let words: Vec<&str> = line.trim_start_matches(['>', ' ']).split_whitespace().collect();
    let at = words.iter().position(|word| word.parse::<u64>().is_ok()).filter(|at| *at <= 2)?;
    let name = words.first().copied().unwrap_or_default();
    let session = name == "services" || name == "console" || name.starts_with("rdp-tcp");
    Some(Row {
        name,
        has_user: at == 2 || (at == 1 && !session),
        id: words.get(at)?.parse().ok()?,
        state: words.get(at.saturating_add(1)).copied().unwrap_or_default(),
        line,
    })
}

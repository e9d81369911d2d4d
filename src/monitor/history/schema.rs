//! The tables, their version, and how an older file becomes a newer one. `docs/record.md` says what each column means.

use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior};

use super::HistoryError;

/// "rdpr", big-endian: what `file` and SQLite know the format by.
const APPLICATION_ID: i64 = 0x7264_7072;

/// What turns a file of version n into one of version n + 1, for n from 0. Never edited, only added to.
const MIGRATIONS: &[&str] = &[VERSION_1, VERSION_2];

/// From this version on a reader finds what it asks for: what came later are tables of their own.
const OLDEST_READ: i64 = 1;

/// The first version with tables for scans.
const SCANS: i64 = 2;

const VERSION_1: &str = "
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        version TEXT NOT NULL,
        interval_us INTEGER NOT NULL,
        ended_us INTEGER
    ) STRICT;
    CREATE TABLE targets (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE TABLE watches (
        id INTEGER PRIMARY KEY,
        run INTEGER NOT NULL REFERENCES runs,
        target INTEGER NOT NULL REFERENCES targets,
        from_us INTEGER NOT NULL,
        to_us INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX watches_by_target ON watches (target, from_us);
    CREATE TABLE rounds (
        due_us INTEGER NOT NULL,
        watch INTEGER NOT NULL REFERENCES watches,
        said TEXT NOT NULL,
        stage TEXT,
        kind TEXT,
        missed INTEGER NOT NULL,
        resolve_us INTEGER,
        connect_us INTEGER,
        kernel_rtt_us INTEGER,
        x224_us INTEGER,
        tls_us INTEGER,
        credssp_us INTEGER,
        total_us INTEGER,
        PRIMARY KEY (due_us, watch)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE buckets (
        id INTEGER PRIMARY KEY,
        width_s INTEGER NOT NULL,
        start_us INTEGER NOT NULL,
        watch INTEGER NOT NULL REFERENCES watches,
        good INTEGER NOT NULL,
        lesser INTEGER NOT NULL,
        bad INTEGER NOT NULL,
        own_side INTEGER NOT NULL,
        missed INTEGER NOT NULL,
        UNIQUE (width_s, start_us, watch)
    ) STRICT;
    CREATE INDEX buckets_by_watch ON buckets (watch, start_us);
    CREATE TABLE latency (
        bucket INTEGER NOT NULL REFERENCES buckets,
        phase TEXT NOT NULL,
        count INTEGER NOT NULL,
        p50_us INTEGER NOT NULL,
        p99_us INTEGER NOT NULL,
        max_us INTEGER NOT NULL,
        steps INTEGER NOT NULL,
        steps_us INTEGER NOT NULL,
        histogram BLOB NOT NULL
    ) STRICT;
    CREATE INDEX latency_by_bucket ON latency (bucket);
    CREATE TABLE losses (
        bucket INTEGER NOT NULL REFERENCES buckets,
        stage TEXT NOT NULL,
        kind TEXT NOT NULL,
        rounds INTEGER NOT NULL,
        PRIMARY KEY (bucket, stage, kind)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE states (
        target INTEGER NOT NULL REFERENCES targets,
        since_us INTEGER NOT NULL,
        state TEXT NOT NULL,
        why TEXT NOT NULL,
        PRIMARY KEY (target, since_us)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE outages (
        target INTEGER NOT NULL REFERENCES targets,
        start_us INTEGER NOT NULL,
        end_us INTEGER,
        rounds_lost INTEGER NOT NULL,
        first_symptom TEXT NOT NULL,
        last_symptom TEXT NOT NULL,
        cause TEXT,
        changes TEXT NOT NULL,
        PRIMARY KEY (target, start_us)
    ) STRICT;
    CREATE TABLE events (
        id INTEGER PRIMARY KEY,
        at_us INTEGER NOT NULL,
        target INTEGER NOT NULL REFERENCES targets,
        event TEXT NOT NULL,
        document TEXT NOT NULL
    ) STRICT;
    CREATE INDEX events_by_target ON events (target, at_us);
    CREATE TABLE gaps (
        id INTEGER PRIMARY KEY,
        from_us INTEGER NOT NULL,
        to_us INTEGER NOT NULL,
        why TEXT NOT NULL,
        rounds INTEGER NOT NULL,
        events INTEGER NOT NULL
    ) STRICT;
";

/// Scans. What queries ask for stands apart from the documents, so that going through it reads few pages.
const VERSION_2: &str = "
    CREATE TABLE scans (
        run INTEGER PRIMARY KEY REFERENCES runs,
        source TEXT NOT NULL,
        depth TEXT NOT NULL,
        began_us INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE scanned (
        run INTEGER NOT NULL REFERENCES scans,
        position INTEGER NOT NULL,
        target TEXT NOT NULL,
        at_us INTEGER NOT NULL,
        elapsed_us INTEGER NOT NULL,
        verdict TEXT NOT NULL,
        stage TEXT,
        cause TEXT,
        standing TEXT,
        result TEXT,
        address TEXT,
        connect_us INTEGER,
        nla TEXT,
        standard TEXT,
        tls_versions TEXT,
        certificate_end_us INTEGER,
        issuer TEXT,
        self_issued INTEGER,
        thumbprint TEXT,
        build TEXT,
        computer TEXT,
        domain TEXT,
        skew_us INTEGER,
        missed TEXT,
        PRIMARY KEY (run, position)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX scanned_by_target ON scanned (run, target);
    CREATE TABLE documents (
        run INTEGER NOT NULL REFERENCES scans,
        position INTEGER NOT NULL,
        scanned BLOB NOT NULL,
        report BLOB,
        UNIQUE (run, position)
    ) STRICT;
";

/// Makes a new file's tables, brings an older one's up to date, and sets what a writer needs.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), HistoryError> {
    migrate(connection, MIGRATIONS)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    Ok(())
}

/// Whether a reader knows the file; never writes to it.
pub(super) fn check(connection: &Connection) -> Result<(), HistoryError> {
    let known = newest(MIGRATIONS);
    match version(connection)? {
        Some(found) if found > known => Err(HistoryError::Newer { found, known }),
        Some(found) if found >= OLDEST_READ => Ok(()),
        Some(found) => Err(HistoryError::NotOurs(format!(
            "it has version {found}: rdprobe monitor --record brings it to version {known}"
        ))),
        None => Err(HistoryError::NotOurs("it is empty".to_owned())),
    }
}

/// Whether the file has the tables for scans; never writes to it.
pub(super) fn has_scans(connection: &Connection) -> Result<bool, HistoryError> {
    Ok(version(connection)?.is_some_and(|found| found >= SCANS))
}

/// What holds for every connection: the file may come from anybody, so that nothing in it may run.
pub(super) fn distrust(connection: &Connection) -> Result<(), HistoryError> {
    for (option, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
    ] {
        connection.set_db_config(option, on)?;
    }
    Ok(())
}

/// Carries out the steps that the file has not had, each in a transaction of its own.
fn migrate(connection: &mut Connection, steps: &[&str]) -> Result<(), HistoryError> {
    let known = newest(steps);
    let mut at = match version(connection)? {
        Some(found) if found > known => return Err(HistoryError::Newer { found, known }),
        Some(found) => found,
        None => {
            // Both hold only where they are set before the first table.
            connection.pragma_update(None, "auto_vacuum", "incremental")?;
            0
        }
    };
    for step in steps.iter().skip(usize::try_from(at).unwrap_or(usize::MAX)) {
        at += 1;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", at)?;
        transaction.commit()?;
    }
    Ok(())
}

/// The version of a record; none of an empty file; an error if it is a file of something else.
fn version(connection: &Connection) -> Result<Option<i64>, HistoryError> {
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let application = number("application_id").map_err(not_ours)?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0)).map_err(not_ours)?;
    match (application, tables) {
        (APPLICATION_ID, _) => Ok(Some(number("user_version")?)),
        (0, 0) => Ok(None),
        _ => Err(HistoryError::NotOurs("it is a SQLite database of another program".to_owned())),
    }
}

fn newest(steps: &[&str]) -> i64 {
    i64::try_from(steps.len()).unwrap_or(i64::MAX)
}

fn not_ours(error: rusqlite::Error) -> HistoryError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => {
            HistoryError::NotOurs("it is no SQLite database".to_owned())
        }
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: &[&str] = &[
        "CREATE TABLE one (a INTEGER); INSERT INTO one VALUES (7)",
        "ALTER TABLE one ADD COLUMN b INTEGER DEFAULT 8",
    ];

    fn at_version(count: usize) -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, STEPS.get(..count).unwrap()).unwrap();
        connection
    }

    #[test]
    fn an_older_file_is_brought_up_to_date_step_by_step_and_keeps_its_rows() {
        let mut connection = at_version(1);
        assert_eq!(version(&connection).unwrap(), Some(1));
        migrate(&mut connection, STEPS).unwrap();
        assert_eq!(version(&connection).unwrap(), Some(2));
        let row = connection.query_row("SELECT a, b FROM one", (), |row| Ok((row.get(0)?, row.get(1)?)));
        assert_eq!(row.unwrap(), (7, 8));
    }

    #[test]
    fn a_migration_that_fails_changes_nothing() {
        let mut connection = at_version(1);
        let broken = [STEPS[0], "ALTER TABLE one ADD COLUMN b INTEGER; CREATE TABLE one (a INTEGER)"];
        assert!(migrate(&mut connection, &broken).is_err());
        assert_eq!(version(&connection).unwrap(), Some(1));
        assert!(connection.prepare("SELECT b FROM one").is_err());
    }

    #[test]
    fn a_newer_file_is_refused_and_untouched() {
        let mut connection = at_version(2);
        let error = migrate(&mut connection, &STEPS[..1]).unwrap_err();
        assert_eq!(error.to_string(), "this record has version 2 and this rdprobe knows versions up to 1");
        assert_eq!(version(&connection).unwrap(), Some(2));
    }

    #[test]
    fn every_version_of_this_program_leads_to_the_newest() {
        for from in 0..=MIGRATIONS.len() {
            let mut connection = Connection::open_in_memory().unwrap();
            migrate(&mut connection, MIGRATIONS.get(..from).unwrap()).unwrap();
            migrate(&mut connection, MIGRATIONS).unwrap();
            assert_eq!(version(&connection).unwrap(), Some(newest(MIGRATIONS)), "from {from}");
        }
    }
}

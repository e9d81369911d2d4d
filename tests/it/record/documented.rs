//! `docs/record.md` names every table and column, and its queries run.

use rusqlite::Connection;

use super::kept::written;

const PAGE: &str = include_str!("../../../docs/record.md");

#[test]
fn every_table_and_column_is_described() {
    let (_folder, path) = written();
    let connection = Connection::open(path).unwrap();
    let mut statement = connection
        .prepare(
            "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table'",
        )
        .unwrap();
    let columns: Vec<(String, String)> = statement
        .query_map((), |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert!(columns.len() > 50, "{columns:?}");
    // The times of a round's phases are described as a row of columns.
    let in_a_row =
        |column: &str| ["connect_us", "kernel_rtt_us", "x224_us", "tls_us", "credssp_us"].contains(&column);
    for (table, column) in columns {
        let begin = PAGE.find(&format!("**{table}**")).unwrap_or_else(|| panic!("{table} is not described"));
        let section = PAGE[begin + 2..].split("\n**").next().unwrap();
        assert!(
            section.contains(&format!("`{column}`")) || in_a_row(&column),
            "{table}.{column} is not described"
        );
    }
}

#[test]
fn the_queries_run_and_find_what_is_there() {
    let (_folder, path) = written();
    let connection = Connection::open(path).unwrap();
    let queries: Vec<&str> =
        PAGE.split("```sql\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(queries.len(), 5);
    let rows = |sql: &str| connection.prepare(sql).unwrap().query_map((), |_| Ok(())).unwrap().count();
    assert_eq!(rows(queries[0]), 1, "one month of one target");
    assert_eq!(rows(queries[1]), 1, "one outage");
    assert_eq!(rows(queries[2]), 0, "nothing has aged yet");
    assert_eq!((rows(queries[3]), rows(queries[4])), (0, 0), "no scan yet");
}

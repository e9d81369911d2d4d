//! What sources yield: each host once, nothing that is excluded, the same order for the same seed.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::net::Ipv4Addr;

use proptest::prelude::*;
use rdprobe::fleet::source::{BadLine, Input, Item, Settings, Source};

/// Standard input with this in it.
pub(super) fn stdin(bytes: &[u8]) -> Input {
    Box::new(Cursor::new(bytes.to_vec()))
}

pub(super) fn sources(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// The inputs of the targets, and the bad lines.
pub(super) fn sorted_out(source: Source) -> (Vec<String>, Vec<BadLine>) {
    let (mut targets, mut bad) = (Vec::new(), Vec::new());
    for item in source {
        match item {
            Item::Target(target) => targets.push(target.input),
            Item::Bad(line) => bad.push(line),
        }
    }
    (targets, bad)
}

fn targets(texts: &[&str], settings: &Settings) -> Vec<String> {
    let source = Source::open(&sources(texts), settings, None).unwrap();
    let length = source.known_len();
    let (targets, bad) = sorted_out(source);
    assert_eq!(bad, []);
    assert_eq!(length, Some(targets.len() as u64), "{texts:?}");
    targets
}

fn sorted(mut targets: Vec<String>) -> Vec<String> {
    targets.sort();
    targets
}

fn refused(texts: &[&str], settings: &Settings) -> (String, String) {
    let error = Source::open(&sources(texts), settings, None).err().expect("it must be refused");
    (error.to_string(), error.hint().to_owned())
}

fn excluding(texts: &[&str]) -> Settings {
    Settings { exclude: sources(texts), ..Settings::default() }
}

#[test]
fn a_network_has_every_address_once_the_first_and_the_last_too() {
    let got = sorted(targets(&["192.0.2.0/29"], &Settings::default()));
    let expected: Vec<String> = (0..8).map(|last| format!("192.0.2.{last}")).collect();
    assert_eq!(got, expected);
    assert_eq!(
        targets(&["192.0.2.7/32", "2001:db8::7/128"], &Settings::default()),
        ["192.0.2.7", "2001:db8::7"]
    );
}

#[test]
fn ports_are_those_written_or_the_one_for_all() {
    let settings = Settings { default_port: 3390, ..Settings::default() };
    let got = targets(
        &["10.0.0.1-1", "10.0.0.2-2:3389", "[2001:db8::3/128]:3391", "myvm", "vm2:3391", "2001:db8::4"],
        &settings,
    );
    assert_eq!(
        got,
        ["10.0.0.1:3390", "10.0.0.2", "[2001:db8::3]:3391", "myvm:3390", "vm2:3391", "[2001:db8::4]:3390"]
    );
}

#[test]
fn what_comes_a_second_time_is_dropped_however_it_is_written() {
    let overlapping = ["192.0.2.1", "192.0.2.0/30", "192.0.2.2-5", "192.0.2.5:3389", "192.0.2.1:3390"];
    assert_eq!(
        sorted(targets(&overlapping, &Settings::default())),
        ["192.0.2.0", "192.0.2.1", "192.0.2.1:3390", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"]
    );
    let names = ["myvm", "MyVM.", "myvm:3389", "rdp://myvm", "myvm:3390"];
    assert_eq!(targets(&names, &Settings::default()), ["myvm", "myvm:3390"]);
    let addresses = ["2001:db8::1", "[2001:0db8:0:0::1]:3389", "10.0.0.4", "::ffff:10.0.0.4"];
    assert_eq!(targets(&addresses, &Settings::default()), ["2001:db8::1", "10.0.0.4"]);
}

#[test]
fn what_is_excluded_is_not_there_at_any_port() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("never");
    std::fs::write(&file, "# the controllers\n192.0.2.8-9 # both\ndc.example.\n").unwrap();
    let settings = excluding(&["192.0.2.0/29", "myvm", file.to_str().unwrap()]);
    let listed = ["192.0.2.0/28", "192.0.2.3", "192.0.2.9:3390", "MYVM", "myvm:3390", "DC.example", "vm2"];
    let expected: Vec<String> =
        (10..16).map(|last| format!("192.0.2.{last}")).chain(["vm2".to_owned()]).collect();
    assert_eq!(sorted(targets(&listed, &settings)), expected);
}

#[test]
fn an_exclusion_that_cannot_be_read_is_no_exclusion_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("never");
    std::fs::write(&file, "192.0.2.8\n192.0.2.9/40\n").unwrap();
    let (message, _) = refused(&["192.0.2.0/28"], &excluding(&[file.to_str().unwrap()]));
    assert!(message.contains("line 2: not a network: `192.0.2.9/40`"), "{message}");
    let (message, hint) = refused(&["192.0.2.0/28"], &excluding(&["192.0.2.8:3389"]));
    assert!(message.contains("192.0.2.8:3389: a port") && hint.contains("every port"), "{message}");
    let (message, _) = refused(&["192.0.2.0/28"], &excluding(&["/nowhere/at/all"]));
    assert!(message.contains("cannot read"), "{message}");
    let (message, hint) = refused(&["192.0.2.0/28"], &excluding(&["-"]));
    assert!(message.contains("standard input") && hint.contains("--exclude FILE"), "{message}");
    let (message, hint) = refused(&["192.0.2.0/28"], &excluding(&[folder.path().to_str().unwrap()]));
    assert!(message.contains("a folder without .rdp files") && hint.contains("a host"), "{message}");
}

#[test]
fn an_rdp_file_is_excluded_as_it_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jump.rdp");
    std::fs::write(&file, "full address:s:192.0.2.1:3390").unwrap();
    let list = folder.path().join("never");
    std::fs::write(&list, format!("{}\n", file.display())).unwrap();
    for excluded in [&file, &list, &folder.path().to_owned()] {
        let settings = excluding(&[excluded.to_str().unwrap()]);
        assert_eq!(targets(&["192.0.2.0/31"], &settings), ["192.0.2.0"], "{}", excluded.display());
    }
}

#[test]
fn a_range_larger_than_a_16_is_asked_for_by_name() {
    assert_eq!(targets(&["10.0.0.0/16"], &Settings::default()).len(), 65_536);
    for (range, count) in [
        ("10.0.0.0/15", "131072"),
        ("10.0.0.0-10.1.0.0", "65537"),
        ("2001:db8::/64", "18446744073709551616"),
        ("::/0", "2^128"),
    ] {
        let (message, hint) = refused(&[range], &Settings::default());
        assert!(message.contains(&format!("a range of {count} addresses")), "{message}");
        assert!(hint.contains("--i-mean-it"), "{hint}");
    }
    let text = b"10.0.0.0/8\nmyvm\n";
    let (got, bad) =
        sorted_out(Source::open(&sources(&["-"]), &Settings::default(), Some(stdin(text))).unwrap());
    assert_eq!(got, ["myvm"]);
    assert_eq!((bad[0].line, bad[0].hint.contains("--i-mean-it")), (Some(1), true));
}

#[test]
fn who_means_it_gets_as_much_as_he_takes_of_any_range() {
    let settings = Settings { i_mean_it: true, seed: 7, ..Settings::default() };
    for (range, count, inside) in
        [("10.0.0.0/8", 1 << 24, "10."), ("2001:db8::/64", u64::MAX, "2001:db8:"), ("::/0", u64::MAX, "")]
    {
        let source = Source::open(&sources(&[range, range]), &settings, None).unwrap();
        assert_eq!(source.known_len(), Some(count), "{range}");
        let first: Vec<String> = sorted_out_some(source, 100_000);
        assert!(first.iter().all(|input| input.starts_with(inside)), "{range}");
        assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), 100_000, "{range}");
    }
}

fn sorted_out_some(source: Source, count: usize) -> Vec<String> {
    source
        .take(count)
        .map(|item| match item {
            Item::Target(target) => target.input,
            Item::Bad(bad) => panic!("{bad}"),
        })
        .collect()
}

#[test]
fn the_seed_is_the_order_within_a_range_and_a_list_keeps_its_own() {
    let of = |seed| targets(&["192.0.2.0/24", "b", "a"], &Settings { seed, ..Settings::default() });
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
    assert_ne!(of(1), sorted(of(1)));
    assert_eq!(of(1)[256..], ["b", "a"]);
}

#[test]
fn a_source_is_counted_without_being_walked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("list");
    std::fs::write(&file, "10.0.0.0/8\nmyvm\nmyvm\nhttp://no\n10.1.2.3\n").unwrap();
    let settings = Settings { i_mean_it: true, ..excluding(&["10.0.0.1"]) };
    let open = || Source::open(&sources(&[file.to_str().unwrap(), "11.0.0.1"]), &settings, None).unwrap();
    assert_eq!(open().known_len(), None);
    assert_eq!(open().count(), (1 << 24) - 1 + 1 + 1);
}

#[test]
fn a_second_copy_has_the_exclusions_of_the_first_and_is_there_only_of_what_can_be_read_twice() {
    let folder = tempfile::tempdir().unwrap();
    let [list, never] = ["list", "never"].map(|name| folder.path().join(name).to_str().unwrap().to_owned());
    std::fs::write(&list, "10.0.0.0/30\n").unwrap();
    std::fs::write(&never, "10.0.0.1\n").unwrap();
    let source = Source::open(&sources(&[&list, "11.0.0.1"]), &excluding(&[&never]), None).unwrap();
    std::fs::write(&never, "10.0.0.0/24\n").unwrap();
    assert_eq!(source.second().unwrap().count(), 4);
    assert_eq!(source.count(), 4);
    let once = Source::open(&sources(&[&list, "-"]), &Settings::default(), Some(stdin(b"vm"))).unwrap();
    assert!(once.second().is_none());
}

#[test]
fn an_argument_that_is_nothing_sensible_is_refused_with_a_hint() {
    for (text, told) in [
        ("http://myvm", "a URL"),
        ("10.0.0.0/33", "not a network"),
        ("10.0.0.9-1", "ends before it begins"),
        ("vms.csv", "cannot read"),
        ("my.rdp", "cannot read"),
        ("./vms", "cannot read"),
        ("", "empty"),
    ] {
        let (message, hint) = refused(&[text], &Settings::default());
        assert!(message.contains(told), "{text}: {message}");
        assert!(!hint.is_empty(), "{text}");
    }
}

#[test]
fn standard_input_is_read_once_and_only_if_there_is_one() {
    let (got, bad) =
        sorted_out(Source::open(&sources(&["-", "-"]), &Settings::default(), Some(stdin(b"a\n"))).unwrap());
    assert_eq!(got, ["a"]);
    assert!(bad[0].message.contains("no standard input"), "{}", bad[0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever is listed and excluded: the union without the exclusions, each once.
    #[test]
    fn ranges_and_single_addresses_are_a_set(
        listed in proptest::collection::vec((0_u8..200, 0_u8..50), 1..8),
        left_out in proptest::collection::vec((0_u8..200, 0_u8..50), 0..4),
        seed: u64,
    ) {
        let written = |(first, more): &(u8, u8)| match more {
            0 => format!("192.0.2.{first}"),
            _ => format!("192.0.2.{first}-{}", first + more),
        };
        let settings = Settings { exclude: left_out.iter().map(written).collect(), seed, ..Settings::default() };
        let texts: Vec<String> = listed.iter().map(written).collect();
        let source = Source::open(&texts, &settings, None).unwrap();
        let length = source.known_len();
        let (got, _) = sorted_out(source);
        let has = |runs: &[(u8, u8)], last: u8| runs.iter().any(|(first, more)| (*first..=first + more).contains(&last));
        let expected: BTreeSet<Ipv4Addr> = (0..=255)
            .filter(|last| has(&listed, *last) && !has(&left_out, *last))
            .map(|last| Ipv4Addr::new(192, 0, 2, last))
            .collect();
        prop_assert_eq!(length, Some(got.len() as u64));
        prop_assert_eq!(got.len(), expected.len());
        prop_assert_eq!(got.iter().map(|it| it.parse().unwrap()).collect::<BTreeSet<Ipv4Addr>>(), expected);
    }
}

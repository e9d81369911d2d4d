//! Files and folders that nobody should have written: each costs itself, and memory and time stay bounded.

use std::io::Read;

use rdprobe::fleet::source::{BadLine, Input, Settings, Source};

use super::source::{sorted_out, sources, stdin};

/// Text that never ends, unless it is asked for more than is fair.
struct Endless {
    beginning: &'static [u8],
    then: u8,
    left: usize,
}

impl Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if !self.beginning.is_empty() {
            return self.beginning.read(into);
        }
        let count = into.len().min(self.left);
        assert!(count > 0 || into.is_empty(), "it was read on and on");
        into[..count].fill(self.then);
        self.left -= count;
        Ok(count)
    }
}

fn read(input: Input) -> (Vec<String>, Vec<BadLine>) {
    sorted_out(Source::open(&sources(&["-"]), &Settings::default(), Some(input)).unwrap())
}

fn of_text(text: &str) -> (Vec<String>, Vec<String>) {
    let (targets, bad) = read(stdin(text.as_bytes()));
    (targets, bad.iter().map(ToString::to_string).collect())
}

#[test]
fn a_line_of_a_megabyte_costs_only_itself() {
    let (targets, bad) = of_text(&format!("a.example\n{}\nb.example\n", "x".repeat(1 << 20)));
    assert_eq!(targets, ["a.example", "b.example"]);
    assert_eq!(bad, ["-, line 2: a line of more than 64 KiB"]);
}

#[test]
fn a_message_does_not_repeat_the_whole_line() {
    let (_, bad) = of_text(&format!("a b{}\n", "\u{202e}".repeat(20_000)));
    assert!(bad[0].chars().count() < 500, "{}", bad[0].len());
}

#[test]
fn an_xml_tag_without_end_is_given_up() {
    for (beginning, then) in [
        (&b"<nmaprun><host a=\""[..], b'x'),
        (b"<nmaprun>", b' '),
        (b"<nmaprun><!-- ", b'-'),
        (b"<!DOCTYPE nmaprun [", b' '),
    ] {
        let (targets, bad) = read(Box::new(Endless { beginning, then, left: 1 << 24 }));
        assert!(targets.is_empty());
        assert!(bad[0].message.contains("1 MiB"), "{}", bad[0]);
    }
}

#[test]
fn entities_are_not_expanded_and_depth_is_bounded() {
    let laughs = std::fs::read(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sources/billion-laughs.xml"),
    )
    .unwrap();
    let (targets, bad) = read(stdin(&laughs));
    assert!(targets.is_empty());
    assert!(bad[0].message.contains("broken XML"), "{}", bad[0]);
    let (targets, bad) = of_text(&"<a>".repeat(100_000));
    assert!(targets.is_empty());
    assert_eq!(bad, ["-, line 1: tags within tags without end"]);
}

#[test]
fn broken_xml_keeps_what_came_before() {
    let host = "<host><address addr=\"10.0.0.4\" addrtype=\"ipv4\"/><ports><port protocol=\"tcp\" portid=\"3389\">\
                <state state=\"open\"/></port></ports></host>";
    let (targets, bad) = of_text(&format!("<nmaprun>\n{host}\n<host></ports>"));
    assert_eq!(targets, ["10.0.0.4"]);
    assert!(bad[0].starts_with("-, line 3: broken XML"), "{bad:?}");
    let stranger = host.replace("10.0.0.4", "10.0.0.0/8").replace("3389", "99999");
    let network = host.replace("10.0.0.4", "10.0.0.0/24");
    let (targets, bad) = of_text(&format!("<nmaprun>{stranger}{network}</nmaprun>"));
    assert!(targets.is_empty(), "a scanner lists no networks: {targets:?}");
    assert_eq!(bad.len(), 2, "{bad:?}");
}

#[test]
fn xml_that_ends_in_the_middle_is_told_wherever_that_is() {
    let hosts = ["10.0.0.4", "10.0.0.5"].map(|address| {
        format!(
            "<host><address addr=\"{address}\" addrtype=\"ipv4\"/><ports><port protocol=\"tcp\" portid=\"3389\">\
             <state state=\"open\"/></port></ports></host>"
        )
    });
    let text = format!("<nmaprun>{}</nmaprun>", hosts.concat());
    let ends_of_ports: Vec<usize> = text.match_indices("</port>").map(|(at, end)| at + end.len()).collect();
    for end in 1..text.len() {
        let (targets, bad) = of_text(&text[..end]);
        // A host counts once its open port is there in full.
        let whole = ends_of_ports.iter().filter(|port| **port <= end).count();
        assert!(targets.len() >= whole.saturating_sub(1) && targets.len() <= whole, "{end}: {targets:?}");
        assert_eq!(bad.len(), 1, "{end}: {bad:?}");
    }
    let (targets, bad) = of_text(&text[..ends_of_ports[1]]);
    assert_eq!(targets, ["10.0.0.4", "10.0.0.5"]);
    assert_eq!(bad, ["-, line 1: the file ends in the middle"]);
    assert_eq!(of_text(&text).1, [""; 0]);
}

#[test]
fn other_open_ports_of_a_host_do_not_crowd_out_the_one_that_counts() {
    let open = |ports: std::ops::RangeInclusive<u32>, service: &str| -> String {
        let ports = ports.map(|port| {
            format!(
                "<port protocol=\"tcp\" portid=\"{port}\"><state state=\"open\"/><service name=\"{service}\"/></port>"
            )
        });
        format!(
            "<nmaprun><host><address addr=\"10.0.0.4\" addrtype=\"ipv4\"/><ports>{}</ports></host></nmaprun>",
            ports.collect::<String>()
        )
    };
    assert_eq!(of_text(&open(1..=4000, "http")), (vec!["10.0.0.4".to_owned()], vec![]));
    let (targets, bad) = of_text(&open(3389..=6000, "ms-wbt-server"));
    assert_eq!((targets.len(), bad.len()), (1024, 1));
    assert!(bad[0].contains("more than 1024 ports of Remote Desktop on one host"), "{bad:?}");
}

#[test]
fn json_nested_10_000_deep_or_endless_costs_only_itself() {
    let deep = format!("{{\"ipAddress\": {}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let (targets, bad) = of_text(&format!("[{deep}, \"a.example\"]"));
    assert_eq!(targets, ["a.example"]);
    assert!(bad[0].contains("recursion limit"), "{bad:?}");
    let long = format!("[{{\"a\": \"{}\"}}, \"b.example\"]", "x".repeat(1 << 20));
    let (targets, bad) = of_text(&long);
    assert_eq!(targets, ["b.example"]);
    assert!(bad[0].contains("more than 256 KiB"), "{bad:?}");
    let (targets, _) = of_text(&"[".repeat(1 << 20));
    assert!(targets.is_empty());
}

#[test]
fn json_of_the_wrong_kinds_is_told() {
    let text = "[{}, 1, true, {\"a\": 1}, {\"ipAddress\": 7}, {\"virtualMachine\": []}, {\"ip\": 3, \"ports\": 1}, \
                {\"virtualMachine\": {\"network\": {\"publicIpAddresses\": {\"a\": 1}}}}]";
    let (targets, bad) = of_text(text);
    assert!(targets.is_empty());
    assert_eq!(bad.len(), 8, "{bad:?}");
}

#[test]
fn bytes_that_are_no_text_are_told_by_line() {
    let (targets, bad) = read(stdin(b"a.example\n\xc3\x28\n\x00\n10.0.0.4\x00\nb.example"));
    assert_eq!(targets, ["a.example", "b.example"]);
    assert_eq!(bad.iter().map(|it| it.line.unwrap()).collect::<Vec<_>>(), [2, 3, 4]);
    // UTF-16 with half a pair, an unpaired surrogate and a NUL.
    let (targets, bad) = read(stdin(b"\xff\xfea\0\n\0\x00\xd8\n\0\0\0\n\0b\0\n\0c"));
    assert_eq!(targets[..2], ["a", "b"]);
    assert_eq!(bad[..2].iter().map(|it| it.line.unwrap()).collect::<Vec<_>>(), [2, 3]);
}

#[test]
fn a_table_of_quotes_costs_only_its_lines() {
    let (targets, bad) =
        of_text(&format!("name,ip\na,10.0.0.1\n\"b,10.0.0.2\n{}", "c,10.0.0.3\n".repeat(20_000)));
    assert_eq!(targets, ["10.0.0.1", "10.0.0.3"]);
    assert_eq!(bad, ["-, line 3: a quote is not closed"]);
    let (targets, bad) = of_text("name,ip\n,\n,,,,,,\n\"\"\"\",\"\"\n");
    assert!(targets.is_empty());
    assert_eq!(bad.len(), 1, "{bad:?}");
}

#[test]
fn a_file_that_fails_midway_keeps_what_came_before() {
    struct Failing(&'static [u8]);
    impl Read for Failing {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            match self.0.read(into)? {
                0 => Err(std::io::Error::other("the disk is gone")),
                count => Ok(count),
            }
        }
    }
    for text in
        [&b"a.example\nb.example\n"[..], b"[\"a.example\",\"b.example\"", b"name,x\na.example,\nb.example,\n"]
    {
        let (targets, bad) = read(Box::new(Failing(text)));
        assert_eq!(targets, ["a.example", "b.example"]);
        assert_eq!(bad.len(), 1);
        assert!(bad[0].message.contains("the disk is gone"), "{}", bad[0]);
    }
}

#[cfg(unix)]
#[test]
fn folders_that_lead_round_and_pipes_that_nobody_fills_do_not_hang() {
    use std::os::unix::fs::symlink;
    let root = tempfile::tempdir().unwrap();
    let at = |name: &str| root.path().join(name);
    std::fs::create_dir(at("inner")).unwrap();
    symlink(root.path(), at("inner/round")).unwrap();
    symlink(at("nothing"), at("dangling.rdp")).unwrap();
    std::fs::write(at("inner/real"), "full address:s:real.example\n").unwrap();
    symlink(at("inner/real"), at("linked.rdp")).unwrap();
    std::fs::create_dir(at("folder.rdp")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(at("pipe.rdp")).status().unwrap().success());
    std::fs::write(at("huge.rdp"), vec![b'x'; 1 << 20]).unwrap();
    let source =
        Source::open(&sources(&[root.path().to_str().unwrap()]), &Settings::default(), None).unwrap();
    let (targets, bad) = sorted_out(source);
    assert_eq!(targets.len(), 1);
    assert!(targets[0].ends_with("linked.rdp"), "{targets:?}");
    assert_eq!(bad.len(), 1);
    assert!(bad[0].message.contains("longer than any .rdp file"), "{}", bad[0]);
    // In a list too.
    let (targets, bad) = of_text(&format!("{}\n//server/share/a.rdp\n", at("pipe.rdp").display()));
    assert!(targets.is_empty());
    assert!(bad[0].contains("no file: ") && bad[1].contains("line 2"), "{bad:?}");
}

#[test]
fn a_list_of_a_million_lines_is_read_as_it_is_asked_for() {
    let input = Endless { beginning: b"first.example\nsecond.example\n", then: b'x', left: 1 << 17 };
    let mut source = Source::open(&sources(&["-"]), &Settings::default(), Some(Box::new(input))).unwrap();
    assert!(source.next().is_some() && source.next().is_some(), "the beginning is there before the end is");
}

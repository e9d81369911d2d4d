//! Every kind of file, by samples: what each yields, and what is told of its bad lines.

use std::path::PathBuf;

use rdprobe::fleet::source::{Item, Settings, Source};

use super::source::{sorted_out, sources, stdin};

fn sample(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/sources").join(name)
}

/// The inputs, and `line: message` of the bad lines.
fn read(name: &str, settings: &Settings) -> (Vec<String>, Vec<String>) {
    let path = sample(name);
    let of_file = Source::open(&sources(&[path.to_str().unwrap()]), settings, None).unwrap();
    let (targets, bad) = sorted_out(of_file);
    if path.is_file() {
        let text = std::fs::read(&path).unwrap();
        let piped = Source::open(&sources(&["-"]), settings, Some(stdin(&text))).unwrap();
        let (same, _) = sorted_out(piped);
        assert_eq!(same, targets, "{name} by standard input");
    }
    let told = bad.iter().map(|it| format!("{}: {}", it.line.unwrap_or(0), it.message)).collect();
    (targets, told)
}

fn column(name: &str) -> Settings {
    Settings { column: Some(name.to_owned()), ..Settings::default() }
}

#[test]
fn a_list_is_one_target_a_line() {
    let (targets, bad) = read("list.txt", &Settings::default());
    let (singles, network) = (&targets[..4], &targets[4..]);
    assert_eq!(
        singles,
        ["myvm.westus.cloudapp.azure.com", "10.0.0.4", "10.0.0.4:3390", "[2001:db8::1]:3390"]
    );
    assert_eq!(network.len(), 4 + 6 + 1);
    assert_eq!(network[10], "rdp://full%20address=s:other.example:3391");
    assert_eq!(bad, ["8: a URL, not a Remote Desktop address: `http://myvm`"]);
}

#[test]
fn what_powershell_redirects_is_utf_16() {
    let (targets, bad) = read("powershell-redirect.txt", &Settings::default());
    assert_eq!((targets, bad), (sources(&["web01", "web02:3390"]), vec![]));
}

#[test]
fn a_table_has_a_best_column_and_rows_fall_back() {
    let (targets, bad) = read("powershell.csv", &Settings::default());
    assert_eq!(targets, ["web01.corp.example", "db01.corp.example", "OLD"]);
    assert!(bad.is_empty(), "{bad:?}");
    let (targets, bad) = read("excel.csv", &Settings::default());
    assert_eq!(targets, ["203.0.113.4:3390", "10.0.0.5"]);
    assert_eq!(bad[0], "5: a row without a name or an address");
    assert_eq!(bad[1], "6: not an IPv4 address: `203.0.113.999`");
}

#[test]
fn a_column_is_asked_for_by_name_or_number() {
    let (targets, _) = read("powershell.csv", &column("name"));
    assert_eq!(targets, ["WEB01", "DB01", "OLD"]);
    let (targets, _) = read("excel.csv", &column("private IP address"));
    assert_eq!(targets, ["10.0.0.4:3390", "10.0.0.5", "10.0.0.7"]);
    let (targets, bad) = read("no-header.tsv", &column("1"));
    assert_eq!((targets, bad), (sources(&["10.0.0.4", "10.0.0.5"]), vec![]));
    let (targets, bad) = read("no-header.tsv", &Settings::default());
    assert!(targets.is_empty() && bad[0].contains("no column of names or addresses"), "{bad:?}");
    let (_, bad) = read("excel.csv", &column("fqdn"));
    assert_eq!(bad.len(), 1);
    assert!(bad[0].starts_with("2: no column `fqdn` in the header: Rack, Public IP address"), "{bad:?}");
}

#[test]
fn azure_is_reached_by_name_or_public_address_and_else_by_the_private_ones() {
    let (targets, bad) = read("azure-vm-list-ip-addresses.json", &Settings::default());
    assert_eq!(targets, ["203.0.113.17", "10.1.0.5", "10.1.1.5"]);
    assert_eq!(bad, ["36: no address: test-01"]);
    let (targets, bad) = read("azure-public-ip-list.json", &Settings::default());
    assert_eq!(targets, ["myvm.westeurope.cloudapp.azure.com", "203.0.113.5"]);
    assert_eq!(bad, ["43: no address: asleep-ip"]);
    let without_nulls = br#"[{"name": "asleep-ip", "publicIPAllocationMethod": "Dynamic"}]"#;
    let (targets, bad) =
        sorted_out(Source::open(&sources(&["-"]), &Settings::default(), Some(stdin(without_nulls))).unwrap());
    assert_eq!((targets.len(), bad[0].to_string()), (0, "-, line 1: no address: asleep-ip".to_owned()));
    let (targets, bad) = read("azure-vm-list-show-details.json", &Settings::default());
    assert_eq!(targets, ["web.westeurope.cloudapp.azure.com", "10.0.0.5", "10.0.0.6"]);
    assert_eq!(bad, ["4: no address: off"]);
}

#[test]
fn a_scanner_tells_which_hosts_have_the_port_open() {
    for (name, found, on_3390) in [
        ("nmap.xml", vec!["127.0.0.2", "127.0.0.4"], Some("127.0.0.5:3390")),
        ("nmap.gnmap", vec!["127.0.0.2", "127.0.0.4"], Some("127.0.0.5:3390")),
        ("masscan.list", vec!["10.0.0.4", "10.0.0.9"], Some("10.0.0.11:3390")),
        ("masscan.grepable", vec!["10.0.0.4"], None),
        ("masscan.json", vec!["10.0.0.4"], None),
    ] {
        assert_eq!(read(name, &Settings::default()), (sources(&found), vec![]), "{name}");
        let settings = Settings { default_port: 3390, ..Settings::default() };
        let all: Vec<&str> = found.into_iter().chain(on_3390).collect();
        assert_eq!(read(name, &settings), (sources(&all), vec![]), "{name}");
    }
}

#[test]
fn a_folder_is_its_rdp_files_by_name() {
    let (targets, bad) = read("folder", &Settings::default());
    let names: Vec<&str> = targets.iter().map(|it| it.rsplit('/').next().unwrap()).collect();
    assert_eq!(names, ["a.rdp", "b.RDP"]);
    assert_eq!(bad.len(), 1);
    assert!(bad[0].contains("no `full address` in the .rdp file"), "{bad:?}");
    // The port of what names none is theirs too.
    let settings = Settings { default_port: 3391, ..Settings::default() };
    let ports = Source::open(&sources(&[sample("folder").to_str().unwrap()]), &settings, None).unwrap();
    let port = |item| if let Item::Target(target) = item { Some(target.port) } else { None };
    let ports: Vec<u16> = ports.filter_map(port).collect();
    assert_eq!(ports, [3391, 3390]);
    let text = std::fs::read(sample("folder/inner/b.RDP")).unwrap();
    let piped = Source::open(&sources(&["-"]), &Settings::default(), Some(stdin(&text))).unwrap();
    assert_eq!(sorted_out(piped), (sources(&["b.example:3390"]), vec![]));
}

#[test]
fn a_source_without_any_target_says_so() {
    for text in ["", "# nobody yet\n", "[]", "<nmaprun></nmaprun>", "name,ip\n", "#masscan\n# end\n"] {
        let source =
            Source::open(&sources(&["-"]), &Settings::default(), Some(stdin(text.as_bytes()))).unwrap();
        let (targets, bad) = sorted_out(source);
        assert!(targets.is_empty(), "{text}");
        assert_eq!(bad.len(), 1, "{text}");
        assert_eq!(bad[0].to_string(), "-: no target in it", "{text}");
    }
}

#[test]
fn an_array_of_names_is_what_a_query_prints() {
    let text = b"[\"web.example\", null, \"10.0.0.4:3390\"]";
    let (targets, bad) =
        sorted_out(Source::open(&sources(&["-"]), &Settings::default(), Some(stdin(text))).unwrap());
    assert_eq!(targets, ["web.example", "10.0.0.4:3390"]);
    assert_eq!(bad.len(), 1);
}

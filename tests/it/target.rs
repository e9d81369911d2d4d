//! The forms in which people give a target, and what each mistake is told.

use std::net::IpAddr;

use rdprobe::target::{Host, Target, from_rdp_file};

fn named(name: &str, port: u16) -> (Host, u16) {
    (Host::Name(name.to_owned()), port)
}

fn address(text: &str, port: u16) -> (Host, u16) {
    (Host::Address(text.parse::<IpAddr>().unwrap()), port)
}

fn parsed(input: &str) -> (Host, u16) {
    match Target::parse(input) {
        Ok(target) => {
            assert_eq!(target.input, input);
            (target.host, target.port)
        }
        Err(error) => panic!("{input}: {error}"),
    }
}

#[test]
fn every_form_is_read() {
    let cases = [
        ("myvm.westus.cloudapp.azure.com", named("myvm.westus.cloudapp.azure.com", 3389)),
        ("myvm:3390", named("myvm", 3390)),
        (" myvm ", named("myvm", 3389)),
        ("myvm.example.", named("myvm.example.", 3389)),
        ("MY_PC-1", named("MY_PC-1", 3389)),
        ("192.0.2.7", address("192.0.2.7", 3389)),
        ("192.0.2.7:65535", address("192.0.2.7", 65535)),
        ("2001:db8::1", address("2001:db8::1", 3389)),
        ("::1", address("::1", 3389)),
        ("[2001:db8::1]", address("2001:db8::1", 3389)),
        ("[2001:db8::1]:3390", address("2001:db8::1", 3390)),
        ("bücher.example", named("xn--bcher-kva.example", 3389)),
        ("BÜCHER.example:3390", named("xn--bcher-kva.example", 3390)),
        ("rdp://myvm", named("myvm", 3389)),
        ("rdp://myvm:3390/", named("myvm", 3390)),
        ("RDP://[2001:db8::1]:3390", address("2001:db8::1", 3390)),
        ("rdp://full%20address=s:mypc:3391&audiomode=i:2", named("mypc", 3391)),
        ("rdp://audiomode=i:2&full%20address=s%3Amypc&server%20port=i:3392", named("mypc", 3392)),
        ("rdp://?full%20address=s:[2001:db8::1]:3390", address("2001:db8::1", 3390)),
    ];
    for (input, expected) in cases {
        assert_eq!(parsed(input), expected, "{input}");
    }
}

#[test]
fn a_target_is_shown_with_its_port() {
    for (input, shown) in [
        ("myvm", "myvm:3389"),
        ("192.0.2.7:3390", "192.0.2.7:3390"),
        ("2001:db8::1", "[2001:db8::1]:3389"),
        ("rdp://full%20address=s:mypc", "mypc:3389"),
    ] {
        assert_eq!(Target::parse(input).unwrap().to_string(), shown);
    }
}

#[test]
fn what_is_shown_is_read_back() {
    for input in ["myvm", "192.0.2.7:3390", "2001:db8::1", "bücher.example"] {
        let target = Target::parse(input).unwrap();
        let again = Target::parse(&target.to_string()).unwrap();
        assert_eq!((again.host, again.port), (target.host, target.port));
    }
}

#[test]
fn every_mistake_has_its_own_message_and_hint() {
    let long_name = ["a".repeat(60).as_str(); 5].join(".");
    let long_label = format!("{}.example", "b".repeat(64));
    let cases: &[(&str, &str, &str)] = &[
        ("", "the target is empty", "host:3389"),
        ("foo bar", "not a host, an address, an rdp:// URI or an .rdp file: `foo bar`", "[2001:db8::1]:3390"),
        ("foo\nbar", r"not a host, an address, an rdp:// URI or an .rdp file: `foo\nbar`", "host:3389"),
        ("http://myvm:8080/x", "a URL, not a Remote Desktop address: `http://myvm:8080/x`", "`myvm`"),
        ("https://[2001:db8::1]/x", "a URL, not a Remote Desktop address", "`[2001:db8::1]`"),
        ("admin@myvm", "a user name in front of the host: `admin@myvm`", "`myvm`"),
        (r"\\myvm\c$", r"a UNC path, not a host: `\\myvm\c$`", "`myvm`"),
        (r"CONTOSO\myvm", "a backslash", "`myvm`"),
        ("lab.rdp", "the path of an .rdp file, not a host: `lab.rdp`", "check the path"),
        ("192.0.2.0/24", "a network, not a host: `192.0.2.0/24`", "192.0.2.0"),
        ("myvm/desktop", "a path after the host: `myvm/desktop`", "`myvm`"),
        ("myvm:0", "port 0 cannot be connected to", "from 1 to 65535"),
        ("myvm:65536", "a port above 65535: `65536`", "from 1 to 65535"),
        ("myvm:99999999999999999999", "a port above 65535", "from 1 to 65535"),
        ("myvm:", "no port after the colon", "from 1 to 65535"),
        ("myvm:rdp", "not a port: `rdp`", "3389"),
        ("myvm:+3389", "not a port: `+3389`", "3389"),
        (":3389", "no host in front of the port: `:3389`", "host:3389"),
        ("[2001:db8::1", "`]` is missing: `[2001:db8::1`", "close the bracket"),
        ("[2001:db8::1]3389", "something other than a port after `]`: `3389`", "[2001:db8::1]:3390"),
        ("[myvm]:3389", "not an IPv6 address: `myvm`", "in brackets"),
        ("2001:db8:::1", "not an IPv6 address: `2001:db8:::1`", "in brackets"),
        ("fe80::1%eth0", "an IPv6 address with a zone: `fe80::1%eth0`", "fe80::1 --interface eth0"),
        ("10.0.0.256", "not an IPv4 address: `10.0.0.256`", "0 to 255"),
        ("10.0.0.01", "not an IPv4 address: `10.0.0.01`", "leading zeros"),
        ("10.1", "not an IPv4 address: `10.1`", "four numbers"),
        ("my..vm", "a name with an empty part: `my..vm`", "at least one character"),
        (".", "a name with an empty part: `.`", "at least one character"),
        ("-myvm", "a hyphen at the beginning of a name: `-myvm`", "a letter or a digit"),
        ("myvm.-example:3390", "a hyphen at the beginning of a name: `myvm.-example`", "a letter or a digit"),
        ("-4", "a hyphen at the beginning", "a letter or a digit"),
        ("my!vm", "`!` in the host name: `my!vm`", "letters, digits"),
        ("bü\u{200b}cher!.example", "not a name that IDNA allows", "xn--"),
        (&long_label, "a part of the name has 64 characters", "63 characters"),
        (&long_name, "a name of 304 characters", "253 characters"),
        ("rdp://", "an rdp:// URI without a host: `rdp://`", "rdp://host:3389"),
        ("rdp://audiomode=i:2", "an rdp:// URI without a host", "full%20address=s:"),
        ("rdp://admin@myvm", "a user name in front of the host: `admin@myvm`", "`myvm`"),
    ];
    for (input, message, hint) in cases {
        let error = Target::parse(input).expect_err(input);
        assert!(error.to_string().starts_with(message), "{input}: {error}");
        assert!(error.hint().contains(hint), "{input}: {}", error.hint());
    }
}

const FILE: &str = "screen mode id:i:2\r\nfull address:s:myvm.example:3390\r\nusername:s:CONTOSO\\ann\r\nserver port:i:3391\r\n";

#[test]
fn an_rdp_file_is_read_in_every_encoding() {
    let utf16 = |unit: fn(u16) -> [u8; 2]| FILE.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    let contents = [
        FILE.as_bytes().to_vec(),
        [b"\xef\xbb\xbf".as_slice(), FILE.as_bytes()].concat(),
        [b"\xff\xfe".as_slice(), &utf16(u16::to_le_bytes)].concat(),
        [b"\xfe\xff".as_slice(), &utf16(u16::to_be_bytes)].concat(),
        utf16(u16::to_le_bytes),
    ];
    for content in contents {
        let target = from_rdp_file("lab.rdp", &content).unwrap();
        assert_eq!((target.host, target.port), named("myvm.example", 3390));
        assert_eq!(target.input, "lab.rdp");
    }
}

#[test]
fn the_settings_of_an_rdp_file_have_an_order() {
    let read = |text: &str| {
        let target = from_rdp_file("lab.rdp", text.as_bytes()).unwrap();
        (target.host, target.port)
    };
    assert_eq!(read("Full Address:s:myvm"), named("myvm", 3389));
    assert_eq!(read("server port:i:3391\nfull address:s:myvm"), named("myvm", 3391));
    assert_eq!(read("full address:s:myvm\nalternate full address:s:192.0.2.7"), address("192.0.2.7", 3389));
    assert_eq!(read("full address:s:myvm\nalternate full address:s:"), named("myvm", 3389));
    assert_eq!(read("full address:s:2001:db8::1\nserver port:i:3391"), address("2001:db8::1", 3391));
}

#[test]
fn an_rdp_file_without_an_address_says_so() {
    for content in [b"".as_slice(), b"username:s:ann\r\n", b"\xff\xfe", b"\x00\xff\xfe\x80garbage"] {
        let error = from_rdp_file("lab.rdp", content).expect_err("no address");
        assert_eq!(error.to_string(), "no `full address` in the .rdp file: `lab.rdp`");
        assert!(error.hint().contains("full address:s:host:3389"));
    }
    let error = from_rdp_file("lab.rdp", b"full address:s:my vm").expect_err("a space");
    assert!(error.to_string().ends_with("`my vm`"), "{error}");
}

#[test]
fn wide_digits_are_digits() {
    assert_eq!(parsed("１９２.0.2.７"), address("192.0.2.7", 3389));
    for wrong in ["²", "１０.１", "example.１"] {
        let error = Target::parse(wrong).unwrap_err();
        assert!(error.to_string().starts_with("not an IPv4 address"), "{error}");
    }
    let file = "full address:s:２\n".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    assert!(from_rdp_file("some.rdp", &file).is_err());
}

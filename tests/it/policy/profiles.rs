//! Profiles: the built-in ones, those of a file, and several sources joined.

use rdprobe::policy::profile::{BUILT_IN, PolicyError, built_in, read};
use rdprobe::policy::{Policy, expression};

fn written(policy: &Policy) -> Vec<String> {
    policy.expectations.iter().map(ToString::to_string).collect()
}

fn wrong(text: &str, profile: Option<&str>) -> PolicyError {
    read(text, profile).expect_err(text)
}

#[test]
fn every_built_in_profile_is_whole() {
    for profile in BUILT_IN {
        let policy = built_in(profile.name).unwrap_or_else(|| panic!("{} cannot be read", profile.name));
        let texts = written(&policy);
        for expect in profile.expect {
            assert!(texts.contains(&(*expect).to_owned()), "{}: {expect} is lost", profile.name);
        }
        if let Some(base) = profile.extends {
            let base = written(&built_in(base).expect("the base"));
            assert!(texts.starts_with(&base), "{}: {base:?} does not stand first", profile.name);
        }
    }
    assert_eq!(written(&Policy::reachable()), ["reachable"]);
    assert_eq!(built_in("nonsense"), None);
}

#[test]
fn a_file_extends_itself_and_what_is_built_in() {
    let text = r#"
        default = "production"

        [profile.team]
        description = "what all our machines keep to"
        expect = ["reachable", "cert>30d:7d, skew<1m:5m"]
        extends = "secure"

        [profile.production]
        expect = ["os>=2022", "nla=required"]
        extends = "team"
    "#;
    let policy = read(text, None).unwrap();
    assert_eq!(policy.name, "production");
    let mut expected = written(&built_in("secure").unwrap());
    expected.extend(["cert>30d:7d", "skew<1m:5m", "os>=2022"].map(str::to_owned));
    assert_eq!(written(&policy), expected);
    assert_eq!(read(text, Some("team")).unwrap().name, "team");
    assert_eq!(written(&read(text, Some("secure")).unwrap()), written(&built_in("secure").unwrap()));
}

#[test]
fn the_example_of_the_documentation_is_a_policy() {
    let source = include_str!("../../../src/policy/profile.rs");
    let documentation = source.lines().map_while(|line| line.strip_prefix("//!"));
    let example: Vec<&str> = documentation
        .map(str::trim)
        .skip_while(|line| *line != "```toml")
        .skip(1)
        .take_while(|line| *line != "```")
        .collect();
    let policy = read(&example.join("\n"), None).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(policy.name, "production");
    assert!(
        written(&policy).ends_with(&["domain=corp.example.com".to_owned(), "rtt<150ms:400ms".to_owned()])
    );
}

#[test]
fn the_only_profile_of_a_file_needs_no_name() {
    let policy = read("[profile.mine]\nexpect = [\"nla!=none\"]", None).unwrap();
    assert_eq!((policy.name.as_str(), written(&policy)), ("mine", vec!["nla!=none".to_owned()]));
}

#[test]
fn a_profile_of_the_file_goes_before_a_built_in_one() {
    let text = "[profile.secure]\nexpect = [\"tls>=1.3\"]\nextends = \"azure-baseline\"";
    let policy = read(text, None).unwrap();
    assert!(written(&policy).ends_with(&["tls>=1.3".to_owned()]));
}

#[test]
fn mistakes_are_told_with_their_place() {
    let cases = [
        (
            "[profile.a]\nexpect = [\"nla=requird\"]",
            None,
            "line 2, column 16: an expectation cannot be read",
            "required",
        ),
        (
            "[profile.a]\nexpect = [\"nla=required\"]\nextends = \"secur\"",
            None,
            "line 3, column 11: no profile is called secur",
            "secure",
        ),
        ("[profile.a]\nexpects = []", None, "line 2, column 1: no policy file: unknown field `expects`", ""),
        ("[profile.a\n", None, "line 1, column ", ""),
        (
            "default = \"b\"\n[profile.a]\nexpect = [\"nla=none\"]",
            None,
            "line 1, column 11: no profile is called b",
            "one of a",
        ),
        (
            "[profile.a]\nexpect = [\"ipv4\"]\n[profile.b]\nexpect = [\"ipv4\"]",
            None,
            "the file has several profiles",
            "--profile a",
        ),
        (
            "[profile.a]\nexpect = [\"ipv4\"]",
            Some("prod"),
            "no profile is called prod",
            "one of a, reachable",
        ),
        ("[profile.a]\n", None, "the profile a expects nothing", "expect = "),
        ("", None, "the file has no profile", "[profile.production]"),
    ];
    for (text, profile, message, hint) in cases {
        let error = wrong(text, profile);
        let shown = error.to_string();
        assert!(shown.starts_with(message), "{text:?} gives: {shown}");
        let hinted = error.hint.unwrap_or_default();
        assert!(hinted.contains(hint), "{text:?} hints: {hinted}");
    }
}

#[test]
fn an_expression_in_a_file_is_shown_with_its_caret() {
    let error = wrong("[profile.a]\nexpect = [\"ipv4\", \"cert>30x\"]", None);
    assert_eq!(error.place, Some((2, 27)));
    let expected = "line 2, column 27: an expectation cannot be read: no unit of time is called x, at character 8:\n  \
                    cert>30x\n         ^";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn profiles_in_a_circle_are_an_error() {
    let text = "[profile.a]\nextends = \"b\"\n[profile.b]\nextends = \"c\"\n[profile.c]\nextends = \"a\"\n";
    let error = wrong(text, Some("b"));
    assert_eq!(error.message, "profiles extend each other in a circle: a > b > c > a");
    assert_eq!(error.place, Some((6, 11)));
}

#[test]
fn a_mistake_in_a_profile_that_nobody_asked_for_is_told_too() {
    let text = "[profile.good]\nexpect = [\"ipv4\"]\n[profile.bad]\nexpect = [\"ipv5\"]";
    assert_eq!(wrong(text, Some("good")).place, Some((4, 12)));
}

#[test]
fn a_file_is_not_endless() {
    let large = "#".repeat(2 << 20);
    assert_eq!(wrong(&large, None).message, "the file is too large");
    let many: Vec<String> = (0..300).map(|n| format!("[profile.p{n}]\nexpect = [\"ipv4\"]")).collect();
    assert_eq!(wrong(&many.join("\n"), None).message, "the file has too many profiles");
}

#[test]
fn a_file_cannot_write_to_the_terminal() {
    for text in [
        "[profile.\"\\u001b[31m\"]\n",
        "[profile.a]\n\"\\u001b[31m\" = 1",
        "default = \"\\u001b[31m\"\n[profile.a]",
    ] {
        let error = wrong(text, None);
        let shown = format!("{error} {}", error.hint.clone().unwrap_or_default());
        assert!(!shown.contains('\u{1b}'), "{shown:?}");
    }
}

#[test]
fn several_sources_are_one_policy() {
    let wanted = |text| Policy::new("--expect", expression::parse(text).unwrap());
    let secure = built_in("secure").unwrap();
    let joined =
        Policy::joined([secure.clone(), wanted("nla = Required, os>=2019"), wanted("ipv4, os>=2019")]);
    assert_eq!(joined.name, "secure + --expect");
    let mut expected = written(&secure);
    expected.extend(["os>=2019", "ipv4"].map(str::to_owned));
    assert_eq!(written(&joined), expected, "what is there twice counts once");
    assert_eq!(Policy::joined([]), Policy::reachable());
}

//! Expressions: what is read, and where each mistake is.

use proptest::prelude::*;
use rdprobe::policy::expectation::{Operator, Subject, TABLE};
use rdprobe::policy::expression::{ExpressionError, parse};
use rdprobe::render::human::{HumanStyle, expectations};

fn written(text: &str) -> Vec<String> {
    parse(text).unwrap_or_else(|error| panic!("{error}")).iter().map(ToString::to_string).collect()
}

fn wrong(text: &str) -> ExpressionError {
    parse(text).expect_err(text)
}

#[test]
fn good_expressions_are_read() {
    let cases: &[(&str, &[&str])] = &[
        (
            "nla=required, tls>=1.2, cert>30d, cert.trusted, name=MYVM, os>=2019, skew<5m, rtt<150ms, \
             no-rdp-security, tls!=1.0",
            &[
                "nla=required",
                "tls>=1.2",
                "cert>30d",
                "cert.trusted",
                "name=MYVM",
                "os>=2019",
                "skew<5m",
                "rtt<150ms",
                "no-rdp-security",
                "tls!=1.0",
            ],
        ),
        ("NLA = Required", &["nla=Required"]),
        ("\t cert \u{a0}> 30 d : 7 d ", &["cert>30d:7d"]),
        ("! cert.self-signed", &["!cert.self-signed"]),
        ("protocol = HYBRID | hybrid_ex", &["protocol=HYBRID|hybrid_ex"]),
        ("rtt<0.5s", &["rtt<0.5s"]),
        ("os>=17763,os>=win11,os!=2012R2", &["os>=17763", "os>=win11", "os!=2012R2"]),
        ("tls>=TLSv1.2", &["tls>=TLSv1.2"]),
        ("name=サーバー", &["name=サーバー"]),
    ];
    for (text, expected) in cases {
        assert_eq!(written(text), *expected, "{text}");
    }
}

/// Text, column, what the message has, what the hint has.
const MISTAKES: &[(&str, usize, &str, &str)] = &[
    ("", 1, "an expectation is missing", "nla=required"),
    ("nla=required,", 14, "an expectation is missing", "nla=required"),
    ("nla=required,,ipv4", 14, "an expectation is missing", "nla=required"),
    ("nal=required", 1, "no expectation is called nal", "did you mean nla?"),
    ("ipv4, certs>3d", 7, "no expectation is called certs", "did you mean cert?"),
    ("cert.selfsigned", 1, "no expectation is called cert.selfsigned", "did you mean cert.self-signed?"),
    ("wibble", 1, "no expectation is called wibble", "--list-expectations"),
    ("=required", 1, "= begins no expectation", "its name"),
    ("nla", 4, "nla needs an operator and a value", "nla=required"),
    ("nla required", 5, "an operator must follow nla", "nla=required"),
    ("nla=", 5, "nla needs a value", "nla=required"),
    ("nla = ,ipv4", 7, "nla needs a value", "nla=required"),
    ("nla=requird", 5, "requird is none of the values", "did you mean required?"),
    ("nla=required|ofered", 14, "ofered is none of the values", "did you mean offered?"),
    ("nla=required|", 14, "a value is missing", "one of required, offered, none"),
    ("nla>required", 4, "nla is not compared by >", "nla=required"),
    ("tls=>1.2", 4, "=> is no operator", "did you mean"),
    ("tls>=1.4", 6, "no version of TLS", "1.0, 1.1, 1.2, 1.3"),
    ("tls>=", 6, "tls needs a value", "tls>=1.2"),
    ("reachable=yes", 10, "reachable takes no value", "reachable"),
    ("!nla", 5, "needs an operator and a value", "nla=required"),
    ("!nla=none", 5, "takes no value", "nla!=..."),
    ("!cert>3d", 6, "takes no value", "cert>30d:7d"),
    ("!no-rdp-security", 17, "cannot be turned round", "no-rdp-security"),
    ("ipv4 ipv6", 6, "i has no place here", "a comma"),
    ("cert>30", 8, "the number has no unit", "the units are"),
    ("cert>30x", 8, "no unit of time is called x", "the units are"),
    ("cert>d", 6, "a time is a number and a unit", "30d"),
    ("cert>-3d", 6, "a time is a number and a unit", "30d"),
    ("cert>99999999d", 6, "the time is too long", "36525d"),
    ("cert>7d:30d", 9, "the warning must come before", "30d:7d"),
    ("cert>7d:", 9, "a time is a number and a unit", "30d"),
    ("cert<7d", 5, "cert is not compared by <", "cert>30d:7d"),
    ("skew<5m:1m", 9, "the warning must come before", "1m:5m"),
    ("rtt<1s : 1s", 10, "the warning must come before", "1s:1s"),
    ("cert.key>=big", 11, "a whole number is wanted", "2048"),
    ("cert.key>=99999999999999999999", 11, "the number is too large", "2048"),
    ("os>=2020", 5, "no release of Windows and no build", "did you mean 20"),
    ("os>=win12", 5, "no release of Windows", "did you mean win1"),
    ("name=a b", 7, "a name has no such character", "MYVM"),
    ("name=|b", 6, "a name is missing", "MYVM"),
    ("no-cause=time-skw", 10, "no cause has that id", "did you mean time-skew?"),
    ("no-cause=time-skew|", 20, "no cause has that id", ""),
    ("サ=1", 1, "no expectation is called サ", "--list-expectations"),
    ("\u{1b}[31m", 1, "? begins no expectation", "its name"),
];

#[test]
fn every_mistake_is_told_with_its_place() {
    for (text, column, message, hint) in MISTAKES {
        let error = wrong(text);
        assert_eq!(error.column, *column, "{text:?}: {}", error.message);
        assert!(error.message.contains(message), "{text:?}: {}", error.message);
        let hinted = error.hint.unwrap_or_default();
        assert!(hinted.contains(hint), "{text:?} hints: {hinted}");
    }
}

#[test]
fn the_caret_stands_under_the_character() {
    for (text, column, ..) in MISTAKES {
        let shown = wrong(text).to_string();
        let lines: Vec<&str> = shown.lines().collect();
        let [_, expression, caret] = lines.as_slice() else { panic!("{text:?}: {shown}") };
        assert_eq!(expression.chars().count(), text.chars().count() + 2, "{text:?}: {shown}");
        assert_eq!(caret.chars().position(|c| c == '^'), Some(column + 1), "{text:?}: {shown}");
        assert!(!shown.contains('\u{1b}'), "{text:?}");
    }
}

#[test]
fn of_a_long_expression_the_part_around_the_mistake_is_shown() {
    let text = format!("{} tls>=1.9", "ipv4, ".repeat(50));
    let shown = wrong(&text).to_string();
    let lines: Vec<&str> = shown.lines().collect();
    let [_, expression, caret] = lines.as_slice() else { panic!("{shown}") };
    assert!(expression.chars().count() < 80, "{shown}");
    let under = caret.chars().position(|c| c == '^').unwrap();
    assert!(expression.chars().skip(under).collect::<String>().starts_with("1.9"), "{shown}");
    assert_eq!(wrong(&"ipv4,".repeat(1000)).message, "the expression is too long");
    assert_eq!(wrong(&format!("name={}", "x".repeat(300))).message, "the name is too long");
}

/// What stands after the operator in the subject's example.
fn value_of_example(subject: &Subject) -> &str {
    subject
        .example
        .trim_start_matches(['!'])
        .trim_start_matches(subject.name)
        .trim_start_matches(['=', '!', '<', '>'])
}

#[test]
fn every_example_and_every_operator_of_the_table_parses() {
    for subject in TABLE {
        assert_eq!(written(subject.example), [subject.example], "the example of {}", subject.name);
        let value = value_of_example(subject);
        for operator in subject.operators {
            // Both thresholds fit one direction only, and every operator of one subject has the same.
            let text = match operator {
                Operator::Is | Operator::IsNot => format!("{}{}", operator.sign(), subject.name),
                _ => format!("{}{}{value}", subject.name, operator.sign()),
            };
            assert_eq!(written(&text), [text.as_str()]);
        }
    }
}

#[test]
fn the_list_shows_what_parses() {
    let mut out = Vec::new();
    expectations(&HumanStyle::default(), &mut out).unwrap();
    let list = String::from_utf8(out).unwrap();
    assert!(list.lines().all(|line| line.chars().count() <= 80), "{list}");
    for subject in TABLE {
        for operator in subject.operators {
            let form = match operator {
                Operator::IsNot => format!("!{}", subject.name),
                _ => format!("{}{}", subject.name, operator.sign()),
            };
            assert!(list.split_whitespace().any(|word| word == form), "{form} is not listed:\n{list}");
        }
    }
    let examples: Vec<&str> =
        list.lines().filter_map(|line| line.trim().strip_prefix("example ")).map(str::trim).collect();
    assert_eq!(examples.len(), TABLE.len());
    for example in examples {
        assert_eq!(written(example), [example]);
    }
}

proptest! {
    #[test]
    fn nothing_panics_whatever_is_written(text in ".{0,80}") {
        if let Err(error) = parse(&text) {
            prop_assert!(error.column <= text.chars().count() + 1, "{error}");
            prop_assert!(error.to_string().lines().count() == 3);
        }
    }

    #[test]
    fn nothing_panics_on_what_is_almost_right(
        text in r"!? ?(cert|cert\.key|tls|nla|os|name|rtt|skew|addresses|reachable)[.=!<> ]{0,3}[0-9a-zé.:| ]{0,12}(,.{0,8})?",
    ) {
        match parse(&text) {
            Err(error) => prop_assert!(error.column <= text.chars().count() + 1, "{error}"),
            Ok(read) => for expectation in read {
                let again = parse(&expectation.to_string());
                prop_assert_eq!(again.map_err(|error| error.to_string()), Ok(vec![expectation]));
            },
        }
    }
}

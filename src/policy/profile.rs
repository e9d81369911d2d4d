//! Expectations by name: the built-in profiles, and those of a TOML file.
//!
//! ```toml
//! default = "production"
//!
//! [profile.team]
//! description = "what all our machines keep to"
//! extends = "secure"
//! expect = ["cert>30d:7d", "skew<1m:5m"]
//!
//! [profile.production]
//! extends = "team"
//! expect = ["os>=2022, domain=corp.example.com", "rtt<150ms:400ms"]
//! ```

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use toml::Spanned;

use super::Policy;
use super::expectation::Expectation;
use super::expectation::value::suggestion;
use super::expression::{self, ExpressionError};

/// The profile of those who name none.
pub const DEFAULT: &str = "reachable";

/// A file is not larger than this, in bytes.
const LARGEST: usize = 1 << 20;

/// Nobody has more profiles than this in one file.
const MOST_PROFILES: usize = 256;

/// A profile that is always there.
#[derive(Debug, Clone, Copy)]
pub struct BuiltIn {
    /// What it is called.
    pub name: &'static str,
    /// What it is for, one clause.
    pub description: &'static str,
    /// The built-in profile that it adds to.
    pub extends: Option<&'static str>,
    /// What it expects, as one would write it.
    pub expect: &'static [&'static str],
}

/// Every built-in profile, the mildest first.
pub const BUILT_IN: &[BuiltIn] = &[
    BuiltIn {
        name: DEFAULT,
        description: "RDP negotiates and its security layer answers",
        extends: None,
        expect: &["reachable"],
    },
    BuiltIn {
        name: "secure",
        description: "nobody reaches the sign-in screen unauthenticated, and nothing weak is taken",
        extends: Some(DEFAULT),
        // NLA and no standard security: who has not signed in costs the server little and cannot downgrade.
        // TLS below 1.2 is deprecated (RFC 8996); SHA-1 and RSA below 2048 bits are disallowed (NIST SP 800-131A).
        expect: &[
            "nla=required",
            "no-rdp-security",
            "tls>=1.2",
            "cert.valid",
            "cert.server",
            "cert.signature",
            "cert.key>=2048",
        ],
    },
    BuiltIn {
        name: "azure-baseline",
        description: "secure, and what keeps a Windows machine in Azure open to its users: mended CredSSP and a true \
                      clock",
        extends: Some("secure"),
        // Azure's guidance asks for NLA, TLS 1.2 and a certificate that has not ended, which `secure` has. Beside it,
        // the known ways to lock users out of a virtual machine that is otherwise sound: a mended client refuses
        // CredSSP below 5 ("CredSSP encryption oracle remediation", CVE-2018-0886), and Kerberos refuses a clock that
        // is five minutes off.
        expect: &["credssp>=5", "skew<2m:5m"],
    },
];

/// What is wrong with a policy file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    /// What is wrong, one clause.
    pub message: String,
    /// Line and column in the file, each counted from 1, where the mistake has a place.
    pub place: Option<(usize, usize)>,
    /// What to write instead.
    pub hint: Option<String>,
    /// The mistake within an expression.
    pub expression: Option<Box<ExpressionError>>,
}

/// A built-in profile.
#[must_use]
pub fn built_in(name: &str) -> Option<Policy> {
    let mut expectations = Vec::new();
    collect_built_in(name, &mut expectations)?;
    Some(Policy::new(name, expectations))
}

/// INVARIANT: every built-in expression parses and every `extends` stands before; a test holds it, so that nothing is
/// lost here.
fn collect_built_in(name: &str, into: &mut Vec<Expectation>) -> Option<()> {
    let at = BUILT_IN.iter().position(|profile| profile.name == name)?;
    let profile = BUILT_IN.get(at)?;
    let earlier = BUILT_IN.get(..at).unwrap_or_default();
    if let Some(base) = profile.extends.filter(|base| earlier.iter().any(|it| it.name == *base)) {
        collect_built_in(base, into)?;
    }
    for text in profile.expect {
        into.extend(expression::parse(text).ok()?);
    }
    Some(())
}

/// Reads a policy file. Without a name it is the file's `default`, or its only profile.
///
/// # Errors
/// If the file is no policy, an expectation in it is none, or the profile is not there.
pub fn read(text: &str, profile: Option<&str>) -> Result<Policy, PolicyError> {
    if text.len() > LARGEST {
        return Err(PolicyError::new("the file is too large", "at most 1 MiB"));
    }
    let file: File = toml::from_str(text).map_err(|error| PolicyError {
        message: expression::plain(&format!("no policy file: {}", error.message().replace('\n', "; "))),
        place: error.span().map(|span| place(text, span.start)),
        hint: None,
        expression: None,
    })?;
    if file.profile.len() > MOST_PROFILES {
        return Err(PolicyError::new("the file has too many profiles", "at most 256"));
    }
    // Every profile is read, also those that nobody asked for: a mistake is told on the first day.
    for name in file.profile.keys() {
        file.policy(name, text)?;
    }
    file.policy(&file.chosen(profile, text)?, text)
}

/// A policy file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// The profile to use where none is named.
    default: Option<Spanned<String>>,
    /// The profiles by name.
    #[serde(default)]
    profile: BTreeMap<String, Profile>,
}

/// One profile of a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    /// What it is for; for those who read the file.
    #[expect(dead_code, reason = "a description is for readers of the file, and must be allowed in it")]
    #[serde(default)]
    description: String,
    /// The profile that it adds to: one of the file or a built-in one.
    extends: Option<Spanned<String>>,
    /// What it expects.
    #[serde(default)]
    expect: Vec<Spanned<String>>,
}

impl File {
    /// The profile to use.
    fn chosen(&self, asked: Option<&str>, text: &str) -> Result<String, PolicyError> {
        if let Some(asked) = asked {
            return if self.knows(asked) { Ok(asked.to_owned()) } else { Err(self.unknown(asked, None)) };
        }
        if let Some(default) = &self.default {
            let name = default.get_ref();
            let place = place(text, default.span().start);
            return if self.knows(name) { Ok(name.clone()) } else { Err(self.unknown(name, Some(place))) };
        }
        let mut names = self.profile.keys();
        match (names.next(), names.next()) {
            (Some(only), None) => Ok(only.clone()),
            (None, _) => Err(PolicyError::new("the file has no profile", "such as [profile.production]")),
            (Some(first), Some(_)) => Err(PolicyError::new(
                "the file has several profiles, and no default",
                format!("--profile {first}, or default = \"{first}\" at the top of the file"),
            )),
        }
    }

    fn knows(&self, name: &str) -> bool {
        self.profile.contains_key(name) || BUILT_IN.iter().any(|profile| profile.name == name)
    }

    fn unknown(&self, name: &str, place: Option<(usize, usize)>) -> PolicyError {
        let own = self.profile.keys().map(String::as_str);
        let names = own.chain(BUILT_IN.iter().map(|profile| profile.name));
        let message = format!("no profile is called {name}");
        PolicyError { place, ..PolicyError::new(message, suggestion(name, names)) }
    }

    /// A profile with all that it extends, what it extends first. A profile of the file goes before a built-in one.
    fn policy(&self, name: &str, text: &str) -> Result<Policy, PolicyError> {
        let mut chain: Vec<(&str, &Profile)> = Vec::new();
        let mut base = None;
        let mut next = Some((name, None));
        while let Some((name, named_at)) = next {
            let Some((name, profile)) = self.profile.get_key_value(name) else {
                base = Some(built_in(name).ok_or_else(|| self.unknown(name, named_at))?);
                break;
            };
            if chain.iter().any(|(before, _)| before == name) {
                let circle: Vec<&str> =
                    chain.iter().map(|(before, _)| *before).chain([name.as_str()]).collect();
                let message = format!("profiles extend each other in a circle: {}", circle.join(" > "));
                return Err(PolicyError {
                    place: named_at,
                    ..PolicyError::new(message, "one of them must extend none")
                });
            }
            chain.push((name, profile));
            next = profile
                .extends
                .as_ref()
                .map(|extends| (extends.get_ref().as_str(), Some(place(text, extends.span().start))));
        }
        let mut expectations = base.map(|policy| policy.expectations).unwrap_or_default();
        for expression in chain.iter().rev().flat_map(|(_, profile)| &profile.expect) {
            let parsed = expression::parse(expression.get_ref())
                .map_err(|error| PolicyError::of_expression(expression, error, text))?;
            expectations.extend(parsed);
        }
        if expectations.is_empty() {
            let message = format!("the profile {name} expects nothing");
            return Err(PolicyError::new(message, "such as expect = [\"nla=required\"]"));
        }
        Ok(Policy::new(name, expectations))
    }
}

impl PolicyError {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        let (message, hint) = (expression::plain(&message.into()), expression::plain(&hint.into()));
        Self { message, place: None, hint: Some(hint), expression: None }
    }

    fn of_expression(written: &Spanned<String>, error: ExpressionError, text: &str) -> Self {
        let span = written.span();
        let (line, column) = place(text, span.start);
        // Where the string has no escapes, the character in the expression has its place in the file.
        let quoted = text.get(span).and_then(|it| it.get(1..it.len().saturating_sub(1)));
        let is_plain = quoted == Some(written.get_ref().as_str());
        let column = if is_plain { column.saturating_add(error.column) } else { column };
        Self {
            message: "an expectation cannot be read".to_owned(),
            place: Some((line, column)),
            hint: error.hint.clone(),
            expression: Some(Box::new(error)),
        }
    }
}

/// Line and column of a byte, each counted from 1, the column in characters.
fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.split('\n').count();
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count().saturating_add(1);
    (line, column)
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.place {
            write!(f, "line {line}, column {column}: ")?;
        }
        f.write_str(&self.message)?;
        match &self.expression {
            Some(expression) => write!(f, ": {expression}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for PolicyError {}

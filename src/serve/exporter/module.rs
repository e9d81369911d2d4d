//! What a probe on request sets out to do: the built-in modules, and those of a TOML file.
//!
//! ```toml
//! allow = ["*.corp.example.com", "10.20.0.0/16"]
//!
//! [modules.production]
//! timeout = "8s"
//! expect = ["reachable, nla=required", "cert>7d"]
//!
//! [modules.quick]
//! depth = "negotiate"
//! families = "ipv4"
//! connect-timeout = "2s"
//! resolver = "10.20.0.53:53"
//! ```

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use serde::Deserialize;

use crate::evidence::Stage;
use crate::policy::Policy;
use crate::policy::expression;
use crate::probe::Plan;
use crate::probe::plan::{Families, Timeouts};

/// The module of those who name none.
pub const DEFAULT: &str = "rdp";

/// A file is not larger than this, in bytes.
const LARGEST: usize = 1 << 20;

/// No more modules than this in one file.
const MOST: usize = 256;

/// The name of a module is no longer than this, in characters.
const LONGEST_NAME: usize = 64;

/// How long a probe takes at most, where the module does not say: below Prometheus's usual scrape timeout of 10 seconds.
const TIMEOUT: Duration = Duration::from_millis(9500);

/// No probe lasts longer than this, whatever a module says.
const LONGEST: Duration = Duration::from_secs(300);

/// A module: how to probe, and what has to hold.
#[derive(Debug, Clone)]
pub struct Module {
    /// How the network is used. Other ports of the target are never touched.
    pub plan: Plan,
    /// What has to hold for `probe_success` to be 1; none: every stage asked for has to succeed.
    pub policy: Option<Policy>,
}

/// A file of settings.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to connect, as with `--allow`.
    pub allow: Vec<String>,
    /// Other ports, as with `--allow-port`.
    pub allow_ports: Vec<u16>,
    /// The modules, the built-in ones included; the file may replace them.
    pub modules: BTreeMap<String, Module>,
}

/// What is wrong with a file of settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigError {
    message: String,
    /// What to write instead.
    pub hint: Option<String>,
}

impl Config {
    /// The built-in modules, and nothing allowed.
    #[must_use]
    pub fn built_in() -> Self {
        let policy = |text: &str| Policy::new(text, expression::parse(text).unwrap_or_default());
        let module = |depth, policy| Module { plan: plan(depth), policy };
        let modules = [
            (DEFAULT, module(Stage::Credssp, None)),
            ("tcp", module(Stage::Connect, None)),
            ("tls", module(Stage::Tls, None)),
            ("nla", module(Stage::Credssp, Some(policy("reachable, nla=required")))),
        ];
        let modules = modules.map(|(name, module)| (name.to_owned(), module));
        Self { allow: Vec::new(), allow_ports: Vec::new(), modules: modules.into() }
    }

    /// Reads a file of settings.
    ///
    /// # Errors
    /// If it is no such file: what is wrong, and where.
    pub fn read(text: &str) -> Result<Self, ConfigError> {
        if text.len() > LARGEST {
            return Err(ConfigError::new("the file is too large", Some("at most 1 MiB")));
        }
        let file: File = toml::from_str(text)
            .map_err(|error| ConfigError::new(plain(error.to_string().trim_end()), None))?;
        if file.modules.len() > MOST {
            return Err(ConfigError::new("the file has too many modules", Some("at most 256")));
        }
        let mut config = Self { allow: file.allow, allow_ports: file.allow_ports, ..Self::built_in() };
        for (name, written) in file.modules {
            let module = written.module(&name)?;
            config.modules.insert(name, module);
        }
        Ok(config)
    }
}

/// The plan of a module that says nothing but how deep.
fn plan(depth: Stage) -> Plan {
    let timeouts = Timeouts { total: TIMEOUT, ..Timeouts::default() };
    // One port, the one that was asked for: the exporter is no port scanner.
    Plan { depth, control_ports: Vec::new(), timeouts, ..Plan::default() }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    #[serde(default)]
    allow: Vec<String>,
    #[serde(default)]
    allow_ports: Vec<u16>,
    #[serde(default)]
    modules: BTreeMap<String, Written>,
}

/// A module as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    /// What it is for; for those who read the file.
    #[expect(dead_code, reason = "a description is for readers of the file, and must be allowed in it")]
    #[serde(default)]
    description: String,
    depth: Option<Depth>,
    #[serde(default)]
    full: bool,
    #[serde(default)]
    families: WrittenFamilies,
    /// The resolver to ask instead of the system's, with its port.
    resolver: Option<SocketAddr>,
    /// Empty: none is sent.
    cookie: Option<String>,
    timeout: Option<String>,
    resolve_timeout: Option<String>,
    connect_timeout: Option<String>,
    negotiate_timeout: Option<String>,
    tls_timeout: Option<String>,
    credssp_timeout: Option<String>,
    #[serde(default)]
    expect: Vec<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Depth {
    Connect,
    Negotiate,
    Tls,
    Credssp,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WrittenFamilies {
    #[default]
    Any,
    Ipv4,
    Ipv6,
}

impl Written {
    fn module(&self, name: &str) -> Result<Module, ConfigError> {
        if name.is_empty() || name.len() > LONGEST_NAME {
            let hint = "the name of a module has 1 to 64 characters";
            return Err(ConfigError::new(format!("no name for a module: {}", plain(name)), Some(hint)));
        }
        let mut plan = plan(match self.depth {
            Some(Depth::Connect) => Stage::Connect,
            Some(Depth::Negotiate) => Stage::Negotiate,
            Some(Depth::Tls) => Stage::Tls,
            Some(Depth::Credssp) | None => Stage::Credssp,
        });
        plan.full = self.full;
        plan.resolver = self.resolver;
        plan.families = match self.families {
            WrittenFamilies::Any => Families::Any,
            WrittenFamilies::Ipv4 => Families::V4,
            WrittenFamilies::Ipv6 => Families::V6,
        };
        if let Some(cookie) = &self.cookie {
            plan.cookie = Self::cookie(cookie, name)?;
        }
        let timeouts = &mut plan.timeouts;
        for (written, key, time) in [
            (&self.timeout, "timeout", &mut timeouts.total),
            (&self.resolve_timeout, "resolve-timeout", &mut timeouts.resolve),
            (&self.connect_timeout, "connect-timeout", &mut timeouts.connect),
            (&self.negotiate_timeout, "negotiate-timeout", &mut timeouts.negotiate),
            (&self.tls_timeout, "tls-timeout", &mut timeouts.tls),
            (&self.credssp_timeout, "credssp-timeout", &mut timeouts.credssp),
        ] {
            if let Some(text) = written {
                *time = duration(text).ok_or_else(|| ConfigError::time(name, key, text))?;
            }
        }
        Ok(Module { plan, policy: self.policy(name)? })
    }

    /// The cookie stands in a line of its own on the wire.
    fn cookie(cookie: &str, name: &str) -> Result<Option<String>, ConfigError> {
        if cookie.len() > 64 || !cookie.bytes().all(|byte| byte.is_ascii_graphic()) {
            let hint = "at most 64 printable characters of ASCII, without blanks; an empty one sends none";
            return Err(ConfigError::new(format!("module {name}: no cookie: {}", plain(cookie)), Some(hint)));
        }
        Ok(Some(cookie.to_owned()).filter(|cookie| !cookie.is_empty()))
    }

    fn policy(&self, name: &str) -> Result<Option<Policy>, ConfigError> {
        let mut expectations = Vec::new();
        for text in &self.expect {
            expectations.extend(expression::parse(text).map_err(|error| ConfigError {
                message: format!("module {name}: {error}"),
                hint: error.hint.clone(),
            })?);
        }
        Ok((!expectations.is_empty()).then(|| Policy::new(name, expectations)))
    }
}

/// `500ms`, `5s`, `1m`; from a millisecond to five minutes.
fn duration(text: &str) -> Option<Duration> {
    let signed: jiff::SignedDuration = text.parse().ok()?;
    let time = Duration::try_from(signed).ok()?;
    (Duration::from_millis(1)..=LONGEST).contains(&time).then_some(time)
}

impl ConfigError {
    fn new(message: impl Into<String>, hint: Option<&str>) -> Self {
        Self { message: message.into(), hint: hint.map(str::to_owned) }
    }

    fn time(name: &str, key: &str, text: &str) -> Self {
        let hint = "a time is a number and a unit, such as 500ms, 5s or 1m, and at most 5m";
        Self::new(format!("module {name}: no {key}: {}", plain(text)), Some(hint))
    }
}

/// The user's own text in an error: nothing in it that a terminal obeys but the ends of lines.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '?' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_adds_to_the_built_in_modules() {
        let config = Config::read(
            "allow = [\"10.0.0.0/8\"]\nallow-ports = [3390]\n[modules.quick]\ndepth = \"negotiate\"\n\
             families = \"ipv4\"\ntimeout = \"2s\"\ncookie = \"\"\nexpect = [\"nla=required, cert>7d\"]\n",
        )
        .unwrap();
        assert_eq!((config.allow, config.allow_ports), (vec!["10.0.0.0/8".to_owned()], vec![3390]));
        let quick = config.modules.get("quick").unwrap();
        assert_eq!((quick.plan.depth, quick.plan.families), (Stage::Negotiate, Families::V4));
        assert_eq!(quick.plan.timeouts.total, Duration::from_secs(2));
        assert_eq!(quick.plan.cookie, None);
        assert_eq!(quick.policy.as_ref().unwrap().expectations.len(), 2);
        for name in [DEFAULT, "tcp", "tls", "nla"] {
            let module = config.modules.get(name).unwrap();
            assert!(module.plan.control_ports.is_empty(), "{name} touches other ports");
            assert_eq!(module.plan.timeouts.total, TIMEOUT, "{name}");
        }
    }

    #[test]
    fn the_built_in_expectations_parse() {
        let config = Config::built_in();
        assert_eq!(config.modules["nla"].policy.as_ref().unwrap().expectations.len(), 2);
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        for (text, told) in [
            ("[modules.a]\ndepht = \"tls\"", "unknown field"),
            ("[modules.a]\ndepth = \"tsl\"", "unknown variant"),
            ("[modules.a]\ntimeout = \"never\"", "module a: no timeout: never"),
            ("[modules.a]\ntls-timeout = \"1h\"", "module a: no tls-timeout: 1h"),
            ("[modules.a]\nexpect = [\"nla=requierd\"]", "module a: "),
            ("[modules.a]\ncookie = \"a b\"", "module a: no cookie"),
            ("[modules.\"\"]\n", "no name for a module"),
            ("alow = []", "unknown field"),
        ] {
            let error = Config::read(text).unwrap_err().to_string();
            assert!(error.contains(told), "{text}: {error}");
        }
        assert!(Config::read(&"#".repeat(LARGEST + 1)).is_err());
    }
}

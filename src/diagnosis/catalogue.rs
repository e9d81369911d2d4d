//! The catalogue of documented causes: one Markdown file each, embedded in the binary, parsed once.
//!
//! To add a cause: add `catalogue/<id>.md` and its name to the list below.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::{Confidence, Fix};

// Where commands are run, and where in the chain a cause sits.
mod place;

pub use place::{Channel, Family};

/// One documented cause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// The stable id; the file's name.
    pub id: String,
    /// Other ids under which it is documented.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What is wrong, in one clause.
    pub title: String,
    /// Where in the chain it sits.
    pub family: Family,
    /// What the user's client displays.
    #[serde(default)]
    pub says: Vec<String>,
    /// The same by id: `says.*` observations that it is known for.
    #[serde(default)]
    pub heard: Vec<String>,
    /// Observations that it accounts for; a pattern may end in `.*`.
    #[serde(default)]
    pub explains: Vec<String>,
    /// Of these at least one must be there too; none: no such demand.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Observations that rule it out.
    #[serde(default)]
    pub excludes: Vec<String>,
    /// Observations that make it less likely, and do not rule it out.
    #[serde(default)]
    pub against: Vec<String>,
    /// Observations that prove it.
    #[serde(default)]
    pub confirms: Vec<String>,
    /// How sure the link between cause and signature is.
    pub confidence: Confidence,
    /// Among causes that are supported alike, the lower one goes first: the more common, the cheaper to check.
    #[serde(default = "middle")]
    pub order: u8,
    /// A state that is worth explaining and is no failure.
    #[serde(default)]
    pub informational: bool,
    /// Why the wire cannot show it, for a cause that explains no observation of the probe's.
    #[serde(default)]
    pub invisible: Option<String>,
    /// Causes that look the same from outside.
    #[serde(default)]
    pub twins: Vec<String>,
    /// The cheapest check that tells it from all its twins.
    #[serde(default)]
    pub next_check: Option<String>,
    /// A cheaper check that tells it from one twin, by the twin's id.
    #[serde(default)]
    pub separates: BTreeMap<String, String>,
    /// Events in the guest's logs: provider and number.
    #[serde(default)]
    pub events: Vec<String>,
    /// The vendor's pages.
    #[serde(default)]
    pub docs: Vec<String>,
    /// What to run, the least intrusive first.
    #[serde(default, rename = "fix")]
    pub fixes: Vec<Remedy>,
    /// Procedures that mend it too or come before a fix, by id.
    #[serde(default)]
    pub procedures: Vec<String>,
    /// What it is, how to confirm, how to fix, what to watch for: Markdown.
    #[serde(skip_deserializing)]
    pub prose: String,
}

/// Commands that mend a cause, on one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remedy {
    /// Where to run them.
    pub channel: Channel,
    /// The commands, in order; for the portal, the steps.
    pub commands: Vec<String>,
    /// What running them does to the machine and its users.
    #[serde(default)]
    pub impact: Impact,
    /// Whether it lowers security: such a fix comes last.
    #[serde(default)]
    pub lowers_security: bool,
    /// What they cost, where they lower security or interrupt users.
    #[serde(default)]
    pub warning: Option<String>,
    /// What to see when it has worked.
    #[serde(default)]
    pub expect: Option<String>,
}

impl From<&Remedy> for Fix {
    fn from(remedy: &Remedy) -> Self {
        Self {
            channel: remedy.channel.word().to_owned(),
            commands: remedy.commands.clone(),
            warning: remedy.warning.clone(),
        }
    }
}

/// What commands do to the machine and its users, the gentlest first.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Impact {
    /// They only look.
    Reads,
    /// They change a setting and interrupt nobody.
    #[default]
    Changes,
    /// They end sessions: a service restarts.
    Interrupts,
    /// The machine restarts.
    Restarts,
    /// The machine is stopped, moved, or its disk is worked on elsewhere.
    Rebuilds,
}

/// Every cause, by id.
#[must_use]
pub fn all() -> &'static [Cause] {
    &CATALOGUE.0
}

/// The cause with this id, or with this other name for it.
#[must_use]
pub fn get(id: &str) -> Option<&'static Cause> {
    let named = || all().iter().find(|cause| cause.aliases.iter().any(|alias| alias == id));
    // They stand in the order of their ids.
    let place = all().binary_search_by(|cause| cause.id.as_str().cmp(id));
    place.ok().and_then(|place| all().get(place)).or_else(named)
}

/// Files that cannot be read, with the reason. Never any in a build whose tests have passed.
#[must_use]
pub fn broken() -> &'static [String] {
    &CATALOGUE.1
}

/// Every embedded file: name and text.
#[must_use]
pub const fn files() -> &'static [(&'static str, &'static str)] {
    FILES
}

static CATALOGUE: LazyLock<(Vec<Cause>, Vec<String>)> = LazyLock::new(|| {
    let (mut causes, broken) = load(FILES, parse, |cause| &cause.id);
    causes.sort_by(|a, b| a.id.cmp(&b.id));
    (causes, broken)
});

/// What embedded files hold, and why any cannot be read; a file's name is the id of what it holds.
pub(super) fn load<T>(
    files: &[(&str, &str)],
    parse: fn(&str) -> Result<T, String>,
    id: fn(&T) -> &str,
) -> (Vec<T>, Vec<String>) {
    let (mut read, mut broken) = (Vec::new(), Vec::new());
    for (name, text) in files {
        match parse(text) {
            Ok(one) if id(&one) == *name => read.push(one),
            Ok(one) => broken.push(format!("{name}.md: its id is {}", id(&one))),
            Err(reason) => broken.push(format!("{name}.md: {reason}")),
        }
    }
    (read, broken)
}

const FENCE: &str = "+++\n";

const fn middle() -> u8 {
    50
}

/// Reads one file: TOML between two lines `+++`, then prose.
///
/// # Errors
/// In words, if a fence is missing or the front matter is not what [`Cause`] holds.
pub fn parse(text: &str) -> Result<Cause, String> {
    let (mut cause, prose): (Cause, &str) = front_matter(text)?;
    prose.clone_into(&mut cause.prose);
    Ok(cause)
}

/// The front matter of a file, and the prose after it.
pub(super) fn front_matter<T: serde::de::DeserializeOwned>(text: &str) -> Result<(T, &str), String> {
    let rest = text.strip_prefix(FENCE).ok_or("it does not begin with +++")?;
    let (front, prose) = rest.split_once("\n+++\n").ok_or("the front matter is not closed by +++")?;
    Ok((toml::from_str(front).map_err(|error| error.to_string())?, prose.trim()))
}

macro_rules! embedded {
    ($($name:literal)*) => {
        &[$( ($name, include_str!(concat!("catalogue/", $name, ".md"))) ),*]
    };
}

const FILES: &[(&str, &str)] = embedded! {
    "aad-client-not-joined"
    "aad-extension-failed"
    "aad-mfa-required"
    "aad-rbac-role-missing"
    "access-denied-acl"
    "account-disabled"
    "account-expired"
    "account-locked"
    "bad-credentials"
    "black-screen"
    "broken-secure-channel"
    "brute-force"
    "cert-made-with-wrong-clock"
    "cert-without-server-eku"
    "cipher-suite-mismatch"
    "client-certificate-required"
    "client-limits"
    "client-no-network"
    "client-resolver-down"
    "client-root-cert-lookup"
    "client-side-block"
    "credssp-encryption-oracle"
    "credssp-ntlm-blocked"
    "credssp-refused"
    "custom-cert-out-of-date"
    "dhcp-client-disabled"
    "dns-name-unresolved"
    "dns-stale-ip"
    "dns-zone-broken"
    "domain-creds-disabled"
    "drain-mode"
    "encryption-level-too-high"
    "fips-only"
    "gp-refresh-flap"
    "guest-firewall-block-all-inbound"
    "guest-firewall-rule-disabled"
    "ipsec-or-third-party-firewall"
    "ipv6-not-served"
    "jit-access-not-requested"
    "keepalive-idle-cut"
    "lb-or-nat-rule"
    "legacy-tls-only"
    "listener-bound-to-wrong-nic"
    "listener-disabled"
    "listener-key-corrupt"
    "listener-logon-disabled"
    "listener-misconfigured-disconnects"
    "lmcompat-ntlmv1"
    "lsa-wrong-authority"
    "machine-renamed"
    "max-connections"
    "middlebox-answers"
    "multi-ip-primary"
    "must-change-password"
    "netlogon-not-starting"
    "netvsc-driver"
    "network-service-rights"
    "nic-disabled"
    "nla-dc-unreachable"
    "nla-required"
    "no-public-ip"
    "no-rdp-logon-right"
    "nsg-blocks-rdp"
    "nsi-not-starting"
    "openssl-security-level"
    "other-firewall-refuses"
    "platform-issue"
    "port-taken-by-other-app"
    "profile-corrupt"
    "rd-broker-stale-redirect-ip"
    "rd-connection-broker-hostname-changed"
    "rd-service-busy"
    "rdp-cert-damaged"
    "rdp-cert-missing"
    "rdp-cert-private-key-inaccessible"
    "rdp-disabled-gpo"
    "rdp-disabled-registry"
    "rdp-port-changed"
    "rdp-selfsigned-cert-expired-not-renewed"
    "rds-licence"
    "safe-mode"
    "security-layer-rdp"
    "server-key-unusable"
    "server-not-windows"
    "silent-downgrade"
    "ssl-cert-thumbprint-mismatch"
    "static-ip-in-guest"
    "sysprep-state"
    "termservice-hung"
    "termservice-not-running"
    "time-skew"
    "tls-client-mismatch"
    "tls-library-too-new"
    "tls-required"
    "tls-version-disabled"
    "too-many-sessions"
    "ts-disabled"
    "ts-user-disabled"
    "ts-x509-cert-corrupt"
    "unknown-server-behaviour"
    "vm-boot-stuck"
    "vm-needs-redeploy"
    "vm-not-running"
    "wrong-route"
};

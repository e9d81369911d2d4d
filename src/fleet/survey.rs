//! What a scan found, counted: what a page about a fleet shows above its table of hosts. Types only.

use serde::{Deserialize, Serialize};

use super::scanned::Scanned;

/// The name and version of the format.
pub const FLEET_SCHEMA: &str = "rdprobe.fleet/1";

/// So many weeks ahead the ends of certificates are counted one by one.
pub const WEEKS: usize = 26;

/// A scan and all its hosts, as `rdprobe report --format json` prints it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Fleet {
    /// The scan, counted.
    #[serde(flatten)]
    pub survey: Survey,
    /// Every target, in the order of the source.
    pub hosts: Vec<Scanned>,
}

/// A scan, counted. Times are UTC, by the clock of the machine that scanned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Survey {
    /// Always `rdprobe.fleet/1`; additions only within a version.
    #[schemars(extend("const" = FLEET_SCHEMA))]
    pub schema: String,
    /// The program that read the record: `rdprobe 0.1.0`.
    pub by: String,
    /// The scan's number in its file.
    pub scan: i64,
    /// What was scanned, as the user said it.
    pub source: String,
    /// How much was asked of every target.
    pub depth: String,
    /// When it began.
    #[schemars(with = "String")]
    pub began: jiff::Timestamp,
    /// When its last target was asked; everything that depends on a date is counted from here.
    #[schemars(with = "String")]
    pub latest: jiff::Timestamp,
    /// When it ended; null while it runs, and after a crash.
    #[schemars(with = "Option<String>")]
    pub ended: Option<jiff::Timestamp>,
    /// How many targets are in the record.
    pub targets: u64,
    /// By verdict, the most frequent first.
    pub verdicts: Vec<Count>,
    /// By what the expectations came to, the most frequent first; empty without `--expect`.
    pub results: Vec<Count>,
    /// By the expectation missed, the most frequent first. A host counts for each that it misses.
    pub missed: Vec<Count>,
    /// By the first cause, the most frequent first.
    pub causes: Vec<CauseCount>,
    /// By the stage that failed, in the order of the flow.
    pub stages: Vec<Count>,
    /// When the certificates end.
    pub certificates: Certificates,
    /// By TLS version accepted, oldest first. A host counts for each of its versions. Empty below depth `full`, where
    /// only those are asked whose handshake fails.
    pub tls_versions: Posture,
    /// By what is said of NLA. Below depth `full`, `selected` where it is perhaps required.
    pub nla: Posture,
    /// By what is said of standard RDP security. Empty below depth `full`, as `tls_versions` is.
    pub standard_rdp: Posture,
    /// By Windows build, newest first.
    pub builds: Vec<BuildCount>,
    /// How long the connects took.
    pub connect: Option<Connects>,
    /// Hosts that differ from their fleet.
    pub outliers: Vec<Outlier>,
}

/// How many hosts have a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Count {
    /// The value, in the word that it has everywhere.
    pub value: String,
    /// How many hosts.
    pub hosts: u64,
}

/// How many hosts have which value, of those that showed one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Posture {
    /// How many hosts showed it.
    pub known: u64,
    /// The values.
    pub counts: Vec<Count>,
}

/// How many hosts a cause explains best.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CauseCount {
    /// Its id: `rdprobe explain ID`.
    pub id: String,
    /// Its title; null if this rdprobe does not know the cause.
    pub title: Option<String>,
    /// How many hosts.
    pub hosts: u64,
    /// Of these, how many for which it is confirmed.
    pub confirmed: u64,
    /// Of these, how many for which it is likely.
    pub likely: u64,
}

/// When the certificates of the hosts end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Certificates {
    /// Already over.
    pub expired: u64,
    /// Week by week from the end of the scan.
    pub weeks: Vec<Week>,
    /// After these weeks.
    pub later: u64,
    /// No certificate was seen.
    pub unseen: u64,
}

/// Seven days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Week {
    /// Where they begin.
    #[schemars(with = "String")]
    pub from: jiff::Timestamp,
    /// How many certificates end in them.
    pub hosts: u64,
}

/// How many hosts run a build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct BuildCount {
    /// Version and build: `10.0.20348`.
    pub build: String,
    /// The products that carry it; null if it is not known here.
    pub product: Option<String>,
    /// How many hosts.
    pub hosts: u64,
    /// Whether Microsoft mends it, at the time of the scan.
    pub support: Support,
    /// Until when, by product: `Windows Server 2016 until 2027-01-12`.
    pub until: Vec<String>,
}

/// Whether Microsoft mends a build without a further contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Support {
    /// Every product with this build.
    Supported,
    /// Some products with this build: the number does not tell which one it is.
    SomeEditions,
    /// None; at least one gets extended security updates, if somebody paid for them.
    PaidOnly,
    /// None.
    Ended,
    /// The build is not known here.
    Unknown,
}

/// How long the TCP connects took, in microseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Connects {
    /// How many were answered.
    pub hosts: u64,
    /// The median.
    pub p50_us: u64,
    /// 99 in 100 are no greater.
    pub p99_us: u64,
    /// The greatest.
    pub max_us: u64,
}

/// Hosts that differ from most of their fleet, or share what should be one machine's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Outlier {
    /// In what.
    pub kind: OutlierKind,
    /// What they have.
    pub value: String,
    /// What most others have, where that is what makes them differ.
    pub usual: Option<String>,
    /// How many hosts.
    pub hosts: u64,
    /// The first of them, by target.
    pub examples: Vec<Example>,
}

/// In what a host differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutlierKind {
    /// Few have this value, most have another.
    Nla,
    /// The same of standard RDP security.
    StandardRdp,
    /// The same of the TLS versions accepted.
    TlsVersions,
    /// The same of the build.
    Build,
    /// The same of the domain.
    Domain,
    /// The same of the certificate's issuer.
    Issuer,
    /// The same of whether the certificate is its own issuer.
    SelfIssued,
    /// Several computers show one certificate.
    SameCertificate,
    /// One computer name shows at several addresses.
    SameComputer,
    /// The clock is more than five minutes off: Kerberos refuses.
    Clock,
    /// The connect took more than ten times the median.
    SlowConnect,
}

/// A host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Example {
    /// Its place in the source.
    pub position: u64,
    /// The target, as the source has it.
    pub target: String,
    /// What it has, where each has another value.
    pub value: Option<String>,
}

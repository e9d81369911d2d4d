//! What has to hold: the arguments of every command that judges.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(in crate::cli) struct ExpectationArgs {
    /// What has to hold: nla=required, tls>=1.2, cert>30d:7d, name=MYVM, ...; may be repeated
    #[arg(long, value_name = "EXPR")]
    pub(in crate::cli) expect: Vec<String>,

    /// Expectations from a TOML file
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) policy: Option<PathBuf>,

    /// A profile of that file, or a built-in one: reachable, secure, azure-baseline
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) profile: Option<String>,
}

impl ExpectationArgs {
    /// Whether nothing is expected.
    pub(in crate::cli) const fn is_empty(&self) -> bool {
        self.expect.is_empty() && self.policy.is_none() && self.profile.is_none()
    }
}

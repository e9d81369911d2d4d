//! `--policy`, `--profile` and `--expect` to one policy.

use std::path::Path;

use rdprobe::fleet::depth::Depth;
use rdprobe::policy::Policy;
use rdprobe::policy::expression::{self, ExpressionError};
use rdprobe::policy::profile::{self, PolicyError};

use super::args::ExpectationArgs;
use super::settings::{UsageError, read_file};

/// A policy file is a page of expectations; nothing longer is one.
const LONGEST: u64 = 1 << 20;

/// The policy that the arguments ask for: a profile, then each `--expect`; without any, that RDP answers.
pub(super) fn policy(args: &ExpectationArgs) -> Result<Policy, UsageError> {
    let named = match (&args.policy, &args.profile) {
        (Some(file), profile) => Some(from_file(file, profile.as_deref())?),
        (None, Some(name)) => Some(built_in(name)?),
        (None, None) => None,
    };
    let mut expectations = Vec::new();
    for text in &args.expect {
        expectations.extend(expression::parse(text).map_err(not_understood)?);
    }
    let expected = (!args.expect.is_empty()).then(|| Policy::new("--expect", expectations));
    Ok(Policy::joined(named.into_iter().chain(expected)))
}

/// The policy for each host of a scan, none where nothing is expected. Where the scan is deep enough to tell, a host is
/// expected to be reachable too.
pub(super) fn of_scan(args: &ExpectationArgs, depth: Depth) -> Result<Option<Policy>, UsageError> {
    if args.is_empty() {
        return Ok(None);
    }
    let policy = policy(args)?;
    Ok(Some(if depth.untested().is_none() { policy.of_reachable() } else { policy }))
}

fn from_file(path: &Path, name: Option<&str>) -> Result<Policy, UsageError> {
    let bytes = read_file(path, LONGEST, "any policy file")?;
    let text = String::from_utf8(bytes).map_err(|_| UsageError {
        message: format!("{} is no policy file: it is no UTF-8", path.display()),
        hint: Some("save it as UTF-8".to_owned()),
    })?;
    profile::read(&text, name).map_err(|error: PolicyError| UsageError {
        message: format!("{}: {error}", path.display()),
        hint: error.hint,
    })
}

fn built_in(name: &str) -> Result<Policy, UsageError> {
    profile::built_in(name).ok_or_else(|| {
        let names: Vec<&str> = profile::BUILT_IN.iter().map(|profile| profile.name).collect();
        UsageError {
            message: format!("no built-in profile is called {name}"),
            hint: Some(format!("there are {}; your own come from --policy FILE", names.join(", "))),
        }
    })
}

fn not_understood(error: ExpressionError) -> UsageError {
    UsageError { message: error.to_string(), hint: error.hint }
}

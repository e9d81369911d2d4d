//! What a scan is, for its journal: everything that decides which targets there are and what is told of them.

use std::path::Path;

use rdprobe::fleet::depth::Depth;
use rdprobe::fleet::journal::Header;
use rdprobe::policy::Policy;
use rdprobe::probe::Plan;
use rdprobe::probe::plan::Families;

use super::outlets::Destination;
use crate::cli::args::ScanArgs;

/// The scan that the arguments mean. `plan` is how each target is asked, `policy` what is expected of it: a file of
/// that name may say something else by the time that the scan goes on.
pub(super) fn header(args: &ScanArgs, plan: &Plan, policy: Option<&Policy>) -> Header {
    let mut outlets: Vec<String> = args.told.format.iter().map(Destination::to_string).collect();
    if let Some(path) = &args.told.record {
        outlets.push(format!("record={}", path.display()));
    }
    let expected = policy.into_iter().flat_map(|policy| &policy.expectations);
    let others = [
        named("--policy", args.expected.policy.as_deref().map(Path::display)),
        named("--profile", args.expected.profile.as_ref()),
        named("--column", args.source.column.as_ref()),
        named("--port", args.source.port),
        args.told.reports.then(|| "--reports".to_owned()),
    ];
    let others = others.into_iter().flatten();
    Header::new(
        args.sources.clone(),
        args.source.exclude.clone(),
        args.source.settings(super::feed::SEED).seed,
        Depth::from(args.depth),
        outlets,
        others.chain(expected.map(|it| format!("--expect {it}"))).chain(asked(plan)).collect(),
    )
}

/// How each target is asked. How patiently, and how many at a time, may be another each time.
fn asked(plan: &Plan) -> impl Iterator<Item = String> {
    let families = match plan.families {
        Families::Any => None,
        Families::V4 => Some("--ipv4".to_owned()),
        Families::V6 => Some("--ipv6".to_owned()),
    };
    let id = plan.correlation_id.map(|id| data_encoding::HEXLOWER.encode(&id));
    let ports: Vec<String> = plan.control_ports.iter().map(u16::to_string).collect();
    let options = [
        families,
        named("--resolver", plan.resolver),
        named("--source", plan.source),
        named("--interface", plan.interface.as_ref()),
        Some(named("--cookie", plan.cookie.as_ref()).unwrap_or_else(|| "--no-cookie".to_owned())),
        named("--correlation-id", id),
        named("--control-ports", (!ports.is_empty()).then(|| ports.join(","))),
    ];
    options.into_iter().flatten()
}

fn named(name: &str, value: Option<impl std::fmt::Display>) -> Option<String> {
    value.map(|value| format!("{name} {value}"))
}

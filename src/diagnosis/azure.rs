//! What Azure says of a machine: the JSON of `az vm get-instance-view`, `az vm show -d`, `az network watcher
//! test-ip-flow` and `show-next-hop`, and of Resource health; names are taken in either spelling, az's or PowerShell's.

use serde_json::Value;

use crate::evidence::{Testimony, Witness};

/// Rules that Defender for Cloud writes for just-in-time access.
const JIT_RULES: [&str; 2] = ["MicrosoftDefenderForCloud-JITRule", "SecurityCenter-JITRule"];

/// How deep an answer may be nested; Azure's own are at most eight.
const MAX_DEPTH: usize = 16;

/// What the answer tells; nothing if it is none of those known.
#[must_use]
pub fn read(answer: &Value) -> Vec<Testimony> {
    let mut told = Vec::new();
    walk(answer, 0, &mut told);
    told.dedup();
    told
}

/// Reads an object, and what it holds: `--query` may have cut any part out of the whole.
fn walk(value: &Value, depth: usize, told: &mut Vec<Testimony>) {
    if depth > MAX_DEPTH {
        return;
    }
    match value {
        Value::Array(values) => values.iter().for_each(|value| walk(value, depth.saturating_add(1), told)),
        Value::Object(fields) => {
            for read in [power, agent, ip_flow, next_hop, health, public_ip] {
                told.extend(read(value));
            }
            fields.values().for_each(|value| walk(value, depth.saturating_add(1), told));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// `"code": "PowerState/running"` of an instance view, `"powerState": "VM running"` of `az vm show -d`.
fn power(object: &Value) -> Option<Testimony> {
    let code = text(object, "code").filter(|code| code.starts_with("PowerState/"));
    let state = code.or_else(|| text(object, "powerState"))?;
    let known = ["running", "starting", "stopped", "stopping", "deallocated", "deallocating"];
    let word = known.into_iter().find(|word| state.ends_with(word))?;
    let id = if word == "running" { "azure.power.ok" } else { "azure.power.bad" };
    Some(testimony(id, format!("the machine is {word}")))
}

fn agent(object: &Value) -> Option<Testimony> {
    let agent = field(object, "vmAgent")?;
    let status = field(agent, "statuses")?.as_array()?.first()?;
    let status = text(status, "displayStatus")?;
    let id = if status == "Ready" { "azure.agent.ok" } else { "azure.agent.bad" };
    Some(testimony(id, format!("the agent inside the machine is {}", bounded(status))))
}

fn ip_flow(object: &Value) -> Option<Testimony> {
    let access = text(object, "access")?;
    // A rule of a group has an access too, and no rule that decided.
    let rule = text(object, "ruleName")?;
    let rule = rule.rsplit('/').next().unwrap_or(rule);
    let id = match access {
        "Allow" => "azure.ip-flow.ok",
        "Deny" if JIT_RULES.iter().any(|jit| rule.starts_with(jit)) => "azure.ip-flow.jit",
        "Deny" => "azure.ip-flow.bad",
        _ => return None,
    };
    Some(testimony(id, format!("IP flow verify: {access} by the rule {}", bounded(rule))))
}

fn next_hop(object: &Value) -> Option<Testimony> {
    let hop = text(object, "nextHopType")?;
    let straight = ["Internet", "VnetLocal", "VirtualNetwork", "VnetPeering", "VirtualNetworkPeering"];
    let id = match hop {
        "None" | "VirtualAppliance" => "azure.next-hop.bad",
        hop if straight.contains(&hop) => "azure.next-hop.ok",
        _ => return None,
    };
    Some(testimony(id, format!("the next hop of the way back is {hop}")))
}

fn health(object: &Value) -> Option<Testimony> {
    let state = text(object, "availabilityState")?;
    let id = match state {
        "Available" => "azure.health.ok",
        "Unavailable" | "Degraded" => "azure.health.bad",
        _ => return None,
    };
    let why = text(object, "title").or_else(|| text(object, "summary")).map(bounded);
    let why = why.map_or_else(String::new, |why| format!(": {why}"));
    Some(testimony(id, format!("Resource health says {state}{why}")))
}

/// `"publicIps": ""` of `az vm show -d`.
fn public_ip(object: &Value) -> Option<Testimony> {
    let addresses = text(object, "publicIps")?;
    Some(match addresses {
        "" => testimony("azure.public-ip.bad", "the machine has no public address".to_owned()),
        addresses => testimony("azure.public-ip.ok", format!("the machine has {}", bounded(addresses))),
    })
}

fn testimony(id: &str, fact: String) -> Testimony {
    Testimony { witness: Witness::Azure, id: id.to_owned(), fact }
}

/// A field by its name, whatever the case of its letters.
fn field<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    object.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    field(object, name)?.as_str()
}

/// No more of a stranger's text than a line holds.
fn bounded(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::read;
    use serde_json::{Value, json};

    fn ids(answer: &Value) -> Vec<String> {
        read(answer).into_iter().map(|told| told.id).collect()
    }

    #[test]
    fn an_instance_view_tells_power_and_agent() {
        let status = |code: &str, words: &str| json!({ "code": code, "displayStatus": words });
        let view = json!({ "name": "VM", "instanceView": {
            "vmAgent": { "statuses": [status("ProvisioningState/succeeded", "Ready")] },
            "statuses": [status("ProvisioningState/succeeded", "succeeded"), status("PowerState/running", "VM running")],
        }});
        assert_eq!(ids(&view), ["azure.agent.ok", "azure.power.ok"]);
        assert_eq!(ids(&json!([status("PowerState/deallocated", "VM deallocated")])), ["azure.power.bad"]);
        let shown = json!({ "powerState": "VM stopped", "publicIps": "" });
        assert_eq!(ids(&shown), ["azure.power.bad", "azure.public-ip.bad"]);
    }

    #[test]
    fn the_rule_that_decides_a_flow_is_named() {
        let denied = json!({ "access": "Deny", "ruleName": "defaultSecurityRules/DenyAllInBound" });
        let told = read(&denied);
        assert_eq!(told[0].id, "azure.ip-flow.bad");
        assert_eq!(told[0].fact, "IP flow verify: Deny by the rule DenyAllInBound");
        let jit = json!({ "Access": "Deny", "RuleName": "securityRules/SecurityCenter-JITRule_1_2" });
        assert_eq!(ids(&jit), ["azure.ip-flow.jit"]);
        assert_eq!(
            ids(&json!({ "access": "Allow", "ruleName": "securityRules/Port_3389" })),
            ["azure.ip-flow.ok"]
        );
        assert!(ids(&json!({ "access": "Deny", "name": "a rule, not an answer" })).is_empty());
    }

    #[test]
    fn the_way_back_and_the_platform_are_told() {
        assert_eq!(ids(&json!({ "nextHopType": "None" })), ["azure.next-hop.bad"]);
        assert_eq!(ids(&json!({ "nextHopType": "Internet" })), ["azure.next-hop.ok"]);
        let sick = json!({ "properties": { "availabilityState": "Unavailable", "title": "Host failure" } });
        assert_eq!(read(&sick)[0].fact, "Resource health says Unavailable: Host failure");
    }

    #[test]
    fn what_is_not_azures_tells_nothing() {
        for answer in [json!(null), json!([1, "x"]), json!({ "code": 7, "nextHopType": "Moon" })] {
            assert!(ids(&answer).is_empty(), "{answer}");
        }
        let deep = (0..1000).fold(json!({ "powerState": "VM running" }), |inner, _| json!([inner]));
        assert!(ids(&deep).is_empty());
    }
}

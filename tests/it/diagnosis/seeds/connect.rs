//! Troubleshoot Remote Desktop connections: eight quick steps in every channel, and five messages.

use super::prescribed::{fixes, leads_to, silent_host, silent_port, stand_on, told};
use crate::diagnosis::catalogue::QUICK_STEPS;
use crate::diagnosis::{causes, find, judged, standing};
use crate::fixture::{self as fix, V4, deaf, named, seen, timed_out, unnamed, windows};
use rdprobe::diagnosis::catalogue::{self, Channel};
use rdprobe::diagnosis::{Standing, Verdict};
use rdprobe::evidence::resolve::Scope;
use rdprobe::evidence::{Evidence, Failure, Route};

/// What is wrong, what is told of it, the cause that has to come first, and the step that mends it.
type Fault = (Evidence, &'static [&'static str], &'static str, &'static str);

fn faults() -> Vec<Fault> {
    let port = || named(vec![silent_port()]);
    let host = || named(vec![silent_host()]);
    let hung = || named(vec![deaf(V4, &timed_out())]);
    vec![
        (
            port(),
            &["says.cannot-connect", "guest.reg.fdenytsconnections.bad", "guest.listener.bad"],
            "rdp-disabled-registry",
            "reset-rdp",
        ),
        (port(), &["guest.reg.portnumber.bad"], "rdp-port-changed", "reset-rdp"),
        (port(), &["guest.firewall.rule.bad"], "guest-firewall-rule-disabled", "reset-rdp"),
        (port(), &["azure.ip-flow.bad"], "nsg-blocks-rdp", "check-nsg"),
        (host(), &["azure.power.bad"], "vm-not-running", "console-log"),
        (host(), &["guest.nic.bad"], "nic-disabled", "reset-network-interface"),
        (host(), &["azure.health.bad"], "platform-issue", "resource-health"),
        (hung(), &["says.internal-error", "guest.scm.termservice"], "termservice-hung", "restart-vm"),
    ]
}

#[test]
fn the_fault_that_a_step_mends_comes_first_and_names_the_step() {
    for (evidence, testimony, cause, step) in faults() {
        leads_to(cause, step, &told(evidence, testimony));
        let named = &catalogue::get(cause).expect("a cause").procedures;
        assert!(named.iter().any(|procedure| procedure == step), "{cause} does not name {step}");
    }
}

/// Everything that Azure and the guest can tell is in order, and nothing answers: the last of the steps.
#[test]
fn a_dark_machine_in_good_order_is_redeployed() {
    let fine = [
        "azure.power.ok",
        "azure.health.ok",
        "azure.agent.ok",
        "azure.ip-flow.ok",
        "azure.next-hop.ok",
        "guest.answers",
        "guest.safe-mode.ok",
        "guest.nic.ok",
        "guest.dhcp.ok",
        "guest.service.dhcp.ok",
        "guest.service.nsi.ok",
        "guest.service.termservice.ok",
        "guest.port.termservice",
        "guest.listener.ok",
        "guest.firewall.rule.ok",
        "guest.firewall.block-all.ok",
    ];
    let diagnosis = judged(&told(named(vec![silent_host()]), &fine));
    let left = causes(&diagnosis);
    for gone in ["vm-not-running", "platform-issue", "nsg-blocks-rdp", "static-ip-in-guest", "safe-mode"] {
        assert!(!left.contains(&gone), "{gone} is told apart: {left:?}");
    }
    assert!(left.contains(&"vm-needs-redeploy"), "{left:?}");
}

/// A grey Connect button: no public address, and no VPN that leads to the private one.
#[test]
fn a_machine_without_a_public_address_needs_one() {
    let route = Route { scope: Scope::Private, ..silent_host() };
    leads_to("no-public-ip", "Connect is grey", &told(named(vec![route]), &["azure.public-ip.bad"]));
}

/// The five messages, each with the handshake that goes with it.
#[test]
fn each_message_leads_to_its_cause() {
    let sound = || named(vec![windows(V4)]);
    let domain = || named(vec![Route { credssp: seen(fix::domain_challenge()), ..windows(V4) }]);
    let no_name = unnamed(Failure::NoSuchName { cname_chain: Vec::new() });
    let messages = [
        (sound(), "says.no-licence-server", "rds-licence"),
        (no_name, "says.name-not-found", "dns-name-unresolved"),
        (domain(), "says.lsa-not-contacted", "lsa-wrong-authority"),
        (sound(), "says.credentials-did-not-work", "bad-credentials"),
        (sound(), "says.contact-owner", "no-rdp-logon-right"),
    ];
    for (evidence, message, cause) in messages {
        let evidence = told(evidence, &[message]);
        leads_to(cause, message, &evidence);
        let diagnosis = judged(&evidence);
        assert!(find(&diagnosis, cause).is_some_and(|finding| finding.fix.is_some()), "{cause}");
    }
}

#[test]
fn a_name_that_does_not_exist_is_confirmed_whatever_the_client_says() {
    let no_name = unnamed(Failure::NoSuchName { cname_chain: Vec::new() });
    let diagnosis = judged(&told(no_name, &["says.name-not-found", "says.code.104"]));
    assert_eq!(diagnosis.verdict, Verdict::NotReachable);
    assert_eq!(standing(&diagnosis, "dns-name-unresolved"), Some(Standing::Confirmed));
}

#[test]
fn every_step_has_the_portal_the_command_line_and_powershell() {
    for step in QUICK_STEPS {
        for channel in [Channel::Portal, Channel::AzCli, Channel::AzPowershell] {
            assert!(fixes(step).iter().any(|fix| fix.channel == channel), "{step}: no {}", channel.word());
        }
    }
}

#[test]
fn every_prescribed_command_stands_in_its_place() {
    use Channel::{AzCli, AzPowershell, Client, Portal};
    stand_on(&[
        // The portal's eight steps.
        ("reset-rdp", Portal, "Reset password"),
        ("reset-rdp", Portal, "Mode: Reset configuration only"),
        ("reset-rdp", Portal, "Update"),
        ("check-nsg", Portal, "IP flow verify"),
        ("check-nsg", Portal, "Effective security rules"),
        ("console-log", Portal, "Boot diagnostics > Screenshot"),
        ("console-log", Portal, "Serial log"),
        ("reset-network-interface", Portal, "IP configurations"),
        ("resource-health", Portal, "Resource health"),
        ("reset-password", Portal, "Mode: Reset password"),
        ("reset-password", Portal, "User name and a new password, Update"),
        ("restart-vm", Portal, "Overview > Restart"),
        ("redeploy-vm", Portal, "Redeploy"),
        // Azure PowerShell: AzureRm is retired, Az has taken its place.
        ("reset-rdp", AzPowershell, "Get-AzVM -ResourceGroupName GROUP -Name VM"),
        (
            "reset-rdp",
            AzPowershell,
            "Set-AzVMAccessExtension -ResourceGroupName GROUP -VMName VM -Name VMAccess -Location REGION",
        ),
        ("check-nsg", AzPowershell, "$rules = Get-AzNetworkSecurityGroup -ResourceGroupName GROUP -Name NSG"),
        ("check-nsg", AzPowershell, "$rules.SecurityRules"),
        ("reset-password", AzPowershell, "$cred = Get-Credential"),
        (
            "reset-password",
            AzPowershell,
            "Set-AzVMAccessExtension -ResourceGroupName GROUP -VMName VM -Name VMAccess -Location REGION",
        ),
        ("reset-password", AzPowershell, "-Credential $cred"),
        ("restart-vm", AzPowershell, "Restart-AzVM -ResourceGroupName GROUP -Name VM"),
        ("redeploy-vm", AzPowershell, "Set-AzVM -Redeploy -ResourceGroupName GROUP -Name VM"),
        // A rule that lets RDP in, where there is none.
        ("nsg-blocks-rdp", Portal, "destination port 3389, TCP, Allow"),
        ("nsg-blocks-rdp", AzPowershell, "-Direction Inbound -Access Allow -Protocol Tcp"),
        ("nsg-blocks-rdp", AzPowershell, "-DestinationPortRange 3389"),
        // What has replaced the classic model's steps.
        ("reset-rdp", AzCli, "az vm user reset-remote-desktop --resource-group GROUP --name VM"),
        ("check-nsg", AzCli, "az network lb inbound-nat-rule list"),
        ("lb-or-nat-rule", AzCli, "--backend-port 3389"),
        ("console-log", AzCli, "az vm boot-diagnostics get-boot-log --resource-group GROUP --name VM"),
        ("resource-health", AzCli, "Microsoft.ResourceHealth/availabilityStatuses/current"),
        ("reset-password", AzCli, "az vm user update --resource-group GROUP --name VM"),
        ("restart-vm", AzCli, "az vm restart --resource-group GROUP --name VM"),
        // Before the steps: a public address, and the way out of the own network.
        ("no-public-ip", Portal, "Public IP address: Associate"),
        ("client-side-block", Client, "-Port 3389"),
    ]);
}

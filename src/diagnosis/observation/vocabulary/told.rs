//! The part of the vocabulary that others tell: what the user's client displayed, what the guest says of itself, and what
//! the monitor saw over time.
//!
//! A segment `W` is a name in lower case: of a registry value, a service, an event provider.

use super::{Seen, Weight, Word};

const fn heard(id: &'static str, meaning: &'static str) -> Word {
    Word { id, stage: None, weight: Weight::Complaint, seen: Seen::Told, meaning }
}

const fn bad(id: &'static str, meaning: &'static str) -> Word {
    Word { id, stage: None, weight: Weight::Symptom, seen: Seen::Told, meaning }
}

const fn hint(id: &'static str, meaning: &'static str) -> Word {
    Word { id, stage: None, weight: Weight::Hint, seen: Seen::Told, meaning }
}

const fn fine(id: &'static str, meaning: &'static str) -> Word {
    Word { id, stage: None, weight: Weight::Neutral, seen: Seen::Told, meaning }
}

/// Every id that is told.
pub(super) const TOLD: &[Word] = &[
    // What the user's client displays.
    heard("says.cannot-connect", "remote access is not enabled, the computer is off or not on the network"),
    heard("says.contact-owner", "this computer can't connect to the remote computer; contact its owner"),
    heard("says.internal-error", "an internal error has occurred"),
    heard("says.lsa-not-contacted", "the Local Security Authority cannot be contacted"),
    heard(
        "says.nla-domain-controller",
        "NLA is required, and no domain controller can be contacted to perform it",
    ),
    heard("says.function-not-supported", "the function requested is not supported (CredSSP)"),
    heard("says.no-licence-server", "no licence server, or the grace period is over"),
    heard("says.name-not-found", "the computer cannot be found"),
    heard("says.credentials-did-not-work", "the credentials did not work"),
    heard("says.not-authorized", "the account is not authorized for remote login"),
    heard("says.logon-type-restricted", "the administrator has restricted the type of logon"),
    heard("says.must-change-password", "the password must be changed before the first logon"),
    heard("says.access-denied", "access is denied"),
    heard("says.busy", "Remote Desktop Services is busy"),
    heard("says.profile-failed", "the Group Policy Client or the User Profile Service failed the logon"),
    heard("says.too-many-sessions", "too many sessions or connections"),
    heard("says.time-difference", "there is a time or date difference"),
    heard("says.session-ended", "the session ended: another user connected, or the connection was lost"),
    heard("says.device-not-allowed", "the account is configured to prevent the use of this device"),
    heard("says.sign-in-method", "the sign-in method is not allowed"),
    heard("says.security-error", "a security error: the client could not connect"),
    heard("says.securing-hangs", "it hangs at 'Securing remote connection'"),
    heard("says.black-screen", "a black screen after the sign-in"),
    heard("says.code.X", "the client gave this disconnect code"),
    heard("says.extended.X", "the client gave this extended reason"),
    // From where it works, as people tell it.
    hint("says.works-elsewhere", "it works from another network"),
    hint("says.fails-everywhere", "it fails from every network"),
    hint("says.works-inside", "it works by the private address, from inside the virtual network"),
    hint("says.fails-inside", "it fails by the private address too, from inside the virtual network"),
    // What the monitor saw over time.
    bad("over-time.flap-90-min", "it goes away about every 90 minutes, as group policy is refreshed"),
    hint("over-time.rhythm", "it goes away again and again after the same time"),
    bad("over-time.flapping", "it goes up and down again and again, in no rhythm"),
    bad(
        "over-time.public-only",
        "it goes away by its public address while a private one of the machine stays up",
    ),
    bad("over-time.idle-cut", "something on the way cuts connections that are idle"),
    hint(
        "over-time.fixed-age",
        "connections without a sign-in end at the same age, however they are kept alive",
    ),
    fine("over-time.idle-untested", "connections end too early to tell whether something cuts idle ones"),
    bad("over-time.held-lost", "connections that are kept alive are lost again and again"),
    hint("over-time.came-back-other", "it came back from an outage with another certificate, build or name"),
    // What Azure says of the machine.
    bad("azure.power.bad", "the machine is stopped or deallocated"),
    fine("azure.power.ok", "the machine is running"),
    bad("azure.health.bad", "Resource health says that the platform is in trouble"),
    fine("azure.health.ok", "Resource health says that the platform is fine"),
    bad("azure.agent.bad", "the agent inside the machine does not report"),
    fine("azure.agent.ok", "the agent inside the machine reports"),
    bad("azure.ip-flow.bad", "a rule of a network security group denies the flow"),
    bad("azure.ip-flow.jit", "a rule of just-in-time access denies the flow"),
    fine("azure.ip-flow.ok", "the network security groups allow the flow"),
    bad("azure.next-hop.bad", "the way back leads nowhere, or through an appliance"),
    fine("azure.next-hop.ok", "the way back leads straight to the Internet or the virtual network"),
    bad("azure.public-ip.bad", "the machine has no public address"),
    bad("azure.extension.bad", "the extension for the sign-in with Entra ID failed"),
    fine("azure.extension.ok", "the extension for the sign-in with Entra ID is in place"),
    fine("azure.public-ip.ok", "the machine has a public address"),
    // What the guest says of itself. `bad` is off what Remote Desktop needs, `ok` is as it needs it.
    fine("guest.answers", "a command ran inside the running machine"),
    bad("guest.event.N", "this event stands in the guest's log, from the provider that the catalogue means"),
    bad("guest.scm.W", "the Service Control Manager says that this service failed"),
    fine("guest.logon-failures.few", "the Security log counts few failed logons (4625)"),
    bad("guest.logon-failures.many", "the Security log counts failed logons (4625) by the dozen"),
    bad("guest.logon-status.X", "logons fail with this status (event 4625 of the Security log)"),
    bad("guest.reg.W.bad", "this registry value is off what Remote Desktop needs"),
    fine("guest.reg.W.ok", "this registry value is as Remote Desktop needs it"),
    bad("guest.policy.W.bad", "a policy sets this value to what Remote Desktop cannot live with"),
    fine("guest.policy.W.ok", "no policy forbids what this value governs"),
    bad("guest.service.W.bad", "this service is stopped, disabled, failed or has a wrong account"),
    fine("guest.service.W.ok", "this service runs"),
    bad("guest.safe-mode.bad", "Windows runs in Safe Mode"),
    fine("guest.safe-mode.ok", "Windows does not run in Safe Mode"),
    bad("guest.setup.bad", "Windows is still in setup"),
    fine("guest.setup.ok", "Windows is done with setup"),
    bad("guest.nic.bad", "no network interface is enabled and connected"),
    fine("guest.nic.ok", "a network interface is enabled and connected"),
    bad("guest.dhcp.bad", "an address is set by hand in Windows"),
    fine("guest.dhcp.ok", "the address comes from DHCP"),
    bad("guest.netvsc.bad", "the network driver is one of the versions known to fail"),
    hint("guest.addresses.several", "the interface has more than one IPv4 address"),
    bad("guest.firewall.rule.bad", "no enabled rule of the Windows Firewall lets Remote Desktop in"),
    fine("guest.firewall.rule.ok", "a rule of the Windows Firewall lets Remote Desktop in"),
    bad("guest.firewall.block-all.bad", "a profile of the Windows Firewall blocks all inbound connections"),
    fine("guest.firewall.block-all.ok", "no profile of the Windows Firewall blocks all inbound connections"),
    fine("guest.firewall.off", "the Windows Firewall is off in every profile"),
    bad("guest.listener.bad", "qwinsta shows no rdp-tcp that listens"),
    fine("guest.listener.ok", "qwinsta shows rdp-tcp listening"),
    bad("guest.port.nobody", "nobody listens at RDP's port"),
    bad("guest.port.other-owner", "another program than TermService owns RDP's port"),
    fine("guest.port.termservice", "TermService owns RDP's port"),
    bad("guest.cert.missing", "the Remote Desktop certificate store is empty"),
    bad("guest.cert.expired", "the Remote Desktop certificate has expired"),
    bad("guest.cert.no-key", "the Remote Desktop certificate has no private key"),
    fine("guest.cert.ok", "the Remote Desktop certificate is valid and has its key"),
    bad("guest.machinekeys.bad", "SYSTEM or NETWORK SERVICE cannot read the MachineKeys folder"),
    fine("guest.machinekeys.ok", "SYSTEM and NETWORK SERVICE can read the MachineKeys folder"),
    bad("guest.schannel.off", "every TLS version is disabled for servers"),
    hint("guest.schannel.some-off", "some TLS versions are disabled for servers"),
    fine("guest.schannel.ok", "TLS 1.2 is enabled for servers"),
    hint("guest.schannel.cipher-policy", "a policy sets the order of the cipher suites"),
    fine("guest.nla.required", "the listener demands NLA"),
    fine("guest.nla.optional", "the listener does not demand NLA"),
    bad("guest.secure-channel.bad", "the secure channel to the domain is broken"),
    fine("guest.secure-channel.ok", "the secure channel to the domain is whole"),
    bad("guest.clock.bad", "the clock follows no source"),
    fine("guest.clock.ok", "the clock follows a source"),
    hint("guest.entra.not-joined", "the machine is not joined to Entra ID"),
    fine("guest.entra.joined", "the machine is joined to Entra ID"),
    bad("guest.sessions.full", "every session that the machine may have is taken"),
    fine("guest.sessions.free", "a session is free"),
];

//! Events of the guest's logs: what each says, by provider and number.

/// One event.
#[derive(Debug, PartialEq, Eq)]
pub struct Event {
    /// The provider, without `Microsoft-Windows-`.
    pub provider: &'static str,
    /// The number.
    pub number: u32,
    /// What it says, in one clause.
    pub meaning: &'static str,
}

const fn event(provider: &'static str, number: u32, meaning: &'static str) -> Event {
    Event { provider, number, meaning }
}

/// The events that the catalogue speaks of.
pub static EVENTS: &[Event] = &[
    event("Schannel", 36870, "the private key of the TLS certificate cannot be used"),
    event(
        "Schannel",
        36871,
        "no TLS credential could be made: no TLS version is enabled, or the key cannot be used",
    ),
    event("Schannel", 36872, "there is no certificate that a TLS server can use"),
    event("Schannel", 36874, "client and server have no cipher suite in common"),
    event("Schannel", 36888, "Schannel sent a TLS alert: its number says why"),
    event(
        "TerminalServices-RemoteConnectionManager",
        1051,
        "the certificate that the listener is set to cannot be used",
    ),
    event(
        "TerminalServices-RemoteConnectionManager",
        1052,
        "the certificate that the listener is set to will soon expire",
    ),
    event(
        "TerminalServices-RemoteConnectionManager",
        1053,
        "the certificate that the listener is set to has expired",
    ),
    event(
        "TerminalServices-RemoteConnectionManager",
        1054,
        "the certificate that the listener is set to is not meant for servers",
    ),
    event(
        "TerminalServices-RemoteConnectionManager",
        1055,
        "the private key of the listener's certificate cannot be read: the default one is used",
    ),
    event("TerminalServices-RemoteConnectionManager", 1056, "a new self-signed certificate was made"),
    event(
        "TerminalServices-RemoteConnectionManager",
        1057,
        "a new self-signed certificate could not be made",
    ),
    event(
        "TerminalServices-RemoteConnectionManager",
        1058,
        "the expired self-signed certificate could not be replaced",
    ),
    event("TerminalServices-RemoteConnectionManager", 1064, "no certificate could be had from the template"),
    event("TerminalServices-RemoteConnectionManager", 1065, "the certificate template is not valid"),
    event(
        "TerminalServices-RemoteConnectionManager",
        1128,
        "the licence grace period is over, and no licence server is set",
    ),
    event("TerminalServices-RemoteConnectionManager", 1130, "no licence server is set"),
    event("TerminalServices-SessionBroker", 2056, "the broker could not log on to its database"),
    event("TerminalServices-SessionBroker-Client", 1296, "the Connection Broker is not ready for RPC"),
    event("TermService", 1004, "no licence could be issued to the client"),
    event("TermService", 1008, "the licence grace period is over"),
    event("TermService", 1010, "no licence server could be found"),
    event("TermService", 1036, "the listener could not be started: its port or interface is taken"),
    event("TermService", 1088, "the licence grace period is over"),
    event("TermDD", 50, "the protocol stream is broken, and the client was disconnected"),
    event(
        "TermDD",
        56,
        "the security layer found an error in the protocol stream, and the client was disconnected",
    ),
    event("NETLOGON", 3210, "the machine's password does not match the one that the domain has"),
    event("NETLOGON", 5719, "no domain controller could be reached"),
    event("GroupPolicy", 1129, "the policy was not read: no domain controller could be reached"),
    event("User Profiles Service", 1511, "the user's profile was not found, and a temporary one is used"),
    event("User Profiles Service", 1515, "the user's profile was set aside as damaged"),
    event("Tcpip", 4227, "local ports for outgoing connections run out"),
    event("Tcpip", 4231, "no local port for outgoing connections is left"),
    event("Security", 4625, "a logon failed"),
    event("Service Control Manager", 7000, "a service did not start"),
    event("Service Control Manager", 7001, "a service did not start because one that it needs did not"),
    event("Service Control Manager", 7009, "a service did not answer in time as it started"),
    event("Service Control Manager", 7011, "a service did not answer a control in time"),
    event("Service Control Manager", 7022, "a service hung as it started"),
    event("Service Control Manager", 7023, "a service ended with an error"),
    event("Service Control Manager", 7031, "a service ended unexpectedly, and is to be restarted"),
    event("Service Control Manager", 7034, "a service ended unexpectedly"),
];

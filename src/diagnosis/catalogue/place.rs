//! Where commands are run, and where in the chain a cause sits.

use serde::{Deserialize, Serialize};

/// Where commands are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// CMD in the Serial Console.
    SerialConsoleCmd,
    /// PowerShell in the Serial Console.
    SerialConsolePowershell,
    /// The portal.
    Portal,
    /// The az command line.
    AzCli,
    /// The Az PowerShell modules.
    AzPowershell,
    /// The disk, attached to another machine.
    OfflineDisk,
    /// The machine that rdprobe runs on.
    Client,
    /// A server that is not Windows.
    Server,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 8] = [
        Self::SerialConsoleCmd,
        Self::SerialConsolePowershell,
        Self::Portal,
        Self::AzCli,
        Self::AzPowershell,
        Self::OfflineDisk,
        Self::Client,
        Self::Server,
    ];

    /// The word for the channel, the same everywhere.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::SerialConsoleCmd => "serial-console-cmd",
            Self::SerialConsolePowershell => "serial-console-powershell",
            Self::Portal => "portal",
            Self::AzCli => "az-cli",
            Self::AzPowershell => "az-powershell",
            Self::OfflineDisk => "offline-disk",
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}

/// Where in the chain a cause sits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// This machine.
    Client,
    /// Name and path.
    Path,
    /// The machine is not there.
    Machine,
    /// The guest's network.
    GuestNetwork,
    /// The listener.
    Listener,
    /// TLS, certificate, cryptography.
    Security,
    /// Authentication, domain, CredSSP.
    SignIn,
    /// Sessions, licences, broker, load.
    Sessions,
    /// Servers that are not Windows.
    OtherServers,
}

impl Family {
    /// Every family, in the order of the flow.
    pub const ALL: [Self; 9] = [
        Self::Client,
        Self::Path,
        Self::Machine,
        Self::GuestNetwork,
        Self::Listener,
        Self::Security,
        Self::SignIn,
        Self::Sessions,
        Self::OtherServers,
    ];

    /// What its causes have in common, as a heading.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Client => "This computer and its network",
            Self::Path => "The name and the way to the machine",
            Self::Machine => "The machine is not there",
            Self::GuestNetwork => "The network inside Windows",
            Self::Listener => "The Remote Desktop service and its port",
            Self::Security => "TLS, certificates and encryption",
            Self::SignIn => "Accounts, domain and sign-in",
            Self::Sessions => "Sessions, licences and load",
            Self::OtherServers => "Servers that are not Windows",
        }
    }
}

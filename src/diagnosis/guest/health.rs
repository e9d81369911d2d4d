//! Which registry values Remote Desktop needs, and how: one table.

/// Where a value lies, whichever control set or loaded hive it was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// `HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server`
    TerminalServer,
    /// `...\Terminal Server\WinStations\RDP-Tcp`
    RdpTcp,
    /// `...\Terminal Server\RCM\Licensing Core`
    Licensing,
    /// `HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services`
    Policy,
    /// `HKLM\SYSTEM\CurrentControlSet\Control\Lsa`
    Lsa,
    /// `...\Lsa\FIPSAlgorithmPolicy`
    Fips,
    /// `...\Lsa\MSV1_0`
    Ntlm,
    /// `HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System\CredSSP\Parameters`
    Credssp,
}

/// What is wrong with a value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Bad {
    /// Everything but the healthy values.
    AnyOther,
    /// These only: Windows itself sets others that are neither good nor bad.
    Only(&'static [u64]),
}

/// One value, and how Remote Desktop needs it.
pub(super) struct Row {
    pub(super) key: Key,
    pub(super) value: &'static str,
    /// The part of the id: `fdenytsconnections`.
    pub(super) id: &'static str,
    pub(super) healthy: &'static [u64],
    pub(super) bad: Bad,
    /// Whether Windows is as well off without the value.
    pub(super) may_lack: bool,
    pub(super) why: &'static str,
}

const fn row(
    key: Key,
    (value, id): (&'static str, &'static str),
    healthy: &'static [u64],
    bad: Bad,
    may_lack: bool,
    why: &'static str,
) -> Row {
    Row { key, value, id, healthy, bad, may_lack, why }
}

use Bad::{AnyOther, Only};
use Key::{Credssp, Fips, Licensing, Lsa, Ntlm, Policy, RdpTcp, TerminalServer};

/// Unlimited, as a DWORD and as group policy writes it.
const NO_LIMIT: &[u64] = &[0xffff_ffff, 999_999];

/// Every value that is judged by its number alone.
pub(super) const TABLE: &[Row] = &[
    row(
        TerminalServer,
        ("fDenyTSConnections", "fdenytsconnections"),
        &[0],
        AnyOther,
        false,
        "1 turns Remote Desktop off",
    ),
    row(
        TerminalServer,
        ("TSEnabled", "tsenabled"),
        &[1],
        AnyOther,
        false,
        "0 turns Remote Desktop Services off",
    ),
    row(
        TerminalServer,
        ("TSServerDrainMode", "tsserverdrainmode"),
        &[0],
        AnyOther,
        true,
        "1 and 2 let nobody new in",
    ),
    row(
        TerminalServer,
        ("TSUserEnabled", "tsuserenabled"),
        &[0],
        AnyOther,
        true,
        "another value than 0 refuses logons",
    ),
    row(
        RdpTcp,
        ("fEnableWinStation", "fenablewinstation"),
        &[1],
        AnyOther,
        false,
        "0 turns the listener off",
    ),
    row(
        RdpTcp,
        ("fLogonDisabled", "flogondisabled"),
        &[0],
        AnyOther,
        true,
        "1 refuses every logon at the listener",
    ),
    row(
        RdpTcp,
        ("PortNumber", "portnumber"),
        &[3389],
        AnyOther,
        false,
        "the listener is at another port than 3389",
    ),
    row(
        RdpTcp,
        ("LanAdapter", "lanadapter"),
        &[0],
        AnyOther,
        true,
        "the listener is bound to one adapter, not to all",
    ),
    row(
        RdpTcp,
        ("SecurityLayer", "securitylayer"),
        &[1, 2],
        Only(&[0]),
        false,
        "0 leaves no TLS, which NLA needs",
    ),
    row(
        RdpTcp,
        ("MinEncryptionLevel", "minencryptionlevel"),
        &[1, 2],
        Only(&[4]),
        false,
        "4 allows FIPS methods only",
    ),
    row(
        RdpTcp,
        ("MaxInstanceCount", "maxinstancecount"),
        NO_LIMIT,
        AnyOther,
        true,
        "the number of connections is limited",
    ),
    row(
        RdpTcp,
        ("fAllowSecProtocolNegotiation", "fallowsecprotocolnegotiation"),
        &[1],
        AnyOther,
        true,
        "0 forbids the negotiation of TLS and NLA",
    ),
    row(
        RdpTcp,
        ("MaxConnectionTime", "maxconnectiontime"),
        &[0],
        AnyOther,
        true,
        "sessions end after this time",
    ),
    row(
        RdpTcp,
        ("MaxDisconnectionTime", "maxdisconnectiontime"),
        &[0],
        AnyOther,
        true,
        "left sessions end after this time",
    ),
    row(RdpTcp, ("MaxIdleTime", "maxidletime"), &[0], AnyOther, true, "idle sessions end after this time"),
    // The repair article writes 1, Windows itself 0: no fault either way.
    row(
        RdpTcp,
        ("KeepAliveTimeout", "keepalivetimeout"),
        &[1],
        Only(&[]),
        false,
        "keep-alives hold idle connections",
    ),
    row(
        RdpTcp,
        ("fInheritReconnectSame", "finheritreconnectsame"),
        &[0],
        Only(&[]),
        false,
        "reconnection from any client",
    ),
    row(
        RdpTcp,
        ("fReconnectSame", "freconnectsame"),
        &[1],
        Only(&[]),
        false,
        "reconnection from the same client",
    ),
    row(
        RdpTcp,
        ("fInheritMaxSessionTime", "finheritmaxsessiontime"),
        &[1],
        AnyOther,
        true,
        "the listener limits session time itself",
    ),
    row(
        RdpTcp,
        ("fInheritMaxDisconnectionTime", "finheritmaxdisconnectiontime"),
        &[1],
        AnyOther,
        true,
        "the listener limits left sessions itself",
    ),
    row(
        RdpTcp,
        ("fInheritMaxIdleTime", "finheritmaxidletime"),
        &[1],
        AnyOther,
        true,
        "the listener limits idle time itself",
    ),
    row(
        RdpTcp,
        ("fQueryUserConfigFromLocalMachine", "fqueryuserconfigfromlocalmachine"),
        &[1],
        AnyOther,
        true,
        "0 asks a domain controller for every user's settings",
    ),
    row(
        Policy,
        ("fDenyTSConnections", "fdenytsconnections"),
        &[0],
        AnyOther,
        true,
        "a policy turns Remote Desktop off",
    ),
    row(
        Policy,
        ("KeepAliveEnable", "keepaliveenable"),
        &[1],
        AnyOther,
        true,
        "a policy turns keep-alives off",
    ),
    row(
        Policy,
        ("KeepAliveInterval", "keepaliveinterval"),
        &[1],
        Only(&[0]),
        true,
        "keep-alives need an interval",
    ),
    row(
        Policy,
        ("fDisableAutoReconnect", "fdisableautoreconnect"),
        &[0],
        AnyOther,
        true,
        "a policy forbids to reconnect by itself",
    ),
    row(
        Policy,
        ("SecurityLayer", "securitylayer"),
        &[1, 2],
        Only(&[0]),
        true,
        "a policy leaves no TLS, which NLA needs",
    ),
    row(
        Policy,
        ("UserAuthentication", "userauthentication"),
        &[0, 1],
        Only(&[]),
        true,
        "whether a policy demands NLA",
    ),
    row(
        Policy,
        ("MinEncryptionLevel", "minencryptionlevel"),
        &[1, 2, 3],
        Only(&[4]),
        true,
        "a policy allows FIPS methods only",
    ),
    row(
        Policy,
        ("MaxInstanceCount", "maxinstancecount"),
        NO_LIMIT,
        AnyOther,
        true,
        "a policy limits the number of connections",
    ),
    row(
        Lsa,
        ("disabledomaincreds", "disabledomaincreds"),
        &[0],
        AnyOther,
        true,
        "1 forbids stored domain credentials",
    ),
    row(
        Lsa,
        ("LmCompatibilityLevel", "lmcompatibilitylevel"),
        &[3, 4, 5],
        Only(&[0, 1, 2]),
        true,
        "below 3 NTLMv1 is sent",
    ),
    row(Fips, ("Enabled", "fipsalgorithmpolicy"), &[0], AnyOther, true, "FIPS algorithms only"),
    row(
        Ntlm,
        ("RestrictReceivingNTLMTraffic", "restrictreceivingntlmtraffic"),
        &[0],
        AnyOther,
        true,
        "incoming NTLM is refused",
    ),
    row(
        Credssp,
        ("AllowEncryptionOracle", "allowencryptionoracle"),
        &[1, 2],
        Only(&[0]),
        true,
        "0 refuses peers without the mend for CVE-2018-0886",
    ),
    row(
        Licensing,
        ("LicensingMode", "licensingmode"),
        &[2, 4],
        Only(&[5]),
        false,
        "5 means that no licensing mode is set",
    ),
];

impl Row {
    /// Whether a number is right, wrong, or neither.
    pub(super) fn fine(&self, number: u64) -> Option<bool> {
        if self.healthy.contains(&number) {
            return Some(true);
        }
        match self.bad {
            AnyOther => Some(false),
            Only(bad) => bad.contains(&number).then_some(false),
        }
    }

    /// `reg.NAME` or `policy.NAME`.
    pub(super) fn name(&self) -> String {
        format!("{}.{}", if self.key == Policy { "policy" } else { "reg" }, self.id)
    }
}

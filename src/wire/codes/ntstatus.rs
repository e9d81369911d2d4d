//! NTSTATUS and SECURITY_STATUS values that a CredSSP server may send.

code_table! {
    /// A status value in `TSRequest.errorCode` ([MS-CSSP] 2.2.1; [MS-ERREF] 2.1.1, 2.3.1).
    NtStatus(u32) {
        ACCESS_DENIED = 0xC000_0022, "STATUS_ACCESS_DENIED", "access is denied";
        NO_LOGON_SERVERS = 0xC000_005E, "STATUS_NO_LOGON_SERVERS", "no domain controller can be reached";
        NO_SUCH_USER = 0xC000_0064, "STATUS_NO_SUCH_USER", "the account does not exist";
        WRONG_PASSWORD = 0xC000_006A, "STATUS_WRONG_PASSWORD", "the password is wrong";
        LOGON_FAILURE = 0xC000_006D, "STATUS_LOGON_FAILURE", "the user name or the password is wrong";
        ACCOUNT_RESTRICTION = 0xC000_006E, "STATUS_ACCOUNT_RESTRICTION", "a policy keeps the account from logging on, such as a blank password";
        INVALID_LOGON_HOURS = 0xC000_006F, "STATUS_INVALID_LOGON_HOURS", "the account may not log on at this hour";
        INVALID_WORKSTATION = 0xC000_0070, "STATUS_INVALID_WORKSTATION", "the account may not log on from this computer";
        PASSWORD_EXPIRED = 0xC000_0071, "STATUS_PASSWORD_EXPIRED", "the password has expired";
        ACCOUNT_DISABLED = 0xC000_0072, "STATUS_ACCOUNT_DISABLED", "the account is disabled";
        NOT_SUPPORTED = 0xC000_00BB, "STATUS_NOT_SUPPORTED", "the server does not support the CredSSP version or the request";
        TIME_DIFFERENCE_AT_DC = 0xC000_0133, "STATUS_TIME_DIFFERENCE_AT_DC", "the clocks of server and domain controller are too far apart";
        LOGON_TYPE_NOT_GRANTED = 0xC000_015B, "STATUS_LOGON_TYPE_NOT_GRANTED", "the account has no right to log on in this way";
        NO_TRUST_SAM_ACCOUNT = 0xC000_018B, "STATUS_NO_TRUST_SAM_ACCOUNT", "the domain has no account for this computer";
        TRUSTED_DOMAIN_FAILURE = 0xC000_018C, "STATUS_TRUSTED_DOMAIN_FAILURE", "the trust between the domains is broken";
        TRUSTED_RELATIONSHIP_FAILURE = 0xC000_018D, "STATUS_TRUSTED_RELATIONSHIP_FAILURE", "the trust between computer and domain is broken";
        ACCOUNT_EXPIRED = 0xC000_0193, "STATUS_ACCOUNT_EXPIRED", "the account has expired";
        PASSWORD_MUST_CHANGE = 0xC000_0224, "STATUS_PASSWORD_MUST_CHANGE", "the password must be changed before the first logon";
        ACCOUNT_LOCKED_OUT = 0xC000_0234, "STATUS_ACCOUNT_LOCKED_OUT", "the account is locked out";
        BAD_BINDINGS = 0xC000_035B, "STATUS_BAD_BINDINGS", "the channel bindings do not match: TLS may end before the server";
        AUTHENTICATION_FIREWALL_FAILED = 0xC000_0413, "STATUS_AUTHENTICATION_FIREWALL_FAILED", "selective authentication keeps the account from this computer";
        NTLM_BLOCKED = 0xC000_0418, "STATUS_NTLM_BLOCKED", "NTLM is blocked by policy";
        SEC_E_UNSUPPORTED_FUNCTION = 0x8009_0302, "SEC_E_UNSUPPORTED_FUNCTION", "the security package does not support the function";
        SEC_E_LOGON_DENIED = 0x8009_030C, "SEC_E_LOGON_DENIED", "the logon attempt failed";
        SEC_E_NO_CREDENTIALS = 0x8009_030E, "SEC_E_NO_CREDENTIALS", "the security package has no credentials";
        SEC_E_NO_AUTHENTICATING_AUTHORITY = 0x8009_0311, "SEC_E_NO_AUTHENTICATING_AUTHORITY", "no authority could be reached to authenticate with";
        SEC_E_WRONG_PRINCIPAL = 0x8009_0322, "SEC_E_WRONG_PRINCIPAL", "the target principal name is not the server's";
        SEC_E_TIME_SKEW = 0x8009_0324, "SEC_E_TIME_SKEW", "the clocks of client and server are too far apart";
    }
}

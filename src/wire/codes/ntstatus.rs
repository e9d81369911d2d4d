//! NTSTATUS and SECURITY_STATUS values that a CredSSP server may send, and those of the usual logon trouble.

code_table! {
    /// A status value in `TSRequest.errorCode` ([MS-CSSP] 2.2.1; [MS-ERREF] 2.1.1, 2.3.1).
    NtStatus(u32) {
        ACCESS_DENIED = 0xC000_0022, "STATUS_ACCESS_DENIED", "access is denied";
        BUFFER_TOO_SMALL = 0xC000_0023, "STATUS_BUFFER_TOO_SMALL", "a message is larger than the other side takes";
        NO_LOGON_SERVERS = 0xC000_005E, "STATUS_NO_LOGON_SERVERS", "no domain controller can be reached";
        NO_SUCH_LOGON_SESSION = 0xC000_005F, "STATUS_NO_SUCH_LOGON_SESSION", "the logon session is gone";
        NO_SUCH_USER = 0xC000_0064, "STATUS_NO_SUCH_USER", "the account does not exist";
        WRONG_PASSWORD = 0xC000_006A, "STATUS_WRONG_PASSWORD", "the password is wrong";
        LOGON_FAILURE = 0xC000_006D, "STATUS_LOGON_FAILURE", "the user name or the password is wrong";
        ACCOUNT_RESTRICTION = 0xC000_006E, "STATUS_ACCOUNT_RESTRICTION", "a policy keeps the account from logging on, such as a blank password";
        INVALID_LOGON_HOURS = 0xC000_006F, "STATUS_INVALID_LOGON_HOURS", "the account may not log on at this hour";
        INVALID_WORKSTATION = 0xC000_0070, "STATUS_INVALID_WORKSTATION", "the account may not log on from this computer";
        PASSWORD_EXPIRED = 0xC000_0071, "STATUS_PASSWORD_EXPIRED", "the password has expired";
        ACCOUNT_DISABLED = 0xC000_0072, "STATUS_ACCOUNT_DISABLED", "the account is disabled";
        INSUFFICIENT_RESOURCES = 0xC000_009A, "STATUS_INSUFFICIENT_RESOURCES", "the server lacks memory or other resources";
        IO_TIMEOUT = 0xC000_00B5, "STATUS_IO_TIMEOUT", "an answer did not come in time";
        NOT_SUPPORTED = 0xC000_00BB, "STATUS_NOT_SUPPORTED", "the server does not support the CredSSP version or the request";
        INVALID_SERVER_STATE = 0xC000_00DC, "STATUS_INVALID_SERVER_STATE", "the security server (LSA) is not in a state to do that";
        NO_SUCH_DOMAIN = 0xC000_00DF, "STATUS_NO_SUCH_DOMAIN", "the domain does not exist or cannot be reached";
        INTERNAL_ERROR = 0xC000_00E5, "STATUS_INTERNAL_ERROR", "an internal error of the server";
        TIME_DIFFERENCE_AT_DC = 0xC000_0133, "STATUS_TIME_DIFFERENCE_AT_DC", "the clocks of server and domain controller are too far apart";
        TOO_MANY_CONTEXT_IDS = 0xC000_015A, "STATUS_TOO_MANY_CONTEXT_IDS", "the account is in too many groups for a token";
        LOGON_TYPE_NOT_GRANTED = 0xC000_015B, "STATUS_LOGON_TYPE_NOT_GRANTED", "the account has no right to log on in this way";
        NO_TRUST_LSA_SECRET = 0xC000_018A, "STATUS_NO_TRUST_LSA_SECRET", "the computer holds no secret of its own for the domain";
        NO_TRUST_SAM_ACCOUNT = 0xC000_018B, "STATUS_NO_TRUST_SAM_ACCOUNT", "the domain has no account for this computer";
        TRUSTED_DOMAIN_FAILURE = 0xC000_018C, "STATUS_TRUSTED_DOMAIN_FAILURE", "the trust between the domains is broken";
        TRUSTED_RELATIONSHIP_FAILURE = 0xC000_018D, "STATUS_TRUSTED_RELATIONSHIP_FAILURE", "the trust between computer and domain is broken";
        NETLOGON_NOT_STARTED = 0xC000_0192, "STATUS_NETLOGON_NOT_STARTED", "the Netlogon service does not run";
        ACCOUNT_EXPIRED = 0xC000_0193, "STATUS_ACCOUNT_EXPIRED", "the account has expired";
        NOLOGON_WORKSTATION_TRUST_ACCOUNT = 0xC000_0199, "STATUS_NOLOGON_WORKSTATION_TRUST_ACCOUNT", "the account is a computer's, which may not log on";
        PASSWORD_MUST_CHANGE = 0xC000_0224, "STATUS_PASSWORD_MUST_CHANGE", "the password must be changed before the first logon";
        ACCOUNT_LOCKED_OUT = 0xC000_0234, "STATUS_ACCOUNT_LOCKED_OUT", "the account is locked out";
        WRONG_CREDENTIAL_HANDLE = 0xC000_02F2, "STATUS_WRONG_CREDENTIAL_HANDLE", "the credentials do not belong to the security context";
        SMARTCARD_WRONG_PIN = 0xC000_0380, "STATUS_SMARTCARD_WRONG_PIN", "the PIN of the smart card is wrong";
        SMARTCARD_CARD_BLOCKED = 0xC000_0381, "STATUS_SMARTCARD_CARD_BLOCKED", "the smart card is blocked";
        BAD_BINDINGS = 0xC000_035B, "STATUS_BAD_BINDINGS", "the channel bindings do not match: TLS may end before the server";
        AUTHENTICATION_FIREWALL_FAILED = 0xC000_0413, "STATUS_AUTHENTICATION_FIREWALL_FAILED", "selective authentication keeps the account from this computer";
        NTLM_BLOCKED = 0xC000_0418, "STATUS_NTLM_BLOCKED", "NTLM is blocked by policy";
        SEC_E_INSUFFICIENT_MEMORY = 0x8009_0300, "SEC_E_INSUFFICIENT_MEMORY", "the security package lacks memory";
        SEC_E_INVALID_HANDLE = 0x8009_0301, "SEC_E_INVALID_HANDLE", "the security context is not valid";
        SEC_E_UNSUPPORTED_FUNCTION = 0x8009_0302, "SEC_E_UNSUPPORTED_FUNCTION", "the security package does not support the function";
        SEC_E_TARGET_UNKNOWN = 0x8009_0303, "SEC_E_TARGET_UNKNOWN", "the domain does not know the server's name";
        SEC_E_INTERNAL_ERROR = 0x8009_0304, "SEC_E_INTERNAL_ERROR", "the Local Security Authority cannot be contacted, or an internal error of its own";
        SEC_E_SECPKG_NOT_FOUND = 0x8009_0305, "SEC_E_SECPKG_NOT_FOUND", "the security package asked for does not exist";
        SEC_E_INVALID_TOKEN = 0x8009_0308, "SEC_E_INVALID_TOKEN", "the message cannot be read by the security package";
        SEC_E_LOGON_DENIED = 0x8009_030C, "SEC_E_LOGON_DENIED", "the logon attempt failed";
        SEC_E_UNKNOWN_CREDENTIALS = 0x8009_030D, "SEC_E_UNKNOWN_CREDENTIALS", "the credentials, or the private key behind them, cannot be used";
        SEC_E_NO_CREDENTIALS = 0x8009_030E, "SEC_E_NO_CREDENTIALS", "the security package has no credentials";
        SEC_E_MESSAGE_ALTERED = 0x8009_030F, "SEC_E_MESSAGE_ALTERED", "a message was altered on the way";
        SEC_E_NO_AUTHENTICATING_AUTHORITY = 0x8009_0311, "SEC_E_NO_AUTHENTICATING_AUTHORITY", "no authority could be reached to authenticate with";
        SEC_E_CONTEXT_EXPIRED = 0x8009_0317, "SEC_E_CONTEXT_EXPIRED", "the security context has expired";
        SEC_E_WRONG_PRINCIPAL = 0x8009_0322, "SEC_E_WRONG_PRINCIPAL", "the target principal name is not the server's";
        SEC_E_TIME_SKEW = 0x8009_0324, "SEC_E_TIME_SKEW", "the clocks of client and server are too far apart";
        SEC_E_UNTRUSTED_ROOT = 0x8009_0325, "SEC_E_UNTRUSTED_ROOT", "the chain of the certificate ends in no trusted authority";
        SEC_E_ILLEGAL_MESSAGE = 0x8009_0326, "SEC_E_ILLEGAL_MESSAGE", "a message came that was not expected, or is not well-formed";
        SEC_E_CERT_UNKNOWN = 0x8009_0327, "SEC_E_CERT_UNKNOWN", "an error in handling the certificate";
        SEC_E_CERT_EXPIRED = 0x8009_0328, "SEC_E_CERT_EXPIRED", "the certificate has expired";
        SEC_E_ENCRYPT_FAILURE = 0x8009_0329, "SEC_E_ENCRYPT_FAILURE", "a message could not be encrypted";
        SEC_E_DECRYPT_FAILURE = 0x8009_0330, "SEC_E_DECRYPT_FAILURE", "a message could not be decrypted";
        SEC_E_ALGORITHM_MISMATCH = 0x8009_0331, "SEC_E_ALGORITHM_MISMATCH", "client and server have no algorithm in common";
        SEC_E_KDC_UNABLE_TO_REFER = 0x8009_0339, "SEC_E_KDC_UNABLE_TO_REFER", "Kerberos found no way to the domain of the server";
        SEC_E_KDC_UNKNOWN_ETYPE = 0x8009_0342, "SEC_E_KDC_UNKNOWN_ETYPE", "the domain controller does not support the Kerberos encryption";
        SEC_E_DELEGATION_POLICY = 0x8009_035E, "SEC_E_DELEGATION_POLICY", "a policy does not let the client hand its credentials to this server";
        SEC_E_POLICY_NLTM_ONLY = 0x8009_035F, "SEC_E_POLICY_NLTM_ONLY", "a policy hands no credentials to a server that only NTLM vouches for";
    }
}

//! The codes that Microsoft's client shows when a connection ends: disconnect codes and extended reasons.

code_table! {
    /// A disconnect code (`IMsTscAxEvents::OnDisconnected`, `discReason`): the "Error code" of the dialog.
    DisconnectCode(u32) {
        NO_INFO = 0x0, "disconnectReasonNoInfo", "the client gives no reason";
        LOCAL_NOT_ERROR = 0x1, "disconnectReasonLocalNotError", "the client ended the connection, which is no error";
        REMOTE_BY_USER = 0x2, "disconnectReasonRemoteByUser", "the user ended the session, which is no error";
        BY_SERVER = 0x3, "disconnectReasonByServer", "the server ended the session, which is no error";
        DNS_LOOKUP_FAILED = 0x104, "disconnectReasonDNSLookupFailed", "the DNS look-up of the name failed";
        OUT_OF_MEMORY = 0x106, "disconnectReasonOutOfMemory", "the client ran out of memory";
        CONNECTION_TIMED_OUT = 0x108, "disconnectReasonConnectionTimedOut", "the connection was not made in time";
        SOCKET_CONNECT_FAILED = 0x204, "disconnectReasonSocketConnectFailed", "the TCP connection could not be made";
        OUT_OF_MEMORY_2 = 0x206, "disconnectReasonOutOfMemory2", "the client ran out of memory";
        HOST_NOT_FOUND = 0x208, "disconnectReasonHostNotFound", "the host was not found";
        WINSOCK_SEND_FAILED = 0x304, "disconnectReasonWinsockSendFailed", "sending on the connection failed";
        OUT_OF_MEMORY_3 = 0x306, "disconnectReasonOutOfMemory3", "the client ran out of memory";
        INVALID_IP_ADDR = 0x308, "disconnectReasonInvalidIPAddr", "the IP address is not valid";
        SOCKET_RECV_FAILED = 0x404, "disconnectReasonSocketRecvFailed", "receiving from the connection failed";
        INVALID_SECURITY_DATA = 0x406, "disconnectReasonInvalidSecurityData", "the security data is not valid";
        INTERNAL_ERROR = 0x408, "disconnectReasonInternalError", "an internal error of the client";
        INVALID_ENCRYPTION = 0x506, "disconnectReasonInvalidEncryption", "the encryption method is not valid";
        DNS_LOOKUP_FAILED_2 = 0x508, "disconnectReasonDNSLookupFailed2", "the DNS look-up of the name failed";
        GET_HOST_BY_NAME_FAILED = 0x604, "disconnectReasonGetHostByNameFailed", "the name could not be turned into an address";
        INVALID_SERVER_SECURITY_INFO = 0x606, "disconnectReasonInvalidServerSecurityInfo", "the server's security data is not valid";
        TIMER_ERROR = 0x608, "disconnectReasonTimerError", "a timer of the client failed";
        TIMEOUT_OCCURRED = 0x704, "disconnectReasonTimeoutOccurred", "an answer did not come in time";
        SERVER_CERTIFICATE_UNPACK = 0x706, "disconnectReasonServerCertificateUnpackErr", "the server's certificate could not be unpacked";
        INVALID_IP = 0x804, "disconnectReasonInvalidIP", "the IP address is bad";
        LOGON_FAILURE = 0x807, "SSL_ERR_LOGON_FAILURE", "the logon failed";
        LICENSING_FAILED = 0x808, "disconnectReasonLicensingFailed", "the negotiation of a licence failed";
        SOCKET_CLOSED = 0x904, "disconnectReasonAtClientWinsockFDCLOSE", "the server or the network closed the connection";
        INTERNAL_SECURITY_ERROR = 0x906, "disconnectReasonInternalSecurityError", "an internal security error of the client";
        LICENSING_TIMEOUT = 0x908, "disconnectReasonLicensingTimeout", "the negotiation of a licence was not done in time";
        INTERNAL_SECURITY_ERROR_2 = 0xA06, "disconnectReasonInternalSecurityError2", "an internal security error of the client";
        NO_SUCH_USER = 0xA07, "SSL_ERR_NO_SUCH_USER", "the account does not exist";
        ENCRYPTION_ERROR = 0xB06, "disconnectReasonEncryptionError", "encrypting failed";
        ACCOUNT_DISABLED = 0xB07, "SSL_ERR_ACCOUNT_DISABLED", "the account is disabled";
        DECRYPTION_ERROR = 0xC06, "disconnectReasonDecryptionError", "decrypting failed";
        ACCOUNT_RESTRICTION = 0xC07, "SSL_ERR_ACCOUNT_RESTRICTION", "the account is restricted";
        CLIENT_DECOMPRESSION_ERROR = 0xC08, "disconnectReasonClientDecompressionError", "decompressing failed";
        ACCOUNT_LOCKED_OUT = 0xD07, "SSL_ERR_ACCOUNT_LOCKED_OUT", "the account is locked out";
        ACCOUNT_EXPIRED = 0xE07, "SSL_ERR_ACCOUNT_EXPIRED", "the account has expired";
        PASSWORD_EXPIRED = 0xF07, "SSL_ERR_PASSWORD_EXPIRED", "the password has expired";
        PASSWORD_MUST_CHANGE = 0x1207, "SSL_ERR_PASSWORD_MUST_CHANGE", "the password must be changed before the first logon";
        DELEGATION_POLICY = 0x1607, "SSL_ERR_DELEGATION_POLICY", "a policy of the client does not let it hand its credentials to this server";
        POLICY_NTLM_ONLY = 0x1707, "SSL_ERR_POLICY_NTLM_ONLY", "a policy of the client hands no credentials to a server that only NTLM vouches for";
        NO_AUTHENTICATING_AUTHORITY = 0x1807, "SSL_ERR_NO_AUTHENTICATING_AUTHORITY", "no authority could be reached to authenticate with: the domain or a trust";
        CERT_EXPIRED = 0x1B07, "SSL_ERR_CERT_EXPIRED", "the server's certificate has expired";
        SMARTCARD_WRONG_PIN = 0x1C07, "SSL_ERR_SMARTCARD_WRONG_PIN", "the PIN of the smart card is wrong";
        FRESH_CRED_REQUIRED = 0x2107, "SSL_ERR_FRESH_CRED_REQUIRED_BY_SERVER", "the server takes no saved credentials";
        SMARTCARD_CARD_BLOCKED = 0x2207, "SSL_ERR_SMARTCARD_CARD_BLOCKED", "the smart card is blocked";
    }
}

code_table! {
    /// An extended reason (`ExtendedDisconnectReasonCode`): the "Extended error code" of the dialog.
    ExtendedReason(u32) {
        NO_INFO = 0x0, "exDiscReasonNoInfo", "the server gives no reason";
        API_INITIATED_DISCONNECT = 0x1, "exDiscReasonAPIInitiatedDisconnect", "a program on the server ended the connection";
        API_INITIATED_LOGOFF = 0x2, "exDiscReasonAPIInitiatedLogoff", "a program on the server logged the user off";
        SERVER_IDLE_TIMEOUT = 0x3, "exDiscReasonServerIdleTimeout", "the session was idle for longer than the server allows";
        SERVER_LOGON_TIMEOUT = 0x4, "exDiscReasonServerLogonTimeout", "the session lasted longer than the server allows";
        REPLACED_BY_OTHER_CONNECTION = 0x5, "exDiscReasonReplacedByOtherConnection", "another connection took the session over";
        OUT_OF_MEMORY = 0x6, "exDiscReasonOutOfMemory", "the server ran out of memory";
        SERVER_DENIED_CONNECTION = 0x7, "exDiscReasonServerDeniedConnection", "the server denied the connection";
        SERVER_DENIED_CONNECTION_FIPS = 0x8, "exDiscReasonServerDeniedConnectionFips", "the server denied the connection: it takes FIPS encryption only";
        SERVER_INSUFFICIENT_PRIVILEGES = 0x9, "exDiscReasonServerInsufficientPrivileges", "the account has no right to connect";
        SERVER_FRESH_CREDS_REQUIRED = 0xA, "exDiscReasonServerFreshCredsRequired", "the server takes no saved credentials";
        RPC_INITIATED_DISCONNECT_BY_USER = 0xB, "exDiscReasonRpcInitiatedDisconnectByUser", "the user ended the connection from within the session";
        LICENSE_INTERNAL = 0x100, "exDiscReasonLicenseInternal", "an internal error of the licensing";
        LICENSE_NO_LICENSE_SERVER = 0x101, "exDiscReasonLicenseNoLicenseServer", "no licence server is available";
        LICENSE_NO_LICENSE = 0x102, "exDiscReasonLicenseNoLicense", "no licence is available";
        LICENSE_ERR_CLIENT_MSG = 0x103, "exDiscReasonLicenseErrClientMsg", "the server received a licensing message that is not valid";
        LICENSE_HWID_DOESNT_MATCH_LICENSE = 0x104, "exDiscReasonLicenseHwidDoesntMatchLicense", "the licence was issued to other hardware";
        LICENSE_ERR_CLIENT_LICENSE = 0x105, "exDiscReasonLicenseErrClientLicense", "the licence that the client holds is not valid";
        LICENSE_CANT_FINISH_PROTOCOL = 0x106, "exDiscReasonLicenseCantFinishProtocol", "network trouble ended the licensing";
        LICENSE_CLIENT_ENDED_PROTOCOL = 0x107, "exDiscReasonLicenseClientEndedProtocol", "the client ended the licensing too early";
        LICENSE_ERR_CLIENT_ENCRYPTION = 0x108, "exDiscReasonLicenseErrClientEncryption", "a licensing message was wrongly encrypted";
        LICENSE_CANT_UPGRADE_LICENSE = 0x109, "exDiscReasonLicenseCantUpgradeLicense", "the licence that the client holds could not be renewed";
        LICENSE_NO_REMOTE_CONNECTIONS = 0x10A, "exDiscReasonLicenseNoRemoteConnections", "the server is not licensed to accept remote connections";
        LICENSE_CREATING_LIC_STORE_ACC_DENIED = 0x10B, "exDiscReasonLicenseCreatingLicStoreAccDenied", "the client may not write to its licence store in the registry";
        RDP_ENC_INVALID_CREDENTIALS = 0x300, "exDiscReasonRdpEncInvalidCredentials", "the credentials are not valid";
    }
}

//! NTSTATUS and SECURITY_STATUS values that a CredSSP server may send.

code_table! {
    /// A status value in `TSRequest.errorCode` ([MS-CSSP] 2.2.1; [MS-ERREF] 2.3.1).
    NtStatus(u32) {
        NTLM_BLOCKED = 0xC000_0418, "STATUS_NTLM_BLOCKED", "NTLM is blocked by policy";
    }
}

//! Replies of real servers decode to what their captures show; NTLM has a file of its own.
//!
//! Names of files are those of zeek/zeek `testing/btest/Traces/rdp/` (BSD-3-Clause) and of OISF/suricata-verify
//! `tests/` (MIT); xrdp is 0.9.21 and FreeRDP 2.11.7 as Debian 12 has them. Only the bytes that matter are here.

use data_encoding::HEXLOWER;

// X.224 and MCS.
mod rdp;

/// Bytes from hex, blanks and line ends between them.
#[expect(clippy::expect_used, reason = "a test's own bytes")]
fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    HEXLOWER.decode(digits.as_bytes()).expect("hex in a test")
}

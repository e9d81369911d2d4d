//! Windows build numbers and the products that carry them.

/// The products that share a build number, or `None` for a build that is not in the table.
///
/// NTLM gives the base build: 19042 to 19045 may answer 19041, 22631 may answer 22621, 26200 may answer 26100.
#[must_use]
pub const fn product(build: u16) -> Option<&'static str> {
    match build {
        20348 => Some("Windows Server 2022"),
        _ => None,
    }
}

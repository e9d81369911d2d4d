//! Windows build numbers and the products that carry them.

/// The products that share a build number, or `None` for a build that is not in the table.
///
/// Client and server editions share builds: the number alone does not tell them apart, nor does the update level
/// show. NTLM gives the base build of releases that an enablement package makes: 19042 to 19045 may answer 19041,
/// 22631 may answer 22621, 26200 may answer 26100; the text of the base build says so.
#[must_use]
pub const fn product(build: u16) -> Option<&'static str> {
    Some(match build {
        2195 => "Windows 2000",
        2600 => "Windows XP",
        3790 => "Windows Server 2003 / XP x64",
        6000 => "Windows Vista",
        6001 => "Windows Vista SP1 / Server 2008",
        6002 => "Windows Vista SP2 / Server 2008 SP2",
        6003 => "Windows Server 2008 SP2 (late updates)",
        7600 => "Windows 7 / Server 2008 R2",
        7601 => "Windows 7 SP1 / Server 2008 R2 SP1",
        9200 => "Windows 8 / Server 2012",
        9600 => "Windows 8.1 / Server 2012 R2",
        10240 => "Windows 10 1507",
        10586 => "Windows 10 1511",
        14393 => "Windows 10 1607 / Server 2016",
        15063 => "Windows 10 1703",
        16299 => "Windows 10 1709 / Server 1709",
        17134 => "Windows 10 1803 / Server 1803",
        17763 => "Windows 10 1809 / Server 2019",
        18362 => "Windows 10 1903 / Server 1903",
        18363 => "Windows 10 1909 / Server 1909",
        19041 => "Windows 10 2004 to 22H2 / Server 2004",
        19042 => "Windows 10 20H2 / Server 20H2",
        19043 => "Windows 10 21H1",
        19044 => "Windows 10 21H2",
        19045 => "Windows 10 22H2",
        20348 => "Windows Server 2022",
        22000 => "Windows 11 21H2",
        22621 => "Windows 11 22H2 or 23H2",
        22631 => "Windows 11 23H2",
        25398 => "Windows Server 23H2",
        26100 => "Windows 11 24H2 or 25H2 / Server 2025",
        26200 => "Windows 11 25H2",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::product;

    #[test]
    fn builds_of_the_captures_have_names() {
        assert_eq!(product(17763), Some("Windows 10 1809 / Server 2019"));
        assert_eq!(product(20348), Some("Windows Server 2022"));
        assert_eq!(product(7601), Some("Windows 7 SP1 / Server 2008 R2 SP1"));
        assert_eq!(product(0), None);
    }
}

//! Windows build numbers, the products that carry them, and until when these are mended.

use std::fmt;

use jiff::civil::{Date, date};

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

/// A product, and until when Microsoft mends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifecycle {
    product: &'static str,
    until: Date,
    paid_until: Option<Date>,
}

impl Lifecycle {
    /// The last day of security updates that come with the licence.
    #[must_use]
    pub const fn until(&self) -> Date {
        self.until
    }

    /// The last day of extended security updates, which are sold apart.
    #[must_use]
    pub const fn paid_until(&self) -> Option<Date> {
        self.paid_until
    }

    const fn paid(self, year: i16, month: i8, day: i8) -> Self {
        Self { paid_until: Some(date(year, month, day)), ..self }
    }
}

impl fmt::Display for Lifecycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} until {}", self.product, self.until)?;
        self.paid_until.map_or(Ok(()), |until| write!(f, " (with extended security updates until {until})"))
    }
}

const fn ends(product: &'static str, year: i16, month: i8, day: i8) -> Lifecycle {
    Lifecycle { product, until: date(year, month, day), paid_until: None }
}

/// The products with that build, each with the edition that is mended longest; none if the build is not in the table.
///
/// Sources: <https://learn.microsoft.com/lifecycle/products/> with the name of the product behind it
/// (`windows-server-2016`), <https://learn.microsoft.com/lifecycle/products/windows-10-enterprise-and-education>,
/// <https://learn.microsoft.com/lifecycle/products/windows-11-enterprise-and-education>, and for extended security
/// updates <https://learn.microsoft.com/lifecycle/faq/extended-security-updates>.
#[must_use]
pub const fn lifecycle(build: u16) -> &'static [Lifecycle] {
    match build {
        // /windows-2000-professional-edition, /windows-xp, /windows-server-2003-
        2195 => const { &[ends("Windows 2000", 2010, 7, 13)] },
        2600 => const { &[ends("Windows XP", 2014, 4, 8)] },
        3790 => const { &[ends("Windows XP x64", 2014, 4, 8), ends("Windows Server 2003", 2015, 7, 14)] },
        // /windows-vista, /windows-server-2008
        6000 => const { &[ends("Windows Vista", 2010, 4, 13)] },
        6001 => const { &[ends("Windows Vista SP1", 2011, 7, 12), ends("Windows Server 2008", 2011, 7, 12)] },
        6002 | 6003 => {
            const {
                &[
                    ends("Windows Vista SP2", 2017, 4, 11),
                    ends("Windows Server 2008 SP2", 2020, 1, 14).paid(2023, 1, 10),
                ]
            }
        }
        // /windows-7, /windows-server-2008-r2
        7600 => const { &[ends("Windows 7", 2013, 4, 9), ends("Windows Server 2008 R2", 2013, 4, 9)] },
        7601 => {
            const {
                &[
                    ends("Windows 7 SP1", 2020, 1, 14).paid(2023, 1, 10),
                    ends("Windows Server 2008 R2 SP1", 2020, 1, 14).paid(2023, 1, 10),
                ]
            }
        }
        // /windows-8, /windows-81, /windows-server-2012, /windows-server-2012-r2
        9200 => {
            const {
                &[
                    ends("Windows 8", 2016, 1, 12),
                    ends("Windows Server 2012", 2023, 10, 10).paid(2026, 10, 13),
                ]
            }
        }
        9600 => {
            const {
                &[
                    ends("Windows 8.1", 2023, 1, 10),
                    ends("Windows Server 2012 R2", 2023, 10, 10).paid(2026, 10, 13),
                ]
            }
        }
        10240 => const { &[ends("Windows 10 1507", 2017, 5, 9), ends("Windows 10 LTSB 2015", 2025, 10, 14)] },
        10586 => const { &[ends("Windows 10 1511", 2018, 4, 10)] },
        14393 => {
            const {
                &[
                    ends("Windows 10 1607", 2019, 4, 9),
                    ends("Windows 10 LTSB 2016", 2026, 10, 13),
                    ends("Windows Server 2016", 2027, 1, 12),
                ]
            }
        }
        15063 => const { &[ends("Windows 10 1703", 2019, 10, 8)] },
        16299 => const { &[ends("Windows 10 1709", 2020, 10, 13), ends("Windows Server 1709", 2019, 4, 9)] },
        17134 => const { &[ends("Windows 10 1803", 2021, 5, 11), ends("Windows Server 1803", 2019, 11, 12)] },
        17763 => {
            const {
                &[
                    ends("Windows 10 1809", 2021, 5, 11),
                    ends("Windows 10 LTSC 2019", 2029, 1, 9),
                    ends("Windows Server 2019", 2029, 1, 9),
                ]
            }
        }
        18362 => const { &[ends("Windows 10 1903", 2020, 12, 8), ends("Windows Server 1903", 2020, 12, 8)] },
        18363 => const { &[ends("Windows 10 1909", 2022, 5, 10), ends("Windows Server 1909", 2021, 5, 11)] },
        19041 => {
            const {
                &[
                    ends("Windows 10 22H2", 2025, 10, 14).paid(2028, 10, 10),
                    ends("Windows 10 LTSC 2021", 2027, 1, 12),
                    ends("Windows Server 2004", 2021, 12, 14),
                ]
            }
        }
        19042 => const { &[ends("Windows 10 20H2", 2023, 5, 9), ends("Windows Server 20H2", 2022, 8, 9)] },
        19043 => const { &[ends("Windows 10 21H1", 2022, 12, 13)] },
        19044 => const { &[ends("Windows 10 21H2", 2024, 6, 11), ends("Windows 10 LTSC 2021", 2027, 1, 12)] },
        19045 => const { &[ends("Windows 10 22H2", 2025, 10, 14).paid(2028, 10, 10)] },
        20348 => const { &[ends("Windows Server 2022", 2031, 10, 14)] },
        22000 => const { &[ends("Windows 11 21H2", 2024, 10, 8)] },
        22621 => const { &[ends("Windows 11 22H2", 2025, 10, 14), ends("Windows 11 23H2", 2026, 11, 10)] },
        22631 => const { &[ends("Windows 11 23H2", 2026, 11, 10)] },
        25398 => const { &[ends("Windows Server 23H2", 2025, 10, 24)] },
        // Of Server 2025 two days in autumn 2034 have been published: this is the earlier one.
        26100 => {
            const {
                &[
                    ends("Windows 11 24H2", 2027, 10, 12),
                    ends("Windows 11 25H2", 2028, 10, 10),
                    ends("Windows 11 LTSC 2024", 2029, 10, 9),
                    ends("Windows Server 2025", 2034, 10, 10),
                ]
            }
        }
        26200 => const { &[ends("Windows 11 25H2", 2028, 10, 10)] },
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::{lifecycle, product};

    #[test]
    fn builds_of_the_captures_have_names() {
        assert_eq!(product(17763), Some("Windows 10 1809 / Server 2019"));
        assert_eq!(product(20348), Some("Windows Server 2022"));
        assert_eq!(product(7601), Some("Windows 7 SP1 / Server 2008 R2 SP1"));
        assert_eq!(product(0), None);
    }

    #[test]
    fn every_build_with_a_name_has_a_lifecycle() {
        for build in 0..=u16::MAX {
            assert_eq!(product(build).is_some(), !lifecycle(build).is_empty(), "{build}");
            for product in lifecycle(build) {
                assert!(product.paid_until().is_none_or(|until| until > product.until()), "{product}");
            }
        }
    }

    #[test]
    fn a_lifecycle_is_told_in_words() {
        let [_, server] = lifecycle(9600) else { panic!("a client and a server") };
        assert_eq!(
            server.to_string(),
            "Windows Server 2012 R2 until 2023-10-10 (with extended security updates until 2026-10-13)"
        );
    }
}

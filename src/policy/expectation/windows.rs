//! Releases of Windows by the names that people use, and their builds.

/// A release, or one build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::policy) struct Release {
    /// As `os>=` takes it.
    pub(in crate::policy) name: &'static str,
    /// Its builds, oldest first; clients and servers share some.
    builds: &'static [u16],
}

/// What `os` is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::policy) enum Windows {
    /// A release.
    Release(&'static Release),
    /// One build.
    Build(u16),
}

impl Windows {
    /// A release by its name, or a build by its number.
    pub(in crate::policy) fn read(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        if let Some(release) = RELEASES.iter().find(|release| release.name == text) {
            return Some(Self::Release(release));
        }
        text.parse().ok().filter(|build| *build >= OLDEST).map(Self::Build)
    }

    /// Its oldest build.
    pub(in crate::policy) fn first(self) -> u16 {
        match self {
            Self::Release(release) => release.builds.first().copied().unwrap_or_default(),
            Self::Build(build) => build,
        }
    }

    /// Its newest build.
    pub(in crate::policy) fn last(self) -> u16 {
        match self {
            Self::Release(release) => release.builds.last().copied().unwrap_or_default(),
            Self::Build(build) => build,
        }
    }

    /// Whether the build is one of its own.
    pub(in crate::policy) fn has(self, build: u16) -> bool {
        match self {
            Self::Release(release) => release.builds.contains(&build),
            Self::Build(own) => own == build,
        }
    }
}

/// The builds that a machine may have that answers with this one: NTLM gives the base build of releases that an
/// enablement package makes.
pub(in crate::policy) fn may_be(build: u16) -> &'static [u16] {
    BASES.iter().find(|(base, _)| *base == build).map_or(&[], |(_, builds)| builds)
}

const BASES: [(u16, &[u16]); 3] =
    [(19041, &[19041, 19042, 19043, 19044, 19045]), (22621, &[22621, 22631]), (26100, &[26100, 26200])];

/// The build of Windows 2000: no number below is one, and a year that is no release is not taken for one.
const OLDEST: u16 = 2195;

/// Every release by name.
pub(in crate::policy) const RELEASES: &[Release] = &[
    release("2000", &[2195]),
    release("xp", &[2600, 3790]),
    release("2003", &[3790]),
    release("vista", &[6000, 6001, 6002]),
    release("2008", &[6001, 6002, 6003]),
    release("win7", &[7600, 7601]),
    release("2008r2", &[7600, 7601]),
    release("win8", &[9200]),
    release("2012", &[9200]),
    release("win8.1", &[9600]),
    release("2012r2", &[9600]),
    release(
        "win10",
        &[10240, 10586, 14393, 15063, 16299, 17134, 17763, 18362, 18363, 19041, 19042, 19043, 19044, 19045],
    ),
    release("2016", &[14393]),
    release("2019", &[17763]),
    release("2022", &[20348]),
    release("win11", &[22000, 22621, 22631, 26100, 26200]),
    release("2025", &[26100]),
];

const fn release(name: &'static str, builds: &'static [u16]) -> Release {
    Release { name, builds }
}

#[cfg(test)]
mod tests {
    use super::{RELEASES, Windows};
    use crate::wire::codes::windows::product;

    #[test]
    fn every_build_is_known_and_in_order() {
        for release in RELEASES {
            assert!(release.builds.is_sorted() && !release.builds.is_empty(), "{}", release.name);
            for build in release.builds {
                assert!(product(*build).is_some(), "{}: {build}", release.name);
            }
        }
    }

    #[test]
    fn a_year_without_a_release_is_no_build() {
        assert_eq!(Windows::read("2020"), None);
        assert_eq!(Windows::read("17763"), Some(Windows::Build(17763)));
        assert_eq!(Windows::read("2019").map(Windows::first), Some(17763));
        assert_eq!(Windows::read("WIN11").map(Windows::last), Some(26200));
        assert_eq!(Windows::read("99999"), None);
    }
}

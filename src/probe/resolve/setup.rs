//! Whom to ask and under which names: resolv.conf, the registry, the hosts file, or the resolver the user names.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use hickory_resolver::Hosts;
use hickory_resolver::config::{ResolverConfig, ResolverOpts};
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::NetError;
use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::rr::{Name, RecordType};
use hickory_resolver::system_conf::read_system_conf;

use super::lack;
use super::scope::scope;
use crate::evidence::resolve::{ResolvedAddress, Source};
use crate::evidence::{Failure, Resolution};
use crate::probe::plan::Families;

/// What there is to resolve names with.
pub struct Setup {
    /// The name servers in the system's order, or why there are none.
    pub(super) servers: Result<Vec<SocketAddr>, String>,
    search: Vec<Name>,
    ndots: usize,
    /// Absent where the user names a resolver: its word is asked for, not this machine's.
    hosts: Option<Hosts>,
}

/// One name to ask for.
pub(super) struct Candidate {
    /// The absolute name.
    pub(super) name: Name,
    /// Whether it is the user's own, without a search domain.
    pub(super) as_given: bool,
}

impl Setup {
    /// The system's setup, or the one resolver that the user names.
    ///
    /// # Errors
    /// With what this machine lacked for reading it. A file that is not there or of no use is none.
    pub fn read(resolver: Option<SocketAddr>) -> Result<Self, Failure> {
        if let Some(address) = resolver {
            return Ok(Self { servers: Ok(vec![address]), search: Vec::new(), ndots: 1, hosts: None });
        }
        let hosts = or_empty(Hosts::from_system())?;
        match read_system_conf() {
            Ok((config, options)) => Ok(Self::of(&config, &options, hosts)),
            Err(error) => {
                // On Windows and macOS it is no file, and the error of another type.
                let any: &(dyn std::error::Error + 'static) = &error;
                if let Some(NetError::Io(error)) = any.downcast_ref()
                    && let Some(lack) = lack(error, "the resolver's configuration")
                {
                    return Err(lack);
                }
                Ok(Self { servers: Err(error.to_string()), search: Vec::new(), ndots: 1, hosts: Some(hosts) })
            }
        }
    }

    fn of(config: &ResolverConfig, options: &ResolverOpts, hosts: Hosts) -> Self {
        let mut servers: Vec<SocketAddr> = Vec::new();
        for configured in config.name_servers() {
            let port = configured.connections.first().map_or(53, |connection| connection.port);
            let address = SocketAddr::new(configured.ip, port);
            if !servers.contains(&address) {
                servers.push(address);
            }
        }
        let servers = match servers.as_slice() {
            [] => Err("this machine has no resolver configured".to_owned()),
            _ => Ok(servers),
        };
        // A search list replaces this machine's own domain; it does not add to it.
        let search = match config.search() {
            [] => config.domain().into_iter().cloned().collect(),
            search => search.to_vec(),
        };
        Self { servers, search, ndots: options.ndots, hosts: Some(hosts) }
    }

    /// The addresses that need no resolver: the hosts file's, and loopback for `localhost` (RFC 6761 6.3).
    /// As with "files dns", a name found for one family is not asked for in the DNS for the other.
    pub(super) fn static_answer(&self, name: &str, families: Families) -> Option<Resolution> {
        let absolute = absolute(name)?;
        let mut found: Vec<IpAddr> = Vec::new();
        for kind in [RecordType::AAAA, RecordType::A] {
            let query = Query::query(absolute.clone(), kind);
            let lookup = self.hosts.as_ref().and_then(|hosts| hosts.lookup_static_host(&query));
            let records = lookup.iter().flat_map(Lookup::answers);
            found.extend(records.filter_map(|record| record.data.ip_addr()));
        }
        if found.is_empty() && is_localhost(&absolute) {
            found = vec![Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()];
        }
        let mut addresses: Vec<ResolvedAddress> = Vec::new();
        for address in found.into_iter().filter(|address| families.admits(*address)) {
            if addresses.iter().all(|known| known.address != address) {
                addresses.push(ResolvedAddress { address, ttl_s: None, scope: scope(address) });
            }
        }
        (!addresses.is_empty()).then(|| Resolution {
            query_name: super::answer::shown(&absolute),
            source: Source::HostsFile,
            cname_chain: Vec::new(),
            addresses,
            families: Vec::new(),
        })
    }

    /// The names to ask for, in glibc's order: with `ndots` dots or more the name itself comes first, else last;
    /// with a trailing dot it is the only one.
    pub(super) fn candidates(&self, name: &str) -> Vec<Candidate> {
        let Some(absolute) = absolute(name) else { return Vec::new() };
        let given = || Candidate { name: absolute.clone(), as_given: true };
        if name.ends_with('.') || is_localhost(&absolute) {
            return vec![given()];
        }
        let given_first = name.matches('.').count() >= self.ndots;
        let mut candidates = Vec::new();
        candidates.extend(given_first.then(given));
        for domain in &self.search {
            let Ok(relative) = Name::from_ascii(name) else { continue };
            let Ok(name) = relative.append_domain(domain) else { continue };
            if name != absolute && candidates.iter().all(|known| known.name != name) {
                candidates.push(Candidate { name, as_given: false });
            }
        }
        candidates.extend((!given_first).then(given));
        candidates
    }
}

/// Without a hosts file nobody is in it; one that this machine could not open may name the very host.
fn or_empty(hosts: io::Result<Hosts>) -> Result<Hosts, Failure> {
    match hosts {
        Ok(hosts) => Ok(hosts),
        Err(error) => lack(&error, "the hosts file").map_or_else(|| Ok(Hosts::default()), Err),
    }
}

fn absolute(name: &str) -> Option<Name> {
    let mut absolute = Name::from_ascii(name).ok()?;
    absolute.set_fqdn(true);
    Some(absolute)
}

fn is_localhost(name: &Name) -> bool {
    name.iter().next_back().is_some_and(|label| label.eq_ignore_ascii_case(b"localhost"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setup(search: &[&str], ndots: usize, hosts: &str) -> Setup {
        let mut table = Hosts::default();
        table.read_hosts_conf(hosts.as_bytes()).unwrap();
        let mut options = ResolverOpts::default();
        options.ndots = ndots;
        let search = search.iter().map(|domain| Name::from_ascii(domain).unwrap()).collect();
        let config = ResolverConfig::from_parts(None, search, Vec::new());
        Setup::of(&config, &options, table)
    }

    fn asked(setup: &Setup, name: &str) -> Vec<(String, bool)> {
        setup.candidates(name).iter().map(|c| (c.name.to_ascii(), c.as_given)).collect()
    }

    fn given(name: &str) -> (String, bool) {
        (name.to_owned(), true)
    }

    fn searched(name: &str) -> (String, bool) {
        (name.to_owned(), false)
    }

    #[test]
    fn search_domains_come_before_a_short_name_and_after_a_long_one() {
        let setup = setup(&["corp.example", "example"], 1, "");
        assert_eq!(
            asked(&setup, "myvm"),
            [searched("myvm.corp.example."), searched("myvm.example."), given("myvm.")]
        );
        assert_eq!(
            asked(&setup, "myvm.west"),
            [given("myvm.west."), searched("myvm.west.corp.example."), searched("myvm.west.example.")]
        );
        assert_eq!(asked(&setup, "myvm."), [given("myvm.")]);
        assert_eq!(asked(&setup, "localhost"), [given("localhost.")]);
    }

    #[test]
    fn ndots_moves_the_border() {
        let setup = setup(&["corp.example"], 2, "");
        assert_eq!(asked(&setup, "myvm.west"), [searched("myvm.west.corp.example."), given("myvm.west.")]);
        assert_eq!(asked(&setup, "a.b.c"), [given("a.b.c."), searched("a.b.c.corp.example.")]);
    }

    #[test]
    fn a_domain_too_long_to_append_and_a_repeated_one_are_left_out() {
        let long = ["d".repeat(60).as_str(); 4].join(".");
        let setup = setup(&[&long, "corp.example", "corp.example.", "."], 1, "");
        assert_eq!(asked(&setup, &"m".repeat(50)).len(), 2);
    }

    #[test]
    fn this_machines_domain_counts_only_without_a_search_list() {
        let domain = Name::from_ascii("own.example").unwrap();
        let of = |search: Vec<Name>| {
            let config = ResolverConfig::from_parts(Some(domain.clone()), search, Vec::new());
            Setup::of(&config, &ResolverOpts::default(), Hosts::default())
        };
        assert_eq!(asked(&of(Vec::new()), "myvm"), [searched("myvm.own.example."), given("myvm.")]);
        let listed = of(vec![Name::from_ascii("corp.example").unwrap()]);
        assert_eq!(asked(&listed, "myvm"), [searched("myvm.corp.example."), given("myvm.")]);
    }

    #[test]
    #[cfg(unix)]
    fn a_hosts_file_that_cannot_be_opened_for_want_of_descriptors_is_not_an_empty_one() {
        let error = || io::Error::from_raw_os_error(libc::EMFILE);
        assert!(matches!(or_empty(Err(error())), Err(Failure::Local { .. })));
        assert!(or_empty(Err(io::ErrorKind::NotFound.into())).is_ok());
    }

    #[test]
    fn the_hosts_file_answers_without_a_resolver() {
        let setup =
            setup(&[], 1, "10.0.0.4 myvm MYVM.corp.example # lab\nfd00::4 myvm\n10.0.0.4 myvm\nbad myvm\n");
        assert!(setup.servers.is_err());
        let addresses = |name: &str, families| {
            setup.static_answer(name, families).map(|resolution| {
                assert_eq!(resolution.source, Source::HostsFile);
                resolution.addresses.iter().map(|a| a.address.to_string()).collect::<Vec<_>>()
            })
        };
        assert_eq!(addresses("MyVM", Families::Any).unwrap(), ["fd00::4", "10.0.0.4"]);
        assert_eq!(addresses("myvm.corp.example", Families::Any).unwrap(), ["10.0.0.4"]);
        assert_eq!(addresses("myvm.corp.example", Families::V6), None);
        assert_eq!(addresses("other", Families::Any), None);
        assert_eq!(addresses("localhost", Families::Any).unwrap(), ["::1", "127.0.0.1"]);
        assert_eq!(addresses("db.localhost", Families::V4).unwrap(), ["127.0.0.1"]);
        assert_eq!(addresses("localhost.example", Families::Any), None);
    }
}

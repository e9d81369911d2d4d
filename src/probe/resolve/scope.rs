//! What kind of address it is, by the IANA IPv4 and IPv6 special-purpose address registries.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::evidence::resolve::Scope;

/// The scope of an address. An IPv4 address within IPv6 (`::ffff:0:0/96`) has the scope of the IPv4 address.
#[must_use]
pub fn scope(address: IpAddr) -> Scope {
    match address.to_canonical() {
        IpAddr::V4(address) => v4(address),
        IpAddr::V6(address) => v6(address),
    }
}

fn v4(address: Ipv4Addr) -> Scope {
    match address.octets() {
        [127, ..] => Scope::Loopback,
        [10, ..] | [192, 168, ..] => Scope::Private,
        [172, second, ..] if second & 0xf0 == 16 => Scope::Private,
        [169, 254, ..] => Scope::LinkLocal,
        [100, second, ..] if second & 0xc0 == 64 => Scope::SharedNat,
        // IETF protocol assignments but for the two anycast addresses (PCP, TURN); documentation; benchmarking.
        [192, 0, 0, last] if last != 9 && last != 10 => Scope::Special,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] | [198, 18 | 19, ..] => Scope::Special,
        // "This network", multicast, reserved, broadcast.
        [first, ..] if first == 0 || first >= 224 => Scope::Special,
        _ => Scope::Public,
    }
}

fn v6(address: Ipv6Addr) -> Scope {
    if address == Ipv6Addr::LOCALHOST {
        return Scope::Loopback;
    }
    match address.segments() {
        [first, ..] if first & 0xfe00 == 0xfc00 => Scope::Private,
        [first, ..] if first & 0xffc0 == 0xfe80 => Scope::LinkLocal,
        // NAT64's well-known prefix leads to the public IPv4 internet.
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => Scope::Public,
        // Documentation (two prefixes) and benchmarking lie within global unicast.
        [0x2001, 0xdb8, ..] | [0x2001, 2, 0, ..] => Scope::Special,
        [0x3fff, second, ..] if second & 0xf000 == 0 => Scope::Special,
        [first, ..] if first & 0xe000 == 0x2000 => Scope::Public,
        _ => Scope::Special,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_has_its_edges() {
        let cases: &[(Scope, &[&str])] = &[
            (
                Scope::Public,
                &["1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.255.255", "100.128.0.0", "2606:4700::1111"],
            ),
            (
                Scope::Public,
                &[
                    "198.17.0.1",
                    "198.20.0.1",
                    "192.0.0.9",
                    "192.0.1.1",
                    "64:ff9b::1",
                    "::ffff:8.8.8.8",
                    "3fff:1000::1",
                ],
            ),
            (
                Scope::Private,
                &["10.0.0.4", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fdff::1"],
            ),
            (Scope::Loopback, &["127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1"]),
            (Scope::LinkLocal, &["169.254.1.1", "fe80::1", "febf::1"]),
            (Scope::SharedNat, &["100.64.0.0", "100.127.255.255"]),
            (
                Scope::Special,
                &["0.0.0.0", "192.0.2.7", "198.51.100.7", "203.0.113.7", "198.18.0.1", "192.0.0.1"],
            ),
            (Scope::Special, &["224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "ff02::1", "2001:db8::1"]),
            (Scope::Special, &["3fff::1", "2001:2::1", "fec0::1", "100::1", "4000::1"]),
        ];
        for (expected, addresses) in cases {
            for address in *addresses {
                assert_eq!(scope(address.parse().unwrap()), *expected, "{address}");
            }
        }
    }
}

//! The way that packets to an address take, by this machine's routing table. Linux tells; elsewhere it is unknown.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

/// How an address is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// It is this machine's own, or in a network that it is in.
    Direct,
    /// Through this gateway, with the scope of a link-local one.
    Via(IpAddr, u32),
    /// There is no route, or the table cannot be read.
    Unknown,
}

/// The way to an address, as of now.
pub(super) fn to(address: IpAddr) -> Way {
    if address.is_loopback() {
        return Way::Direct;
    }
    match address.to_canonical() {
        IpAddr::V4(address) => {
            std::fs::read_to_string("/proc/net/route").map_or(Way::Unknown, |table| v4(address, &table))
        }
        IpAddr::V6(address) => std::fs::read_to_string("/proc/net/ipv6_route")
            .map_or(Way::Unknown, |table| v6(address, &table, interface_index)),
    }
}

/// Where to connect to at a gateway.
pub(super) fn socket_address(gateway: IpAddr, port: u16, scope: u32) -> SocketAddr {
    match gateway {
        IpAddr::V4(_) => SocketAddr::new(gateway, port),
        IpAddr::V6(gateway) => SocketAddrV6::new(gateway, port, 0, scope).into(),
    }
}

fn interface_index(name: &str) -> Option<u32> {
    std::fs::read_to_string(format!("/sys/class/net/{name}/ifindex")).ok()?.trim().parse().ok()
}

/// The longest prefix wins, then the lowest metric, as in proc(5) and in the kernel.
fn v4(address: Ipv4Addr, table: &str) -> Way {
    let routes = table.lines().skip(1).filter_map(|line| {
        let mut fields = line.split_ascii_whitespace().skip(1);
        let number = |text: Option<&str>| u32::from_str_radix(text?, 16).ok();
        // In memory order, printed as this machine's numbers.
        let network_order = |number: u32| Ipv4Addr::from(number.to_ne_bytes());
        let (destination, gateway) =
            (network_order(number(fields.next())?), network_order(number(fields.next())?));
        let is_up = number(fields.next())? & 1 != 0;
        let metric: u32 = fields.nth(2)?.parse().ok()?;
        let mask = network_order(number(fields.next())?);
        (is_up && address & mask == destination).then_some((u32::from(mask).count_ones(), metric, gateway))
    });
    let best = routes.max_by_key(|(prefix, metric, _)| (*prefix, std::cmp::Reverse(*metric)));
    match best {
        Some((_, _, gateway)) if gateway.is_unspecified() => Way::Direct,
        Some((_, _, gateway)) => Way::Via(gateway.into(), 0),
        None => Way::Unknown,
    }
}

/// The flag of a route that rejects (RTF_REJECT of linux/route.h).
const REJECTS: u32 = 0x0200;

fn v6(address: Ipv6Addr, table: &str, interface_index: impl Fn(&str) -> Option<u32>) -> Way {
    let routes = table.lines().filter_map(|line| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let [destination, prefix, _, _, gateway, metric, _, _, flags, interface] = fields.as_slice() else {
            return None;
        };
        let bits = |text: &str| u128::from_str_radix(text, 16).ok();
        let number = |text: &str| u32::from_str_radix(text, 16).ok();
        let (prefix, flags) = (number(prefix)?, number(flags)?);
        let mask = u128::MAX.checked_shl(128_u32.checked_sub(prefix)?).unwrap_or(0);
        let fits = u128::from(address) & mask == bits(destination)? && flags & 1 != 0 && flags & REJECTS == 0;
        fits.then_some((prefix, number(metric)?, Ipv6Addr::from(bits(gateway)?), (*interface).to_owned()))
    });
    match routes.max_by_key(|(prefix, metric, ..)| (*prefix, std::cmp::Reverse(*metric))) {
        Some((_, _, gateway, _)) if gateway.is_unspecified() => Way::Direct,
        Some((_, _, gateway, interface)) => {
            let is_link_local = gateway.segments().first().is_some_and(|first| first & 0xffc0 == 0xfe80);
            let scope = if is_link_local { interface_index(&interface).unwrap_or(0) } else { 0 };
            Way::Via(gateway.into(), scope)
        }
        None => Way::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_endian = "little")]
    const V4: &str = "\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
wlan0\t00000000\tFE01A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0
eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
tun0\t0000000A\t0100080A\t0003\t0\t0\t50\t000000FF\t0\t0\t0
";

    const V6: &str = "\
fd770000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
";

    #[cfg(target_endian = "little")]
    #[test]
    fn the_longest_prefix_and_then_the_lowest_metric_is_the_way() {
        let way = |text: &str| v4(text.parse().unwrap(), V4);
        assert_eq!(way("192.168.1.77"), Way::Direct);
        assert_eq!(way("203.0.113.5"), Way::Via("192.168.1.1".parse().unwrap(), 0));
        assert_eq!(way("10.1.2.3"), Way::Via("10.8.0.1".parse().unwrap(), 0));
        assert_eq!(v4("203.0.113.5".parse().unwrap(), "Iface\n"), Way::Unknown);
        assert_eq!(v4("203.0.113.5".parse().unwrap(), "Iface\neth0 zz\n"), Way::Unknown);
    }

    #[test]
    fn a_link_local_gateway_carries_its_interface() {
        let way = |text: &str| v6(text.parse().unwrap(), V6, |name| (name == "eth0").then_some(2));
        assert_eq!(way("fd77::5"), Way::Direct);
        let gateway: IpAddr = "fe80::1".parse().unwrap();
        assert_eq!(way("2001:db8::1"), Way::Via(gateway, 2));
        assert_eq!(socket_address(gateway, 53, 2).to_string(), "[fe80::1%2]:53");
        let rejecting = V6.lines().last().unwrap();
        assert_eq!(v6("2001:db8::1".parse().unwrap(), rejecting, |_| None), Way::Unknown);
    }

    #[test]
    fn this_machine_is_reached_directly() {
        assert_eq!(to("127.1.2.3".parse().unwrap()), Way::Direct);
        assert_eq!(to("::1".parse().unwrap()), Way::Direct);
    }
}

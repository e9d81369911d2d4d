//! Networks and ranges of addresses: `10.0.0.0/22`, `10.0.0.1-200`, `2001:db8::1-2001:db8::ff`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use super::SourceError;

/// Addresses of one family that follow each other, both ends included. A network's first and last address are in it,
/// as nmap has it: what is "broadcast" for one mask is a host for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    first: IpAddr,
    last: IpAddr,
}

impl Span {
    /// Reads a network or a range; nothing if the text is neither, such as a name or a single address.
    pub(super) fn read(text: &str) -> Option<Result<Self, SourceError>> {
        if let Some((address, _)) = text.split_once('/') {
            return address.parse::<IpAddr>().ok().map(|_| network(text));
        }
        let (first, last) = text.split_once('-')?;
        if let Ok(first) = first.parse::<IpAddr>()
            && (last.parse::<IpAddr>().is_ok() || is_digits(last))
        {
            return Some(range(first, last, text));
        }
        // A name would have a letter in its last part.
        let numbers = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
        (numbers && text.contains('.')).then(|| Err(not_a_range(text)))
    }

    /// The address alone.
    pub(super) const fn one(address: IpAddr) -> Self {
        Self { first: address, last: address }
    }

    /// The numbers of both ends, on one line for both families: see [`number`].
    pub(super) fn numbers(self) -> (u128, u128) {
        (number(self.first), number(self.last))
    }

    /// How many addresses it has, less one: the whole of IPv6 has one more than a number can say.
    pub(super) fn len_less_one(self) -> u128 {
        let (first, last) = self.numbers();
        last.saturating_sub(first)
    }

    /// The address of a number, in the family of the span.
    pub(super) const fn address(self, number: u128) -> IpAddr {
        let address = Ipv6Addr::from_bits(number);
        match (self.first, address.to_ipv4_mapped()) {
            (IpAddr::V4(_), Some(address)) => IpAddr::V4(address),
            _ => IpAddr::V6(address),
        }
    }
}

/// `10.0.0.0-10.0.3.255`
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

/// An address as a number. IPv4 stands where IPv6 has its mapped form (RFC 4291 2.5.5.2): both reach the same host.
pub(super) const fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn network(text: &str) -> Result<Span, SourceError> {
    let network: IpNet = text.parse().map_err(|_| {
        SourceError::new(
            format!("not a network: `{text}`"),
            "after the slash stands how many bits are fixed: 10.0.0.0/24, 2001:db8::/120",
        )
    })?;
    Ok(Span { first: network.network(), last: network.broadcast() })
}

fn range(first: IpAddr, last: &str, text: &str) -> Result<Span, SourceError> {
    let last = match (first, last.parse::<IpAddr>()) {
        (_, Ok(last)) => last,
        (IpAddr::V4(first), Err(_)) => {
            let [a, b, c, _] = first.octets();
            let octet = last.parse().map_err(|_| not_a_range(text))?;
            IpAddr::V4(Ipv4Addr::new(a, b, c, octet))
        }
        (IpAddr::V6(_), Err(_)) => return Err(not_a_range(text)),
    };
    if first.is_ipv4() != last.is_ipv4() {
        return Err(not_a_range(text));
    }
    if last < first {
        return Err(SourceError::new(
            format!("a range that ends before it begins: `{text}`"),
            format!("the lower address stands first: {last}-{first}"),
        ));
    }
    Ok(Span { first, last })
}

fn not_a_range(text: &str) -> SourceError {
    SourceError::new(
        format!("not a range of addresses: `{text}`"),
        "a range is written 10.0.0.1-10.0.0.200, 10.0.0.1-200 or 2001:db8::1-2001:db8::ff",
    )
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(text: &str) -> (String, String) {
        let span = Span::read(text).unwrap().unwrap();
        (span.first.to_string(), span.last.to_string())
    }

    #[test]
    fn networks_and_ranges_have_both_ends() {
        for (text, first, last) in [
            ("10.0.0.0/22", "10.0.0.0", "10.0.3.255"),
            ("10.0.0.77/30", "10.0.0.76", "10.0.0.79"),
            ("10.0.0.4/32", "10.0.0.4", "10.0.0.4"),
            ("10.0.0.1-200", "10.0.0.1", "10.0.0.200"),
            ("10.0.0.1-10.0.1.1", "10.0.0.1", "10.0.1.1"),
            ("2001:db8::/120", "2001:db8::", "2001:db8::ff"),
            ("2001:db8::1-2001:db8::ff", "2001:db8::1", "2001:db8::ff"),
            ("::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ] {
            assert_eq!(ends(text), (first.to_owned(), last.to_owned()), "{text}");
        }
        assert_eq!(Span::read("::/0").unwrap().unwrap().len_less_one(), u128::MAX);
    }

    #[test]
    fn what_is_neither_is_left_to_others() {
        for text in
            ["10.0.0.4", "myvm", "web-01", "10.0.0.1-backup", "myvm/24", "2001:db8::1", "a-b.example", ""]
        {
            assert!(Span::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_wrong_one_says_what_is_wrong() {
        for (text, told) in [
            ("10.0.0.0/33", "not a network"),
            ("10.0.0.0/", "not a network"),
            ("10.0.0.200-10.0.0.1", "ends before it begins"),
            ("10.0.0.9-1", "ends before it begins"),
            ("10.0.0.1-256", "not a range"),
            ("10.0.0.1-2001:db8::1", "not a range"),
            ("2001:db8::1-9", "not a range"),
            ("10.0.0-3.1-254", "not a range"),
        ] {
            let error = Span::read(text).unwrap().unwrap_err();
            assert!(error.to_string().contains(told), "{text}: {error}");
        }
    }

    #[test]
    fn a_number_and_its_family_are_the_address() {
        for text in ["10.0.0.4", "255.255.255.255", "2001:db8::1", "::", "::ffff:10.0.0.4"] {
            let address: IpAddr = text.parse().unwrap();
            assert_eq!(Span::one(address).address(number(address)), address);
        }
    }
}

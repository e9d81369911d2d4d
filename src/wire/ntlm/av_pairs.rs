//! The AV pairs of a challenge: the server's names and clock ([MS-NLMP] 2.2.2.1).

use super::challenge::{from_utf16, to_utf16};
use crate::wire::error::{DecodeError, Reason};
use crate::wire::reader::{Reader, length};

/// The most pairs that are read.
const MAX_PAIRS: usize = 64;

/// The AV pairs by what they say. An absent pair is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AvPairs {
    /// MsvAvNbComputerName (1).
    pub netbios_computer_name: Option<String>,
    /// MsvAvNbDomainName (2).
    pub netbios_domain_name: Option<String>,
    /// MsvAvDnsComputerName (3).
    pub dns_computer_name: Option<String>,
    /// MsvAvDnsDomainName (4).
    pub dns_domain_name: Option<String>,
    /// MsvAvDnsTreeName (5): the forest; absent in a workgroup.
    pub dns_tree_name: Option<String>,
    /// MsvAvFlags (6).
    pub flags: Option<u32>,
    /// MsvAvTimestamp (7): the server's clock, a FILETIME; absent before Vista.
    pub timestamp: Option<u64>,
    /// MsvAvSingleHost (8), 48 or 80 bytes as they came.
    pub single_host: Option<Vec<u8>>,
    /// MsvAvTargetName (9).
    pub target_name: Option<String>,
    /// MsvAvChannelBindings (10), 16 bytes as they came.
    pub channel_bindings: Option<Vec<u8>>,
    /// Pairs of other numbers, as they came.
    pub unknown: Vec<(u16, Vec<u8>)>,
}

impl AvPairs {
    /// Reads pairs up to MsvAvEOL or the end of the bytes.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut pairs = Self::default();
        let mut count = 0_usize;
        while !reader.is_empty() {
            let at_id = reader.clone();
            let id = reader.u16_le("AvId")?;
            let at_length = reader.clone();
            let size = reader.u16_le("AvLen")?;
            let value = reader.take("Value", usize::from(size))?;
            if id == EOL {
                break;
            }
            if count >= MAX_PAIRS {
                return Err(at_id.error("AvId", Reason::Structure("more than 64 AV pairs")));
            }
            count = count.saturating_add(1);
            pairs.keep(id, value).map_err(|reason| at_length.error("AvLen", reason))?;
        }
        Ok(pairs)
    }

    fn keep(&mut self, id: u16, value: &[u8]) -> Result<(), Reason> {
        // Names in AV pairs are UTF-16 whatever the flags say.
        match id {
            NB_COMPUTER_NAME => self.netbios_computer_name = Some(from_utf16(value)),
            NB_DOMAIN_NAME => self.netbios_domain_name = Some(from_utf16(value)),
            DNS_COMPUTER_NAME => self.dns_computer_name = Some(from_utf16(value)),
            DNS_DOMAIN_NAME => self.dns_domain_name = Some(from_utf16(value)),
            DNS_TREE_NAME => self.dns_tree_name = Some(from_utf16(value)),
            FLAGS => self.flags = Some(u32::from_le_bytes(fixed(value)?)),
            TIMESTAMP => self.timestamp = Some(u64::from_le_bytes(fixed(value)?)),
            SINGLE_HOST => self.single_host = Some(value.to_vec()),
            TARGET_NAME => self.target_name = Some(from_utf16(value)),
            CHANNEL_BINDINGS => self.channel_bindings = Some(value.to_vec()),
            _ => self.unknown.push((id, value.to_vec())),
        }
        Ok(())
    }

    /// Writes the pairs in the order of Windows, MsvAvEOL last.
    pub(super) fn encode(&self) -> Vec<u8> {
        let names = [
            (NB_DOMAIN_NAME, &self.netbios_domain_name),
            (NB_COMPUTER_NAME, &self.netbios_computer_name),
            (DNS_DOMAIN_NAME, &self.dns_domain_name),
            (DNS_COMPUTER_NAME, &self.dns_computer_name),
            (DNS_TREE_NAME, &self.dns_tree_name),
            (TARGET_NAME, &self.target_name),
        ];
        let names = names.into_iter().filter_map(|(id, name)| Some((id, to_utf16(name.as_ref()?))));
        let rest = [
            (FLAGS, self.flags.map(|flags| flags.to_le_bytes().to_vec())),
            (TIMESTAMP, self.timestamp.map(|filetime| filetime.to_le_bytes().to_vec())),
            (SINGLE_HOST, self.single_host.clone()),
            (CHANNEL_BINDINGS, self.channel_bindings.clone()),
        ];
        let rest = rest.into_iter().filter_map(|(id, value)| Some((id, value?)));
        let mut out = Vec::new();
        for (id, value) in names.chain(rest).chain(self.unknown.iter().cloned()) {
            push_pair(&mut out, id, &value);
        }
        push_pair(&mut out, EOL, &[]);
        out
    }
}

/// A value that is too long for its length is cut.
fn push_pair(out: &mut Vec<u8>, id: u16, value: &[u8]) {
    let size = u16::try_from(value.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&id.to_le_bytes());
    out.extend_from_slice(&size.to_le_bytes());
    out.extend(value.iter().take(usize::from(size)));
}

fn fixed<const N: usize>(value: &[u8]) -> Result<[u8; N], Reason> {
    value.try_into().map_err(|_| length(value.len()))
}

const EOL: u16 = 0;
const NB_COMPUTER_NAME: u16 = 1;
const NB_DOMAIN_NAME: u16 = 2;
const DNS_COMPUTER_NAME: u16 = 3;
const DNS_DOMAIN_NAME: u16 = 4;
const DNS_TREE_NAME: u16 = 5;
const FLAGS: u16 = 6;
const TIMESTAMP: u16 = 7;
const SINGLE_HOST: u16 = 8;
const TARGET_NAME: u16 = 9;
const CHANNEL_BINDINGS: u16 = 10;

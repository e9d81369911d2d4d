//! A reader over one message: fields one after the other, each error with the field's name and place.

use super::error::{DecodeError, Reason};

/// Reads the fields of one message in their order.
#[derive(Debug, Clone)]
pub(super) struct Reader<'a> {
    message: &'static str,
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    /// A reader over the whole of `bytes`; `message` is the name that errors give.
    pub(super) const fn new(message: &'static str, bytes: &'a [u8]) -> Self {
        Self { message, rest: bytes, offset: 0 }
    }

    /// The same bytes and place under another message's name.
    pub(super) const fn named(mut self, message: &'static str) -> Self {
        self.message = message;
        self
    }

    /// Where the next byte stands, in bytes.
    pub(super) const fn offset(&self) -> usize {
        self.offset
    }

    /// How many bytes are left.
    pub(super) const fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Whether everything was read.
    pub(super) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The bytes that are left, without taking them.
    pub(super) const fn peek(&self) -> &'a [u8] {
        self.rest
    }

    /// An error about `field`, which begins here.
    pub(super) const fn error(&self, field: &'static str, reason: Reason) -> DecodeError {
        DecodeError { message: self.message, field, offset: self.offset, reason }
    }

    /// The next `count` bytes.
    pub(super) fn take(&mut self, field: &'static str, count: usize) -> Result<&'a [u8], DecodeError> {
        let Some((taken, rest)) = self.rest.split_at_checked(count) else {
            let needed = count.saturating_sub(self.rest.len());
            return Err(self.error(field, Reason::TooShort { needed }));
        };
        self.rest = rest;
        self.offset = self.offset.saturating_add(count);
        Ok(taken)
    }

    /// A reader over the next `count` bytes only, at the same offsets.
    pub(super) fn part(&mut self, field: &'static str, count: usize) -> Result<Self, DecodeError> {
        let offset = self.offset;
        let rest = self.take(field, count)?;
        Ok(Self { message: self.message, rest, offset })
    }

    /// The next `N` bytes.
    pub(super) fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], DecodeError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(field, N)?);
        Ok(array)
    }

    /// One byte.
    pub(super) fn u8(&mut self, field: &'static str) -> Result<u8, DecodeError> {
        self.array(field).map(u8::from_be_bytes)
    }

    /// Two bytes, the high one first.
    pub(super) fn u16_be(&mut self, field: &'static str) -> Result<u16, DecodeError> {
        self.array(field).map(u16::from_be_bytes)
    }

    /// A length of three bytes, the high one first.
    pub(super) fn u24_be(&mut self, field: &'static str) -> Result<usize, DecodeError> {
        let [high, middle, low] = self.array(field)?;
        Ok(usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low))
    }

    /// Two bytes, the low one first.
    pub(super) fn u16_le(&mut self, field: &'static str) -> Result<u16, DecodeError> {
        self.array(field).map(u16::from_le_bytes)
    }

    /// Four bytes, the lowest one first.
    pub(super) fn u32_le(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        self.array(field).map(u32::from_le_bytes)
    }

    /// One byte that must have this value.
    pub(super) fn expect_u8(&mut self, field: &'static str, value: u8) -> Result<(), DecodeError> {
        let found = self.clone().u8(field)?;
        if found != value {
            return Err(self.error(field, Reason::Unexpected { found: found.into() }));
        }
        self.take(field, 1).map(drop)
    }

    /// Bytes that must be these.
    pub(super) fn expect(&mut self, field: &'static str, value: &[u8]) -> Result<(), DecodeError> {
        let found = self.clone().take(field, value.len())?;
        if found != value {
            return Err(self.error(field, Reason::Structure("other bytes than the specification has here")));
        }
        self.take(field, value.len()).map(drop)
    }

    /// Two bytes, the low one first, that must be a length of `value`.
    pub(super) fn expect_length(&mut self, field: &'static str, value: u16) -> Result<(), DecodeError> {
        let found = self.clone().u16_le(field)?;
        if found != value {
            return Err(self.error(field, Reason::Length { found: found.into() }));
        }
        self.take(field, 2).map(drop)
    }

    /// That everything was read.
    pub(super) fn end(&self, field: &'static str) -> Result<(), DecodeError> {
        if self.is_empty() {
            return Ok(());
        }
        Err(self.error(field, length(self.remaining())))
    }
}

/// A length as an error shows it.
pub(super) fn length(found: usize) -> Reason {
    Reason::Length { found: u64::try_from(found).unwrap_or(u64::MAX) }
}

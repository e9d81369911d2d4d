//! What of an output file is whole: how much, and a digest of it, by which a scan that goes on knows its file again.

use std::io::{self, Read};

use serde::{Deserialize, Serialize};

use crate::evidence::HexBytes;

/// How much is read at a time.
const CHUNK: usize = 64 << 10;

/// The beginning of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Extent {
    /// How long it is.
    pub bytes: u64,
    /// SHA-256 of it.
    pub sha256: HexBytes,
}

/// A file as it grows.
#[derive(Clone)]
pub struct Measured {
    bytes: u64,
    digest: ring::digest::Context,
}

impl Measured {
    /// The first bytes of a file, or all of it if it is shorter.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(file: impl Read, bytes: u64) -> io::Result<Self> {
        let mut measured = Self::default();
        let mut file = file.take(bytes);
        let mut chunk = vec![0; CHUNK];
        loop {
            match file.read(&mut chunk) {
                Ok(0) => return Ok(measured),
                Ok(length) => measured.add(chunk.get(..length).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// These bytes come behind the others.
    pub fn add(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    }

    /// How long it is.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// All of it so far.
    #[must_use]
    pub fn extent(&self) -> Extent {
        let sha256 = HexBytes(self.digest.clone().finish().as_ref().to_vec());
        Extent { bytes: self.bytes, sha256 }
    }
}

impl Default for Measured {
    fn default() -> Self {
        Self { bytes: 0, digest: ring::digest::Context::new(&ring::digest::SHA256) }
    }
}

impl std::fmt::Debug for Measured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.extent().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_what_is_read_and_nothing_else_is() {
        let mut measured = Measured::default();
        measured.add(b"one\n");
        measured.add(b"two\n");
        let read = |text: &[u8], bytes| Measured::read(text, bytes).unwrap().extent();
        assert_eq!(read(b"one\ntwo\nthree\n", measured.bytes()), measured.extent());
        assert_ne!(read(b"one\nten\nthree\n", measured.bytes()), measured.extent());
        assert_ne!(read(b"one\n", measured.bytes()), measured.extent());
        assert_eq!(read(b"one\n", 100).bytes, 4);
    }
}

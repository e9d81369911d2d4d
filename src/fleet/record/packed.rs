//! Documents -> few bytes, and back: JSON, compressed (zlib, RFC 1950) at the level that costs the scan least.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::monitor::history::HistoryError;

/// No document is as long as this: a few bytes of a stranger's file could otherwise fill the memory.
const LONGEST: u64 = 32 << 20;

/// Compresses one document after the other, with the memory of the first.
#[derive(Debug)]
pub(super) struct Packer {
    json: Vec<u8>,
    encoder: ZlibEncoder<Vec<u8>>,
}

impl Default for Packer {
    fn default() -> Self {
        Self { json: Vec::new(), encoder: ZlibEncoder::new(Vec::new(), Compression::fast()) }
    }
}

impl Packer {
    pub(super) fn pack<T: Serialize>(&mut self, document: &T) -> Result<Vec<u8>, HistoryError> {
        self.json.clear();
        serde_json::to_writer(&mut self.json, document).map_err(|error| damaged(&error))?;
        self.encoder.write_all(&self.json).map_err(|error| damaged(&error))?;
        self.encoder.reset(Vec::new()).map_err(|error| damaged(&error))
    }
}

/// The document; an error if it is none, or longer than any.
pub(super) fn unpack<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, HistoryError> {
    let mut json = Vec::new();
    ZlibDecoder::new(bytes).take(LONGEST).read_to_end(&mut json).map_err(|error| damaged(&error))?;
    serde_json::from_slice(&json).map_err(|error| damaged(&error))
}

fn damaged(error: &dyn std::error::Error) -> HistoryError {
    HistoryError::Damaged(format!("a document in it: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_come_back_one_after_the_other() {
        let mut packer = Packer::default();
        for text in ["first".to_owned(), "x".repeat(100_000), String::new()] {
            let bytes = packer.pack(&text).unwrap();
            assert_eq!(unpack::<String>(&bytes).unwrap(), text);
        }
    }

    #[test]
    fn a_bomb_is_damage() {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        let blanks = vec![b' '; 1 << 20];
        for _ in 0..=(LONGEST >> 20) {
            encoder.write_all(&blanks).unwrap();
        }
        encoder.write_all(b"1").unwrap();
        let bytes = encoder.finish().unwrap();
        assert!(bytes.len() < 1 << 20);
        assert!(matches!(unpack::<u8>(&bytes), Err(HistoryError::Damaged(_))));
        assert!(matches!(unpack::<u8>(b"none"), Err(HistoryError::Damaged(_))));
    }
}

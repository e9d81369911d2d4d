//! What a decoder says of bytes that are not the message they should be.

/// Bytes that are not the message that they should be: which message, which field, where and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}: {field} at byte {offset}: {reason}")]
pub struct DecodeError {
    /// The message that was being read, by the specification's name.
    pub message: &'static str,
    /// The field that is wrong, by the specification's name.
    pub field: &'static str,
    /// Where in the input the field begins, in bytes.
    pub offset: usize,
    /// What is wrong with it.
    pub reason: Reason,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The input ends before the field does.
    #[error("too short: {needed} more byte(s) needed")]
    TooShort {
        /// How many bytes are missing, in bytes.
        needed: usize,
    },
    /// The field holds a value that the specification does not allow there.
    #[error("unexpected value: {found:#x}")]
    Unexpected {
        /// The value found.
        found: u64,
    },
    /// A length that does not fit the message around it.
    #[error("length out of range: {found}")]
    Length {
        /// The length found, in bytes.
        found: u64,
    },
    /// A structure of another kind than the specification has there.
    #[error("{0}")]
    Structure(&'static str),
}

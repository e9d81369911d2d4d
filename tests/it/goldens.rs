//! One evidence, every rendering, byte for byte.

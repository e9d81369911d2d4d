//! Real RDP servers; ignored unless tests/run has started them.

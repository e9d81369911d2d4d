//! TCP connections, and what the kernel and the network say of those that fail.

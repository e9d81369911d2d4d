//! The binary as a user meets it: arguments, hints, exit codes.

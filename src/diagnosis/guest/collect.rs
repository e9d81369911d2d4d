//! The scripts that gather, inside the machine, what this reader understands. They change nothing.

/// For Azure's Run Command or a PowerShell console: prints `rdprobe-guest/1`, under 4,096 bytes.
pub const POWERSHELL: &str = include_str!("collect/rdprobe-collect.ps1");

/// For the CMD channel of the serial console: plain commands, whose own output is read.
pub const CMD: &str = include_str!("collect/rdprobe-collect.cmd");

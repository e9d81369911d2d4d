//! What this process uses of the machine, by the names that every exporter has for it; Linux only.

use std::fs;

use super::exposition::{Encoder, Family};

/// The unit of times in `/proc`: USER_HZ, 100 a second on every architecture that Linux runs on today.
const TICKS: f64 = 100.0;

/// Writes what `/proc` tells; what it does not tell is left out.
pub(super) fn write(encoder: &mut Encoder, start_time_s: f64) {
    let start = Family::gauge("process_start_time_seconds", "When this process started, in Unix time");
    encoder.single(start, start_time_s);
    if let Some(seconds) = fs::read_to_string("/proc/self/stat").ok().as_deref().and_then(cpu_seconds) {
        let cpu = Family::counter(
            "process_cpu_seconds_total",
            "Processor time used by user and system, in seconds",
        );
        encoder.single(cpu, seconds);
    }
    if let Some(bytes) = fs::read_to_string("/proc/self/status").ok().as_deref().and_then(resident_bytes) {
        encoder.single(Family::gauge("process_resident_memory_bytes", "Memory in use, in bytes"), bytes);
    }
    if let Ok(descriptors) = fs::read_dir("/proc/self/fd") {
        // The one that reads the list is in the list.
        let open = u32::try_from(descriptors.count().saturating_sub(1)).unwrap_or(u32::MAX);
        encoder.single(Family::gauge("process_open_fds", "Open file descriptors"), f64::from(open));
    }
}

/// utime and stime, fields 14 and 15 (proc(5)); the name before them is in brackets and may have blanks.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ').skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / TICKS)
}

fn resident_bytes(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok()? * 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proc_is_read() {
        let stat = "42 (a b) c) S 1 42 42 0 -1 4194304 100 0 0 0 150 50 0 0 20 0 1 0 900 1 2";
        assert_eq!(cpu_seconds(stat), Some(2.0));
        assert_eq!(cpu_seconds("42"), None);
        assert_eq!(resident_bytes("Name:\trdprobe\nVmRSS:\t    2048 kB\n"), Some(2_097_152.0));
        assert_eq!(resident_bytes("VmRSS:\t2048"), None);
    }
}

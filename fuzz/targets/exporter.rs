//! The exporter's settings file, its list of targets and a scraper's `Accept`: no text may panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rdprobe::serve::exporter::allow::{Admission, Allow};
use rdprobe::serve::exporter::module::Config;
use rdprobe::serve::exposition::Format;
use rdprobe::target::Target;

fuzz_target!(|text: &str| {
    let _ = Format::wanted(text);
    if let Ok(config) = Config::read(text) {
        assert!(config.modules.contains_key("rdp"));
        let _ = Allow::read(&config.allow, &config.allow_ports);
    }
    let lines: Vec<&str> = text.lines().collect();
    let Ok(allow) = Allow::read(&lines, &[]) else { return };
    // What an entry names by itself, it allows.
    for line in lines {
        if let Ok(target) = Target::parse(line) {
            assert_eq!(allow.admission(&target), Admission::Granted, "{line:?}");
        }
    }
});

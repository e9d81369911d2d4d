//! What lists targets, in every format: no bytes may panic, and nothing comes twice. The first byte is how it is read.

#![no_main]

use std::collections::HashSet;
use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use rdprobe::fleet::source::{Item, Settings, Source};

fuzz_target!(|bytes: &[u8]| {
    let Some((how, text)) = bytes.split_first() else { return };
    let settings = Settings {
        column: [None, None, Some("name".to_owned()), Some("2".to_owned())][usize::from(how % 4)].clone(),
        default_port: if how & 4 == 0 { 3389 } else { 3390 },
        exclude: if how & 8 == 0 { Vec::new() } else { vec!["10.0.0.0/25".to_owned(), "myvm".to_owned()] },
        i_mean_it: how & 16 != 0,
        seed: u64::from(*how),
    };
    let open = || {
        let input = Box::new(Cursor::new(text.to_vec()));
        Source::open(&["-".to_owned()], &settings, Some(input)).unwrap()
    };
    let mut seen = HashSet::new();
    let mut ended = true;
    for (place, item) in open().enumerate() {
        if place == 2000 {
            ended = false;
            break;
        }
        match item {
            Item::Target(target) => {
                let host = target.host.to_string().trim_end_matches('.').to_ascii_lowercase();
                assert!(seen.insert((host, target.port)), "{target} twice");
            }
            Item::Bad(bad) => assert!(bad.message.chars().count() <= 401, "{bad}"),
        }
    }
    if ended {
        assert_eq!(open().count(), u64::try_from(seen.len()).unwrap());
    }
});

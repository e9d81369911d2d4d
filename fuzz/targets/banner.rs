//! Banners: no bytes may panic, and a name once given for good is not lost by more bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rdprobe::wire::banner::Banner;

fuzz_target!(|bytes: &[u8]| {
    let banner = Banner::of(bytes);
    assert!(!banner.word().is_empty());
    if matches!(banner, Banner::Ssh | Banner::Tls | Banner::Vnc | Banner::Telnet) {
        assert_eq!(Banner::of(&[bytes, b"\r\nmore"].concat()), banner);
    }
});

//! Any text is read or refused; what is read is written and read back the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use xtask::openapi::{Limits, emit, parse};

fuzz_target!(|text: &str| {
    let limits = Limits {
        bytes: 1 << 16,
        depth: 64,
        nodes: 10_000,
        expansion: 5_000,
    };
    if let Ok((value, _)) = parse(text, limits) {
        let written = emit::yaml(&value);
        let (again, _) = parse(&written, Limits::default()).expect("what was written is readable");
        assert_eq!(again, value, "{written}");
    }
});

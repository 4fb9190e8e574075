//! Any overlay on any document ends: a document before the first `---`, an overlay behind it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use xtask::openapi::overlay::{Overlay, apply};
use xtask::openapi::{Limits, parse};

fuzz_target!(|text: &str| {
    let limits = Limits {
        bytes: 1 << 14,
        depth: 32,
        nodes: 2_000,
        expansion: 1_000,
    };
    let Some((document, overlay)) = text.split_once("---\n") else {
        return;
    };
    let (Ok((document, _)), Ok((overlay, _))) = (parse(document, limits), parse(overlay, limits))
    else {
        return;
    };
    if let Ok(overlay) = Overlay::parse(&overlay) {
        if let Ok(applied) = apply(document, &overlay) {
            assert_eq!(applied.actions.len(), overlay.actions.len());
        }
    }
});

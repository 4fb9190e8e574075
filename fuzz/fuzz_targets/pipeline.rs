//! Any document goes through cut, lint, diff and the passes of codegen without a panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use xtask::codegen::{Options, generate};
use xtask::openapi::service::Selection;
use xtask::openapi::{Limits, parse};
use xtask::specs::{diff::diff, extract::extract, lint::lint_document};

fuzz_target!(|text: &str| {
    let limits = Limits {
        bytes: 1 << 14,
        depth: 32,
        nodes: 2_000,
        expansion: 1_000,
    };
    let Ok((document, _)) = parse(text, limits) else {
        return;
    };
    let everything = Selection {
        paths: vec!["/**".to_owned()],
        ..Selection::default()
    };
    let once = extract(&document, &everything);
    assert_eq!(extract(&once, &everything), once);
    assert!(diff(&document, &document).operations.is_empty());
    let _ = lint_document(&document);
    let _ = generate(
        &document,
        &Options {
            display_name: "Fuzz".into(),
            header: String::new(),
        },
    );
});

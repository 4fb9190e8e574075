//! The README shows the tour's output as it is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{env, fs, path::Path};

#[path = "../tour.rs"]
#[allow(dead_code, reason = "the test has a main of its own")]
mod tour;

const START: &str = "<!-- output: cargo run --example tour -->\n```console\n";
const COMMAND: &str = "$ cargo run --example tour\n";

#[tokio::test]
async fn tour_prints_what_the_readme_shows() {
    let lines = tour::tour().await.unwrap();
    let expected = format!("{COMMAND}{}\n", lines.join("\n"));

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (before, rest) = readme
        .split_once(START)
        .expect("README.md shows the tour's output");
    let (shown, after) = rest.split_once("```\n").unwrap();
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, [before, START, &expected, "```\n", after].concat()).unwrap();
        return;
    }
    assert_eq!(
        shown, expected,
        "README.md is out of date; run: UPDATE_EXPECT=1 cargo test -p idweave-examples --test tour"
    );
}

//! `cargo xtask tidy` on a repository of its own.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// A repository that breaks each rule once, in the order of the report.
const BROKEN: [(&str, &str); 11] = [
    ("CHANGELOG.md", "# Changelog\n\n## 0.1.0\n"),
    ("Cargo.toml", "[package]\nname = \"acme\"\n"),
    ("README.md", "# Acme\n\n```rust,ignore\nacme();\n```\n"),
    ("specs/README.md", "| `x-idweave-old` |\n"),
    (
        "src/lib.rs",
        "//! Acme.\n\n#![allow(dead_code)]\n\nmod a;\nmod b;\nmod generated;\nmod open;\n",
    ),
    ("src/a.rs", "//! A.\n\npub struct A(crate::b::B);\n"),
    (
        "src/b.rs",
        "//! B.\n\n/// Not a gizmo.\npub struct B(crate::a::A);\n",
    ),
    ("src/generated/mod.rs", "//! Not by codegen.\n"),
    ("src/lost.rs", "//! Lost.\n"),
    ("src/open.rs", "fn f() {}\n"),
    (
        "xtask/tidy/words.toml",
        "[[word]]\nstandard = \"device\"\nprose = [\"gizmo\"]\nexcept = [{ path = \"docs\", why = \"a test\" }]\n",
    ),
];

fn repository(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dir
}

fn tidy(root: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("tidy")
        .args(arguments)
        .args(["--root".as_ref(), root.as_os_str()])
        .output()
        .unwrap()
}

fn text(output: &[u8]) -> String {
    String::from_utf8(output.to_vec()).unwrap()
}

#[test]
fn tidy_reports_everything_sorted_with_a_count_and_exit_code_1() {
    let dir = repository(&BROKEN);
    let output = tidy(dir.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    let expected = "\
CHANGELOG.md:3: the first section is not `## Unreleased`; add it above the last release
README.md:3: an example that is never compiled; make it compile, or use `text`, `no_run` or `compile_fail`
specs/README.md:1: `x-idweave-old` is in no overlay and not in xtask's code; remove it from the page
src/a.rs:3: 2 modules use each other in a cycle; move what they share to a module that uses none of them
    src/a.rs:3 -> src/b.rs: B
    src/b.rs:4 -> src/a.rs: A
src/b.rs:3: “gizmo” in documentation; write instead: device
src/generated/mod.rs:1: no header that says it is generated; move it out of `generated`, or run `cargo xtask codegen`
src/lib.rs:3: `dead_code` is allowed for the whole file; remove what is unused, or put `#[cfg(…)]` on it
src/lost.rs:1: no crate has this file as a module; declare it with `mod`, or remove it
src/open.rs:1: the file does not say what it is for; open it with a `//!` line
xtask/tidy/words.toml:4: the exception excuses nothing; remove it
tidy: 10 findings
";
    assert_eq!(text(&output.stdout), expected);
}

#[test]
fn tidy_limits_the_report_to_the_paths_it_is_given() {
    let dir = repository(&BROKEN);
    let output = tidy(dir.path(), &["src/b.rs", "README.md"]);
    assert_eq!(output.status.code(), Some(1));
    let places: Vec<String> = text(&output.stdout)
        .lines()
        .filter(|line| !line.starts_with(' '))
        .map(|line| line.split(':').take(2).collect::<Vec<_>>().join(":"))
        .collect();
    let last = "tidy: 3 findings";
    assert_eq!(places, ["README.md:3", "src/a.rs:3", "src/b.rs:3", last]);
    let output = tidy(dir.path(), &["Cargo.toml"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stdout), "tidy: nothing to change\n");
}

#[test]
fn tidy_refuses_a_path_that_does_not_exist() {
    let dir = repository(&BROKEN);
    let output = tidy(dir.path(), &["src/none.rs"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).starts_with("error: src/none.rs: "));
}

#[test]
fn tidy_prints_json_for_machines() {
    let dir = repository(&BROKEN);
    let output = tidy(dir.path(), &["--json", "src/a.rs"]);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let cycle = &report[0];
    assert_eq!(cycle["path"], "src/a.rs");
    assert_eq!(cycle["line"], 3);
    assert_eq!(cycle["rule"], "modules");
    assert_eq!(cycle["related"][1], "src/b.rs");
    assert_eq!(cycle["details"][0], "src/a.rs:3 -> src/b.rs: B");
}

#[test]
fn tidy_accepts_a_repository_that_keeps_the_rules() {
    let dir = repository(&[
        ("CHANGELOG.md", "# Changelog\n\n## Unreleased\n"),
        ("Cargo.toml", "[package]\nname = \"acme\"\n"),
        ("src/lib.rs", "//! Acme.\n\nmod a;\n\npub use a::A;\n"),
        ("src/a.rs", "//! A.\n\n/// A device.\npub struct A;\n"),
        ("target/debug/build.rs", "fn f() {}\n"),
        (
            "xtask/tidy/words.toml",
            "[[word]]\nstandard = \"device\"\nprose = [\"gizmo\"]\n",
        ),
    ]);
    let output = tidy(dir.path(), &[]);
    assert_eq!(text(&output.stdout), "tidy: nothing to change\n");
    assert_eq!(output.status.code(), Some(0));
}

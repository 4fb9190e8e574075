//! Documents come from strangers: whatever a file holds, the reader gives it back or refuses it in words, soon and small.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use xtask::openapi::{self, Limits, parse};

fn value(text: &str) -> Value {
    parse(text, Limits::default())
        .unwrap_or_else(|e| panic!("{e}\n{text}"))
        .0
}

fn refusal(text: &str) -> String {
    parse(text, Limits::default())
        .map(|(v, _)| v)
        .unwrap_err()
        .to_string()
}

fn put(dir: &tempfile::TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn parse_reads_yaml_and_json_the_same() {
    let yaml = "openapi: 3.0.3\ninfo:\n  title: T\n  version: '1'\npaths:\n  /a:\n    get:\n      responses:\n        200:\n          description: ok\n";
    let json = r#"{"openapi": "3.0.3", "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": {"responses": {"200": {"description": "ok"}}}}}}"#;
    assert_eq!(value(yaml), value(json));
}

#[test]
fn parse_keeps_the_order_of_keys() {
    let value = value("z: 1\na: 2\nm: 3\n");
    assert_eq!(
        value.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["z", "a", "m"]
    );
}

#[test]
fn parse_keeps_versions_as_text() {
    let value =
        value("openapi: 3.1\ninfo:\n  version: 2023-11-01\n  title: 7\nx:\n  version: 1.10\n");
    assert_eq!(value["openapi"], "3.1");
    assert_eq!(
        value["info"],
        json!({"version": "2023-11-01", "title": "7"})
    );
    assert_eq!(value["x"]["version"], json!(1.1));
    let value = self::value("openapi: 3.0.0\ninfo: {version: 1.10}\n");
    assert_eq!(value["info"]["version"], "1.10");
}

#[test]
fn parse_accepts_numbers_beyond_64_bits() {
    let (value, notes) = parse(
        "a: 123456789012345678901234567890\nb: 1e999\nc: 18446744073709551615\n",
        Limits::default(),
    )
    .unwrap();
    assert_eq!(value["a"], json!(1.234_567_890_123_456_8e29));
    assert_eq!(value["b"], json!(f64::MAX));
    assert_eq!(value["c"], json!(u64::MAX));
    assert_eq!(notes.iter().map(|n| n.line).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(self::value(r#"{"a": 1e999}"#)["a"], json!(f64::MAX));
}

#[test]
fn parse_expands_anchors_aliases_and_merge_keys() {
    let value = value(
        "base: &b {type: string, format: email}\na: *b\nb:\n  <<: *b\n  format: uuid\nc:\n  <<: [*b, {x: 1}]\n",
    );
    assert_eq!(value["a"], json!({"type": "string", "format": "email"}));
    assert_eq!(value["b"], json!({"type": "string", "format": "uuid"}));
    assert_eq!(
        value["c"],
        json!({"type": "string", "format": "email", "x": 1})
    );
}

#[test]
fn parse_reports_a_duplicate_key() {
    let (value, notes) = parse("paths:\n  /a: 1\n  /b: 2\n  /a: 3\n", Limits::default()).unwrap();
    assert_eq!(value["paths"]["/a"], 3);
    assert_eq!(notes.len(), 1);
    assert_eq!(notes[0].line, 4);
    assert!(notes[0].what.contains("\"/a\""), "{}", notes[0].what);
}

#[test]
fn parse_reports_a_duplicate_key_in_json() {
    let text = "{\"a\": {\"b\": 1,\n  \"b\": 2}}";
    let (value, notes) = parse(text, Limits::default()).unwrap();
    assert_eq!(value, json!({"a": {"b": 2}}));
    assert_eq!((notes.len(), notes[0].line), (1, 2));
}

#[test]
fn parse_refuses_what_is_not_a_document_with_its_line() {
    let table = [
        ("", "empty"),
        ("# nothing but a comment\n", "empty"),
        ("just words", "a string"),
        ("- a\n- b\n", "an array"),
        ("a: [1, 2\nb: 3\n", "line "),
        ("a: 'never closed\n", "line "),
        ("a: {b: c\n", "line "),
        (r#"{"openapi": "3.0.3", "paths": {"/a": "#, "line "),
        ("a: 1\n---\nb: 2\n", "several YAML documents"),
        ("? [a, b]\n: c\n", "as a key"),
        ("a: *nothing\n", "line 1"),
        ("a: &x\n  b: *x\n", "has no end"),
        ("a:\n\t- b\n", "line "),
    ];
    for (text, expected) in table {
        let message = refusal(text);
        assert!(message.contains(expected), "{text:?}: {message}");
    }
}

#[test]
fn errors_name_file_and_line() {
    let dir = tempfile::tempdir().unwrap();
    let path = put(&dir, "broken.yaml", b"openapi: 3.0.3\npaths:\n  /a: [\n");
    let message = openapi::read(&path).unwrap_err().to_string();
    assert!(
        message.starts_with(&format!("{}:", path.display())),
        "{message}"
    );
    let path = put(&dir, "latin.yaml", b"a: 1\nb: \xff\xfe\n");
    let message = openapi::read(&path).unwrap_err().to_string();
    assert!(message.contains(":2: not a text file"), "{message}");
    assert!(
        openapi::read(dir.path())
            .unwrap_err()
            .to_string()
            .contains("directory")
    );
    assert!(
        openapi::read(&dir.path().join("gone"))
            .unwrap_err()
            .to_string()
            .contains("cannot be read")
    );
}

#[test]
fn read_skips_a_byte_order_mark() {
    let dir = tempfile::tempdir().unwrap();
    let path = put(&dir, "bom.yaml", b"\xef\xbb\xbfopenapi: 3.0.3\n");
    assert_eq!(openapi::read(&path).unwrap().value["openapi"], "3.0.3");
}

#[test]
fn limits_are_exact() {
    let nested = |n: usize| format!("{}{}", "{\"a\":".repeat(n), "1") + &"}".repeat(n);
    let limits = Limits {
        depth: 20,
        nodes: 50,
        bytes: 1000,
        expansion: 10,
    };
    assert!(parse(&nested(20), limits).is_ok());
    assert!(
        parse(&nested(21), limits)
            .unwrap_err()
            .to_string()
            .contains("deeper than 20")
    );
    let list = |n: usize| format!("a: [{}]", vec!["1"; n].join(","));
    assert!(parse(&list(40), limits).is_ok());
    assert!(
        parse(&list(60), limits)
            .unwrap_err()
            .to_string()
            .contains("more than 50 values")
    );
    assert!(
        parse(&"a: b\n".repeat(300), limits)
            .unwrap_err()
            .to_string()
            .contains("larger than")
    );
    let aliases = |n: usize| {
        format!(
            "x: &x [1, 2]\n{}",
            (0..n).fold(String::new(), |mut s, i| {
                let _ = writeln!(s, "k{i}: *x");
                s
            })
        )
    };
    assert!(parse(&aliases(2), limits).is_ok());
    assert!(
        parse(&aliases(5), limits)
            .unwrap_err()
            .to_string()
            .contains("expand to more than 10")
    );
}

/// Nine levels of nine aliases each: a kilobyte that would unfold to 400 million values.
fn billion_laughs() -> String {
    let mut text = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for i in 1..9 {
        let _ = writeln!(
            text,
            "a{i}: &a{i} [{}]",
            vec![format!("*a{}", i - 1); 9].join(", ")
        );
    }
    text
}

/// The same with text instead of lists: few values, many bytes.
fn fat_laughs() -> String {
    let mut text = format!("a: &a {}\n", "x".repeat(1 << 20));
    for i in 0..100_000 {
        let _ = writeln!(text, "k{i}: *a");
    }
    text
}

fn hostile_files(dir: &tempfile::TempDir) -> Vec<(&'static str, PathBuf, &'static str)> {
    let huge = dir.path().join("huge.yaml");
    File::create(&huge).unwrap().set_len(200 << 20).unwrap();
    let block = (0..10_000).fold(String::new(), |mut text, i| {
        let _ = writeln!(text, "{}a:", " ".repeat(i));
        text
    });
    // Just under the size limit and as dense as text can be.
    let mut many = String::from("a: [");
    while many.len() < (60 << 20) {
        many.push_str("[],[],[],[],[],[],[],[],");
    }
    vec![
        ("200 MB", huge, "larger than 64 MiB"),
        (
            "flow nesting",
            put(dir, "flow.yaml", "[".repeat(10_000).as_bytes()),
            "deeper",
        ),
        (
            "flow mapping nesting",
            put(dir, "flowmap.yaml", "{a: ".repeat(10_000).as_bytes()),
            "deeper",
        ),
        (
            "json nesting",
            put(dir, "deep.json", "{\"a\":".repeat(10_000).as_bytes()),
            "deeper",
        ),
        (
            "block nesting",
            put(dir, "block.yaml", block.as_bytes()),
            "deeper",
        ),
        (
            "sequence nesting",
            put(dir, "seq.yaml", "- ".repeat(10_000).as_bytes()),
            "deeper",
        ),
        (
            "billion laughs",
            put(dir, "laughs.yaml", billion_laughs().as_bytes()),
            "expand",
        ),
        (
            "fat laughs",
            put(dir, "fat.yaml", fat_laughs().as_bytes()),
            "expand",
        ),
        (
            "cyclic alias",
            put(dir, "cycle.yaml", b"a: &a\n  b: &b\n    c: *a\n"),
            "has no end",
        ),
        (
            "many values",
            put(dir, "many.yaml", many.as_bytes()),
            "more than",
        ),
        (
            "truncated",
            put(
                dir,
                "cut.json",
                br#"{"openapi": "3.0.3", "paths": {"/a": {"get"#,
            ),
            "neither YAML nor JSON",
        ),
        (
            "not YAML",
            put(dir, "not.yaml", b"%PDF-1.4 {]: @ ` \x00\x01"),
            "",
        ),
        (
            "binary",
            put(dir, "elf", b"\x7fELF\x02\x01\x01\x00\xff\xfe\xfd"),
            "not a text file",
        ),
        (
            "a million open quotes",
            put(dir, "quotes.yaml", "'\"".repeat(1_000_000).as_bytes()),
            "",
        ),
        (
            "a million anchors",
            put(dir, "anchors.yaml", anchors(1_000_000).as_bytes()),
            "",
        ),
    ]
}

fn anchors(n: usize) -> String {
    let mut text = String::from("a:\n");
    for i in 0..n {
        let _ = writeln!(text, "- &x{i} y");
    }
    text.push_str("b: *nowhere\n");
    text
}

/// The program itself, in a gigabyte and ten seconds of processor time, on each hostile file.
#[cfg(unix)]
#[test]
fn read_refuses_hostile_files_within_ten_seconds_and_a_gigabyte() {
    let dir = tempfile::tempdir().unwrap();
    for (name, path, expected) in hostile_files(&dir) {
        let output = std::process::Command::new("sh")
            .args([
                "-c",
                "ulimit -v 1048576 && ulimit -t 10 && exec \"$0\" specs diff \"$1\" \"$1\"",
            ])
            .arg(env!("CARGO_BIN_EXE_xtask"))
            .arg(&path)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(1),
            "{name}: {} {told}",
            output.status
        );
        assert!(told.starts_with("error: "), "{name}: {told}");
        assert!(
            told.contains(expected) && !told.contains("panicked"),
            "{name}: {told}"
        );
        assert!(
            told.len() < 1000,
            "{name}: a message is a sentence, not a dump"
        );
    }
}

#[test]
fn references_that_lead_to_themselves_are_followed_to_an_end() {
    let text = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  /a:\n    get:\n      parameters:\n      - $ref: '#/components/parameters/P'\n      responses:\n        '200': {$ref: '#/components/responses/R'}\ncomponents:\n  parameters:\n    P: {$ref: '#/components/parameters/P'}\n  responses:\n    R: {$ref: '#/components/responses/S'}\n    S: {$ref: '#/components/responses/R'}\n  schemas:\n    A: {properties: {b: {$ref: '#/components/schemas/B'}}}\n    B: {allOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]}\n";
    let document = value(text);
    assert_eq!(xtask::specs::diff::diff(&document, &document).unchanged, 1);
    assert!(!xtask::specs::lint::lint_document(&document).is_empty());
    let selection = toml_edit::de::from_str("paths = ['/**']").unwrap();
    let extracted = xtask::specs::extract::extract(&document, &selection);
    assert!(extracted["paths"]["/a"]["get"].is_object());
}

#[test]
fn documents_of_this_repository_are_read_without_a_note() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let mut seen = 0;
    for entry in std::fs::read_dir(specs).unwrap() {
        for name in ["openapi.yaml", "overlay.yaml"] {
            let path = entry.as_ref().unwrap().path().join(name);
            if path.is_file() {
                assert_eq!(
                    openapi::read(&path).unwrap().notes,
                    [],
                    "{}",
                    path.display()
                );
                seen += 1;
            }
        }
    }
    assert!(seen >= 8);
}

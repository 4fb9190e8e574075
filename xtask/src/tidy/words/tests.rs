//! The word list, compared with files of a few lines.

use super::super::files::Files;
use super::*;

/// What is found in some files with a list of one entry, as `path:line scope word`.
fn found(entry: &str, texts: &[(&str, &str)]) -> Vec<String> {
    let list = format!("[[word]]\nstandard = \"device\"\n{entry}\n");
    let list = (list::PATH, list.as_str());
    let files = Files::from_texts(&[&[list], texts].concat());
    let mut found = check(&files);
    found.sort();
    found.iter().map(Diagnostic::to_string).collect()
}

const SOURCE: &str = "//! A gizmo.\n\n// A gizmo,\n// two\n// gizmos.\nfn f() -> &'static str {\n    \"no\\ngizmo\"\n}\n\n\
                      #[test]\nfn gizmo_works() {\n    assert!(true, \"gizmo\");\n}\n";

#[test]
fn prose_is_docs_comments_literals_and_names_of_tests() {
    assert_eq!(
        found("prose = [\"gizmo\"]", &[("src/a.rs", SOURCE)]),
        [
            "src/a.rs:1: “gizmo” in documentation; write instead: device",
            "src/a.rs:3: “gizmo” in a comment; write instead: device",
            "src/a.rs:7: “gizmo” in a text; write instead: device",
            "src/a.rs:11: “gizmo” in the name of a test; write instead: device",
        ]
    );
}

#[test]
fn each_scope_can_be_named_alone() {
    for (scope, line) in [("doc", 1), ("comment", 3), ("literal", 7), ("test", 11)] {
        let found = found(&format!("{scope} = [\"gizmo\"]"), &[("src/a.rs", SOURCE)]);
        assert_eq!(found.len(), 1, "{scope}: {found:?}");
        assert!(
            found[0].starts_with(&format!("src/a.rs:{line}: ")),
            "{found:?}"
        );
    }
}

#[test]
fn phrase_is_found_over_a_line_break_at_its_first_word() {
    let text = "//! x\n//! y the\n//! gizmo of z\n";
    assert_eq!(
        found("doc = [\"the gizmo\"]", &[("src/a.rs", text)]),
        ["src/a.rs:2: “the gizmo” in documentation; write instead: device"]
    );
}

#[test]
fn pages_and_the_sentences_of_specs_are_documentation() {
    let texts = [
        ("README.md", "# x\n\nA gizmo, `gizmo`.\n"),
        (
            "specs/acme/overlay.yaml",
            "- update:\n    summary: Lists the gizmo.\n",
        ),
        ("specs/acme/openapi.yaml", "summary: Lists the gizmo.\n"),
        ("src/generated/a.rs", "//! A gizmo.\n"),
    ];
    let places: Vec<String> = found("doc = [\"gizmo\"]", &texts)
        .iter()
        .map(|line| line.split(": ").next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(places, ["README.md:3", "specs/acme/overlay.yaml:2"]);
}

#[test]
fn literals_of_a_template_are_read_though_it_does_not_parse() {
    let text = "//! x\nuse @LIB@::Y;\nconst A: &str = \"a gizmo\";\n";
    assert_eq!(
        found(
            "literal = [\"gizmo\"]",
            &[("xtask/src/template/lib.rs", text)]
        ),
        ["xtask/src/template/lib.rs:3: “gizmo” in a text; write instead: device"]
    );
}

#[test]
fn identifier_is_compared_whole_and_only_where_it_is_declared() {
    let text = "//! x\nuse a::Gizmo;\nstruct Gizmo;\nstruct Gizmos;\nfn f(gizmo: Gizmo) {}\n";
    assert_eq!(
        found("identifier = [\"Gizmo\"]", &[("src/a.rs", text)]),
        ["src/a.rs:3: the name `Gizmo`; write instead: device"]
    );
}

#[test]
fn file_name_is_that_of_the_file_or_of_the_folder_of_a_mod_rs() {
    let texts = [
        ("src/gizmo.rs", "//! x\n"),
        ("src/other/gizmo/mod.rs", "//! x\n"),
        ("src/gizmos.rs", "//! x\n"),
        ("src/gizmo/x.rs", "//! x\n"),
    ];
    assert_eq!(
        found("file = [\"gizmo\"]", &texts),
        [
            "src/gizmo.rs:1: the file name `gizmo`; write instead: device",
            "src/other/gizmo/mod.rs:1: the file name `gizmo`; write instead: device"
        ]
    );
}

#[test]
fn literals_of_tests_are_left_out() {
    let texts = [
        ("tests/a.rs", "// x\nconst A: &str = \"gizmo\";\n"),
        (
            "src/b.rs",
            "//! x\n#[cfg(test)]\nmod tests { const A: &str = \"gizmo\"; }\n",
        ),
    ];
    assert!(found("prose = [\"gizmo\"]", &texts).is_empty());
}

#[test]
fn only_limits_an_entry_to_its_paths() {
    let texts = [
        ("src/a.rs", "//! A gizmo.\n"),
        ("srcs/b.rs", "//! A gizmo.\n"),
    ];
    let found = found("prose = [\"gizmo\"]\nonly = [\"src\"]", &texts);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("src/a.rs:1"));
}

#[test]
fn exception_excuses_its_path_or_the_words_around() {
    let texts = [
        ("docs/a.md", "A gizmo.\n"),
        ("docs/b.md", "A gizmo, the gizmo\nof Acme, this gizmo.\n"),
    ];
    let entry = "prose = [\"gizmo\"]\nexcept = [\n{ path = \"docs/a.md\", why = \"x\" },\n\
                 { text = \"the gizmo of acme\", path = \"docs\", why = \"x\" },\n]";
    assert_eq!(
        found(entry, &texts),
        [
            "docs/b.md:1: “gizmo” in documentation; write instead: device",
            "docs/b.md:2: “gizmo” in documentation; write instead: device"
        ]
    );
}

#[test]
fn exception_that_excuses_nothing_is_reported_and_an_entry_is_not() {
    let entry = "prose = [\"gizmo\"]\nexcept = [{ path = \"docs\", why = \"x\" }]";
    assert_eq!(
        found(entry, &[("docs/a.md", "A device.\n")]),
        ["xtask/tidy/words.toml:4: the exception excuses nothing; remove it"]
    );
}

#[test]
fn skip_leaves_a_scope_out_in_a_folder_that_exists() {
    let entry = "prose = [\"gizmo\"]\n[[skip]]\nscope = \"literal\"\npath = \"src\"\nwhy = \"x\"\n\
                 [[skip]]\nscope = \"doc\"\npath = \"lost\"\nwhy = \"x\"\n";
    let text = "//! A gizmo.\nconst A: &str = \"gizmo\";\n";
    assert_eq!(
        found(entry, &[("src/a.rs", text)]),
        [
            "src/a.rs:1: “gizmo” in documentation; write instead: device",
            "xtask/tidy/words.toml:8: the skip names a path that does not exist; correct or remove it"
        ]
    );
}

#[test]
fn list_that_cannot_be_read_is_reported_with_its_line() {
    let found = found("prsoe = [\"gizmo\"]", &[("src/a.rs", "//! A gizmo.\n")]);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("xtask/tidy/words.toml:1: unknown field `prsoe`"),
        "{found:?}"
    );
}

#[test]
fn names_are_replaced_one_by_one() {
    let entry =
        "[[names]]\nonly = [\"src\"]\n[names.instead]\nWalk = \"Pager\"\nask = \"request\"\n";
    let text = "//! x\nstruct Walk;\nfn ask() {}\n";
    assert_eq!(
        found(entry, &[("src/a.rs", text), ("tests/b.rs", text)]),
        [
            "src/a.rs:2: the name `Walk`; write instead: `Pager`",
            "src/a.rs:3: the name `ask`; write instead: `request`"
        ]
    );
}

#[test]
fn patterns_of_one_entry_that_share_words_are_one_finding() {
    assert_eq!(
        found(
            "doc = [\"the gizmo\", \"gizmo is\"]",
            &[("a.md", "The gizmo is a gizmo.\n")]
        ),
        ["a.md:1: “The gizmo” in documentation; write instead: device"]
    );
}

//! Finds the crates of the repository: the files cargo starts to compile from.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::super::files::Files;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Manifest {
    lib: Option<Target>,
    bin: Vec<Target>,
    example: Vec<Target>,
    test: Vec<Target>,
    bench: Vec<Target>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Target {
    path: Option<String>,
}

/// Lists the root file of every target of every package: those that cargo finds by itself, and those that a manifest names.
pub(super) fn root_files(files: &Files) -> BTreeSet<String> {
    let mut roots = BTreeSet::new();
    for manifest in files.all() {
        let Some(package) = manifest.path.strip_suffix("Cargo.toml") else {
            continue;
        };
        for file in files.rust() {
            if let Some(inside) = file.path.strip_prefix(package)
                && is_found_by_cargo(inside)
            {
                roots.insert(file.path.clone());
            }
        }
        let read: Manifest = toml_edit::de::from_str(&manifest.text).unwrap_or_default();
        let named = [read.bin, read.example, read.test, read.bench];
        for target in named.into_iter().flatten().chain(read.lib) {
            if let Some(path) = target.path {
                roots.insert(format!("{package}{path}"));
            }
        }
    }
    roots
}

/// Tells whether cargo takes the file, a path inside a package, for the root of a target.
fn is_found_by_cargo(path: &str) -> bool {
    if matches!(path, "src/lib.rs" | "src/main.rs" | "build.rs") {
        return true;
    }
    ["src/bin/", "examples/", "tests/", "benches/"]
        .iter()
        .filter_map(|folder| path.strip_prefix(folder))
        .any(|rest| match rest.split_once('/') {
            None => true,
            Some((_, file)) => file == "main.rs",
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_files_are_those_of_cargo_and_of_the_manifest() {
        let files = Files::from_texts(&[
            ("Cargo.toml", "[workspace]"),
            (
                "a/Cargo.toml",
                "[package]\nname = 'a'\n[[example]]\nname = 'tour'\npath = 'tour.rs'\n",
            ),
            ("a/src/lib.rs", ""),
            ("a/src/other.rs", ""),
            ("a/src/bin/x.rs", ""),
            ("a/tests/one.rs", ""),
            ("a/tests/two/main.rs", ""),
            ("a/tests/two/more.rs", ""),
            ("a/tour.rs", ""),
        ]);
        let roots: Vec<String> = root_files(&files).into_iter().collect();
        assert_eq!(
            roots,
            [
                "a/src/bin/x.rs",
                "a/src/lib.rs",
                "a/tests/one.rs",
                "a/tests/two/main.rs",
                "a/tour.rs"
            ]
        );
    }
}

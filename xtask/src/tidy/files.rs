//! The files of the repository as the rules see them: handwritten or generated, Rust parsed once.

use std::collections::BTreeMap;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};

/// Folders that hold nothing of ours; folders whose name starts with a dot are left out too.
const SKIPPED: [&str; 3] = ["target", "node_modules", "__pycache__"];

/// Every text file of the repository that a rule may look at, by its path with forward slashes.
pub(super) struct Files {
    files: BTreeMap<String, SourceFile>,
}

/// One file.
pub(super) struct SourceFile {
    /// The path relative to the repository's root.
    pub(super) path: String,
    /// The content.
    pub(super) text: String,
    /// The tokens of a handwritten Rust file, templates included.
    pub(super) tokens: Option<TokenStream>,
    /// The syntax tree of a handwritten Rust file.
    pub(super) syntax: Option<syn::Result<syn::File>>,
}

impl Files {
    /// Reads the files below `root`.
    ///
    /// # Errors
    /// When a folder or a file cannot be read; the message names it.
    pub(super) fn read(root: &Path) -> Result<Self, String> {
        let mut files = BTreeMap::new();
        read_folder(root, "", &mut files)?;
        Ok(Self { files })
    }

    /// Builds the files from texts, for tests of the rules.
    #[cfg(test)]
    pub(super) fn from_texts(texts: &[(&str, &str)]) -> Self {
        let files = texts
            .iter()
            .map(|(path, text)| {
                (
                    (*path).to_owned(),
                    SourceFile::new(path, (*text).to_owned()),
                )
            })
            .collect();
        Self { files }
    }

    /// Finds a file by its path.
    pub(super) fn get(&self, path: &str) -> Option<&SourceFile> {
        self.files.get(path)
    }

    /// Lists all files, sorted by path.
    pub(super) fn all(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.values()
    }

    /// Lists the handwritten Rust files.
    pub(super) fn rust(&self) -> impl Iterator<Item = &SourceFile> {
        self.all()
            .filter(|file| file.is_rust() && !file.is_generated())
    }
}

impl SourceFile {
    /// Reads a file from its text.
    pub(super) fn new(path: &str, text: String) -> Self {
        let mut file = Self {
            path: path.to_owned(),
            text,
            tokens: None,
            syntax: None,
        };
        if file.is_rust() && !file.is_generated() {
            file.tokens = file.text.parse().ok();
            if !file.is_template() {
                let tokens = file.tokens.clone();
                file.syntax = Some(match tokens {
                    Some(tokens) => syn::parse2(tokens),
                    None => syn::parse_file(&file.text),
                });
            }
        }
        file
    }

    /// The syntax tree, of a handwritten Rust file that parses.
    pub(super) fn parsed(&self) -> Option<&syn::File> {
        self.syntax.as_ref()?.as_ref().ok()
    }

    /// Tells whether the file is Rust.
    pub(super) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Tells whether codegen writes the file: a folder `generated` is on its path.
    pub(super) fn is_generated(&self) -> bool {
        self.has_folder(&["generated"])
    }

    /// Tells whether the file belongs to tests or benchmarks; `mod tests;` in a `tests.rs` does too.
    pub(super) fn is_test(&self) -> bool {
        self.has_folder(&["tests", "benches"]) || self.path.ends_with("/tests.rs")
    }

    /// Tells whether the file is an example or a fuzz target.
    pub(super) fn is_example(&self) -> bool {
        self.has_folder(&["examples", "fuzz_targets"])
    }

    /// Lists the string literals as they are written, quotes included, with the line each starts on; doc comments are
    /// not among them.
    pub(super) fn string_literals(&self) -> Vec<(String, usize)> {
        let mut found = Vec::new();
        if let Some(tokens) = &self.tokens {
            collect_literals(tokens, &mut found);
        }
        found
    }

    fn has_folder(&self, names: &[&str]) -> bool {
        let folders = self
            .path
            .rsplit_once('/')
            .map_or("", |(folders, _)| folders);
        folders.split('/').any(|folder| names.contains(&folder))
    }

    /// Tells whether the file is a template, with placeholders that are not Rust.
    pub(super) fn is_template(&self) -> bool {
        self.has_folder(&["template", "templates"])
    }
}

fn collect_literals(tokens: &TokenStream, found: &mut Vec<(String, usize)>) {
    for token in tokens.clone() {
        match token {
            TokenTree::Group(group) => collect_literals(&group.stream(), found),
            TokenTree::Literal(literal) => {
                let span = literal.span();
                let text = span.source_text().unwrap_or_default();
                if text.ends_with(['"', '#']) && !text.starts_with('/') {
                    found.push((text, span.start().line));
                }
            }
            _ => {}
        }
    }
}

fn read_folder(
    root: &Path,
    folder: &str,
    files: &mut BTreeMap<String, SourceFile>,
) -> Result<(), String> {
    let place = root.join(folder);
    let error = |error: std::io::Error| format!("{}: {error}", place.display());
    for entry in std::fs::read_dir(&place).map_err(error)? {
        let entry = entry.map_err(error)?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let path = if folder.is_empty() {
            name.clone()
        } else {
            format!("{folder}/{name}")
        };
        let kind = entry.file_type().map_err(error)?;
        if kind.is_dir() && !name.starts_with('.') && !SKIPPED.contains(&name.as_str()) {
            read_folder(root, &path, files)?;
        } else if kind.is_file() && is_of_interest(&name) {
            let text = std::fs::read_to_string(entry.path())
                .map_err(|error| format!("{}: {error}", entry.path().display()))?;
            files.insert(path.clone(), SourceFile::new(&path, text));
        }
    }
    Ok(())
}

fn is_of_interest(name: &str) -> bool {
    name.ends_with(".rs")
        || name.ends_with(".md")
        || matches!(
            name,
            "Cargo.toml" | "overlay.yaml" | "service.toml" | "words.toml"
        )
}

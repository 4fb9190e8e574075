//! Holds the Markdown pages to the files: blocks of code are regions of compiled files, links lead
//! to files, features exist.
//!
//! A block is preceded by a comment that names its source, which no reader sees:
//!
//! ```text
//! <!-- code: docs/tests/readme.rs list -->
//! ```
//!
//! The source is the region between `// region: list` and `// endregion`, or the whole file where
//! no region is named.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

const UPDATE: &str = "UPDATE_EXPECT=1 cargo test -p idweave-docs";

/// A fenced block of a page.
struct Block {
    /// Where its first line of code is, counted from 0.
    line: usize,
    language: String,
    /// What the comment before it names.
    source: Option<String>,
    code: String,
}

#[test]
fn code_of_the_pages_is_the_code_that_is_tested() {
    let update = updating();
    let mut wrong = String::new();
    for page in pages() {
        let text = read(&page);
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        // From the end, so that the places of earlier blocks stay.
        for block in blocks(&text).into_iter().rev() {
            let place = format!("{}:{}", page.display(), block.line + 1);
            let Some(source) = &block.source else {
                if block.language.starts_with("rust") {
                    writeln!(wrong, "{place}: a block of Rust without a source").unwrap();
                }
                continue;
            };
            let expected = match region(source) {
                Ok(expected) => expected,
                Err(error) => {
                    writeln!(wrong, "{place}: {error}").unwrap();
                    continue;
                }
            };
            if block.code == expected {
                continue;
            }
            if update {
                let end = block.line + block.code.lines().count();
                lines.splice(block.line..end, expected.lines().map(str::to_owned));
            } else {
                writeln!(wrong, "{place}: not what {source} is; run: {UPDATE}").unwrap();
            }
        }
        let updated = lines.join("\n") + "\n";
        if update && updated != text {
            fs::write(root().join(&page), updated).unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn regions_are_all_shown_on_a_page() {
    if updating() {
        return;
    }
    let shown: Vec<String> = pages()
        .iter()
        .flat_map(|page| blocks(&read(page)))
        .filter_map(|block| block.source)
        .collect();
    for file in fs::read_dir(root().join("docs/tests")).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let path = format!("docs/tests/{name}");
        if name == "pages.rs" {
            continue;
        }
        for line in read(Path::new(&path)).lines() {
            if let Some(region) = line.trim().strip_prefix("// region: ") {
                let source = format!("{path} {region}");
                assert!(shown.contains(&source), "no page shows {source}");
            }
        }
    }
}

#[test]
fn links_lead_to_files_and_headings() {
    if updating() {
        return;
    }
    let mut wrong = String::new();
    for page in pages() {
        let text = read(&page);
        let prose = prose(&text);
        for target in links(&prose) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let path = match file {
                "" => root().join(&page),
                file => root().join(page.parent().unwrap()).join(file),
            };
            if !path.exists() {
                writeln!(wrong, "{}: no file {target}", page.display()).unwrap();
            } else if !heading.is_empty()
                && !headings(&fs::read_to_string(&path).unwrap()).contains(&heading.to_owned())
            {
                writeln!(wrong, "{}: no heading {target}", page.display()).unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn dependencies_on_the_pages_name_crates_and_features_that_exist() {
    if updating() {
        return;
    }
    let mut seen = 0;
    for page in pages() {
        for block in blocks(&read(&page)) {
            let Ok(table) = block.code.parse::<toml::Table>() else {
                continue;
            };
            let sections = ["dependencies", "dev-dependencies"];
            let tables = sections
                .iter()
                .filter_map(|name| table.get(*name)?.as_table());
            for (name, dependency) in tables.flatten() {
                if !name.starts_with("idweave") {
                    continue;
                }
                let manifest: toml::Table = read(Path::new(&format!("crates/{name}/Cargo.toml")))
                    .parse()
                    .unwrap();
                let features = dependency.get("features").and_then(toml::Value::as_array);
                for feature in features
                    .into_iter()
                    .flatten()
                    .filter_map(toml::Value::as_str)
                {
                    let page = page.display();
                    let known = manifest["features"].get(feature).is_some();
                    assert!(known, "{page}: {name} has no feature {feature}");
                }
                seen += 1;
            }
        }
    }
    assert!(seen > 0, "the README says how to depend on idweave");
}

/// Whether the pages are being written: what reads them has to wait for the next run.
fn updating() -> bool {
    std::env::var_os("UPDATE_EXPECT").is_some()
}

/// Every page for people, from the root of the repository.
fn pages() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    for folder in ["", "docs", "docs/contributing", "specs", ".ci"] {
        let files = fs::read_dir(root().join(folder)).unwrap();
        for file in files {
            let path = Path::new(folder).join(file.unwrap().file_name());
            if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    assert!(pages.contains(&PathBuf::from("README.md")));
    pages
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut source = None;
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let comment = line.strip_prefix("<!-- code: ");
        if let Some(named) = comment.and_then(|rest| rest.strip_suffix(" -->")) {
            source = Some(named.to_owned());
        } else if let Some((fence, language)) = opening(line) {
            let code = lines
                .by_ref()
                .map(|(_, line)| line)
                .take_while(|line| *line != fence);
            blocks.push(Block {
                line: number + 1,
                language: language.to_owned(),
                source: source.take(),
                code: code.fold(String::new(), |code, line| code + line + "\n"),
            });
        } else if !line.is_empty() {
            source = None;
        }
    }
    blocks
}

/// What `path` or `path region` names, without the indentation of its first line.
fn region(source: &str) -> Result<String, String> {
    let (path, name) = source.split_once(' ').unwrap_or((source, ""));
    let text = fs::read_to_string(root().join(path)).map_err(|error| format!("{path}: {error}"))?;
    if name.is_empty() {
        return Ok(text);
    }
    let start = format!("// region: {name}");
    let lines: Vec<_> = text
        .lines()
        .skip_while(|line| line.trim() != start)
        .skip(1)
        .take_while(|line| line.trim() != "// endregion")
        .collect();
    let first = lines
        .first()
        .ok_or_else(|| format!("{path} has no region {name}"))?;
    let indentation = &first[..first.len() - first.trim_start().len()];
    Ok(lines.iter().fold(String::new(), |code, line| {
        code + line.strip_prefix(indentation).unwrap_or(line) + "\n"
    }))
}

/// The signs that open a block and will close it, and its language.
fn opening(line: &str) -> Option<(&str, &str)> {
    let rest = line.trim_start_matches('`');
    let fence = &line[..line.len() - rest.len()];
    (fence.len() >= 3).then_some((fence, rest))
}

/// The page without its blocks of code.
fn prose(text: &str) -> String {
    let mut prose = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        match opening(line) {
            Some((fence, _)) => lines
                .by_ref()
                .take_while(|line| *line != fence)
                .for_each(drop),
            None => prose = prose + line + "\n",
        }
    }
    prose
}

fn links(prose: &str) -> impl Iterator<Item = &str> {
    prose
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target)
}

/// The anchors that a page's headings have: in lower case, spaces as hyphens, no other signs.
fn headings(text: &str) -> Vec<String> {
    prose(text)
        .lines()
        .filter_map(|line| {
            line.trim_start_matches('#')
                .strip_prefix(' ')
                .filter(|_| line.starts_with('#'))
        })
        .map(|heading| {
            heading
                .to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect()
        })
        .collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

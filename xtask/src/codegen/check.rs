//! Writes generated files, or compares them with the existing ones.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use similar::TextDiff;

use crate::openapi::files::write_file;
use crate::openapi::{Error, Result};

/// The most lines of differences that are shown; the command that fixes them matters more than the rest.
const MAX_LINES: usize = 200;

/// Writes the files of a folder and removes what no longer belongs there.
pub(super) fn write_files(folder: &Path, files: &BTreeMap<String, String>) -> Result<()> {
    for (name, text) in files {
        write_file(&folder.join(name), text)?;
    }
    remove_stale(folder, files)
}

/// Removes Rust files that are not generated any more: a generated folder holds nothing else.
pub(super) fn remove_stale(folder: &Path, files: &BTreeMap<String, String>) -> Result<()> {
    for path in stale_files(folder, files)? {
        fs::remove_file(&path)
            .map_err(|e| Error::new(format!("cannot be removed: {e}")).in_file(&path))?;
        if let Some(parent) = path.parent().filter(|p| *p != folder) {
            // Only an empty folder goes.
            let _ = fs::remove_dir(parent);
        }
    }
    Ok(())
}

fn stale_files(folder: &Path, files: &BTreeMap<String, String>) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut queue = vec![folder.to_path_buf()];
    while let Some(dir) = queue.pop() {
        let Ok(entries) = fs::read_dir(&dir) else {
            continue;
        };
        for entry in entries {
            let path = entry
                .map_err(|e| Error::new(format!("cannot be listed: {e}")).in_file(&dir))?
                .path();
            if path.is_dir() {
                queue.push(path);
                continue;
            }
            let relative = path
                .strip_prefix(folder)
                .map(|p| p.to_string_lossy().replace('\\', "/"))
                .unwrap_or_default();
            if path.extension().is_some_and(|e| e == "rs") && !files.contains_key(&relative) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Compares a service's folder with the generated files, and prints the differences.
pub(super) fn check_service(
    folder: &Path,
    root: &Path,
    files: &BTreeMap<String, String>,
    service: &str,
) -> Result<bool> {
    let files: BTreeMap<String, String> = files.clone();
    check_files(
        folder,
        root,
        &files,
        &format!("cargo xtask codegen --service {service}"),
        &[""],
    )
}

/// Compares a folder with these files, and prints the differences; `owned_folders` may hold no other Rust file.
pub(super) fn check_files(
    folder: &Path,
    root: &Path,
    files: &BTreeMap<String, String>,
    command: &str,
    owned_folders: &[&str],
) -> Result<bool> {
    let mut same = true;
    let mut shown = 0;
    let mut show = |path: &Path, old: &str, new: &str| {
        let name = path
            .strip_prefix(root)
            .unwrap_or(path)
            .display()
            .to_string();
        let diff = TextDiff::from_lines(old, new);
        let text = diff
            .unified_diff()
            .context_radius(2)
            .header(&format!("{name} (there)"), &format!("{name} (generated)"))
            .to_string();
        for line in text.lines() {
            if shown < MAX_LINES {
                println!("{line}");
            } else if shown == MAX_LINES {
                println!("… more differences");
            }
            shown += 1;
        }
    };
    for (name, text) in files {
        let path = folder.join(name);
        let old = fs::read(&path)
            .map(|b| String::from_utf8_lossy(&b).into_owned())
            .unwrap_or_default();
        if old != *text {
            same = false;
            show(&path, &old, text);
        }
    }
    for own in owned_folders {
        let here: BTreeMap<String, String> = files
            .iter()
            .filter_map(|(n, t)| {
                let rest = if own.is_empty() {
                    Some(n.as_str())
                } else {
                    n.strip_prefix(own)?.strip_prefix('/')
                };
                Some((rest?.to_owned(), t.clone()))
            })
            .collect();
        for path in stale_files(&folder.join(own), &here)? {
            same = false;
            let old = fs::read_to_string(&path).unwrap_or_default();
            show(&path, &old, "");
        }
    }
    if !same {
        println!("\nGenerated files are not up to date. To fix it, run:\n\n    {command}\n");
    }
    Ok(same)
}

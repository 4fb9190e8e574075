//! Adds the files that a document refers to to the document itself.
//!
//! Vendors split documents into files beside each other (`$ref: "schemas/user.yaml#/User"`). Each such file is read once and
//! put whole under `x-idweave-files`; references to it, and its own, are rewritten to point there, so that the passes meet only
//! references inside one document. References to other hosts are left for the passes to report.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use serde_json::{Map, Value};

use super::report::Report;
use crate::openapi::pointer;
use crate::openapi::reference::percent_decode;
use crate::openapi::{self, Result};

const PASS: &str = "bundle";
const KEY: &str = "x-idweave-files";
/// The most files of a document; no hand-kept document has more.
const MAX_FILES: usize = 512;

struct Bundle {
    root: PathBuf,
    /// Path of each file by its key.
    keys: BTreeMap<PathBuf, String>,
    queue: Vec<PathBuf>,
}

/// Splits a reference to a file beside the document into file and fragment; returns nothing for any other.
fn external_file(reference: &str) -> Option<(&str, &str)> {
    let (file, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    let local = !file.is_empty()
        && !file.contains("://")
        && !file.starts_with(['/', '\\'])
        && file.contains('.');
    local.then_some((file, fragment))
}

/// Normalizes `a/./b/../c` to `a/c`; returns nothing when it leads above the folder it starts in.
fn normalize(path: &Path) -> Option<PathBuf> {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => out.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !out.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(out)
}

impl Bundle {
    /// Returns the key of a file, and queues the file when it is new.
    fn key_of(&mut self, from: &Path, file: &str) -> Option<String> {
        let decoded = percent_decode(file);
        let path = normalize(&from.join(decoded))?;
        if let Some(key) = self.keys.get(&path) {
            return Some(key.clone());
        }
        if self.keys.len() >= MAX_FILES || !self.root.join(&path).is_file() {
            return None;
        }
        // The stem is what the types inside are called after.
        let stem = path
            .with_extension("")
            .to_string_lossy()
            .replace(['/', '\\'], ".");
        let mut key = stem.clone();
        while self.keys.values().any(|k| *k == key) {
            key.push('_');
        }
        self.keys.insert(path.clone(), key.clone());
        self.queue.push(path);
        Some(key)
    }

    /// Rewrites the references of one file to point into the document.
    fn rewrite(&mut self, value: &mut Value, folder: &Path, own: Option<&str>) {
        match value {
            Value::Object(map) => {
                if let Some(reference) = map.get("$ref").and_then(Value::as_str).map(str::to_owned)
                    && let Some(new) = self.rewritten(&reference, folder, own)
                {
                    map.insert("$ref".into(), new.into());
                }
                map.values_mut().for_each(|v| self.rewrite(v, folder, own));
            }
            Value::Array(list) => list.iter_mut().for_each(|v| self.rewrite(v, folder, own)),
            _ => {}
        }
    }

    fn rewritten(&mut self, reference: &str, folder: &Path, own: Option<&str>) -> Option<String> {
        if let Some(fragment) = reference.strip_prefix('#') {
            let own = own?;
            return Some(format!("#/{KEY}/{}{fragment}", pointer::escape(own)));
        }
        let (file, fragment) = external_file(reference)?;
        // A file may refer back to the document itself.
        let key = self.key_of(folder, file)?;
        if key.is_empty() {
            return Some(format!("#{fragment}"));
        }
        Some(format!("#/{KEY}/{}{fragment}", pointer::escape(&key)))
    }
}

/// Reads the files beside `document` (from `path`) that it refers to, and adds them to it.
///
/// # Errors
/// When one of the files cannot be read.
pub fn inline_external_refs(document: &mut Value, path: &Path, report: &mut Report) -> Result<()> {
    let root = path.parent().unwrap_or(Path::new("")).to_path_buf();
    let mut bundle = Bundle {
        root,
        keys: BTreeMap::new(),
        queue: Vec::new(),
    };
    if let Some(name) = path.file_name() {
        bundle.keys.insert(PathBuf::from(name), String::new());
    }
    bundle.rewrite(document, Path::new(""), None);
    let mut files = Map::new();
    while let Some(file) = bundle.queue.pop() {
        let full = bundle.root.join(&file);
        let mut content = openapi::read(&full)?.value;
        let key = bundle.keys.get(&file).cloned().unwrap_or_default();
        let folder = file.parent().unwrap_or(Path::new("")).to_path_buf();
        bundle.rewrite(&mut content, &folder, Some(&key));
        report.change(
            PASS,
            "",
            format!("/{KEY}/{}", pointer::escape(&key)),
            format!("{} is added to the document", file.display()),
        );
        files.insert(key, content);
    }
    if let (false, Some(root)) = (files.is_empty(), document.as_object_mut()) {
        files.sort_keys();
        root.insert(KEY.into(), Value::Object(files));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;

    use serde_json::json;

    use super::*;

    #[test]
    fn inline_external_refs_adds_files_beside_the_document() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("schemas")).unwrap();
        fs::write(dir.path().join("schemas/user.yaml"), "User:\n  properties:\n    role: {$ref: 'role.yaml'}\n    self: {$ref: '#/User'}\n    top: {$ref: '../api.yaml#/components/schemas/Top'}\n").unwrap();
        fs::write(dir.path().join("schemas/role.yaml"), "type: string\n").unwrap();
        let mut document = json!({"a": {"$ref": "./schemas/user.yaml#/User"}, "b": {"$ref": "https://e.org/x.yaml"}, "c": {"$ref": "gone.yaml"}, "d": {"$ref": "../out.yaml"}});
        let mut report = Report::default();
        inline_external_refs(&mut document, &dir.path().join("api.yaml"), &mut report).unwrap();
        assert_eq!(document["a"]["$ref"], "#/x-idweave-files/schemas.user/User");
        let user = &document[KEY]["schemas.user"]["User"]["properties"];
        assert_eq!(user["role"]["$ref"], "#/x-idweave-files/schemas.role");
        assert_eq!(user["self"]["$ref"], "#/x-idweave-files/schemas.user/User");
        assert_eq!(user["top"]["$ref"], "#/components/schemas/Top");
        assert_eq!(document["b"]["$ref"], "https://e.org/x.yaml");
        assert_eq!(document["c"]["$ref"], "gone.yaml");
        assert_eq!(document["d"]["$ref"], "../out.yaml");
        assert_eq!(report.changed.len(), 2);
    }
}

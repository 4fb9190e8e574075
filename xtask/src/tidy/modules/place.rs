//! Tells in which files the children of a module may be.

/// Where the files of a module's children are.
pub(super) struct Place {
    /// The folder of `mod child;`.
    children: String,
    /// The folder that `#[path]` starts from.
    written: String,
}

impl Place {
    /// Of a crate's root, a `mod.rs` and a file named by `#[path]`.
    pub(super) fn of_root(file: &str) -> Self {
        let folder = folder_of(file).to_owned();
        Self {
            children: folder.clone(),
            written: folder,
        }
    }

    /// Of a file `name.rs`.
    fn of_file(file: &str) -> Self {
        Self {
            children: file.strip_suffix(".rs").unwrap_or(file).to_owned(),
            written: folder_of(file).to_owned(),
        }
    }

    /// Of a block `mod name { … }`.
    pub(super) fn of_block(&self, name: &str, written_path: Option<&str>) -> Self {
        let folder = match written_path {
            Some(path) => join(&self.written, path),
            None => join(&self.children, name),
        };
        Self {
            children: folder.clone(),
            written: folder,
        }
    }

    /// The files that `mod name;` may mean, each with the place of its own children.
    pub(super) fn candidates(&self, name: &str, written_path: Option<&str>) -> Vec<(String, Self)> {
        if let Some(path) = written_path {
            let file = join(&self.written, path);
            let place = Self::of_root(&file);
            return vec![(file, place)];
        }
        let name = name.strip_prefix("r#").unwrap_or(name);
        let flat = join(&self.children, &format!("{name}.rs"));
        let nested = join(&self.children, &format!("{name}/mod.rs"));
        let (of_flat, of_nested) = (Self::of_file(&flat), Self::of_root(&nested));
        vec![(flat, of_flat), (nested, of_nested)]
    }
}

fn folder_of(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Joins a path to a folder, without `.` and `..` in the result.
fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

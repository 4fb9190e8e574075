//! A folder of `specs/`: `service.toml`, `openapi.yaml` and `overlay.yaml`.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::document::Document;
use super::error::{Error, Result};
use super::files::read_text;
use super::overlay::{self, Applied, Overlay};
use super::read::read;

/// One service: the content of `service.toml` and where its files are.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The folder's name, and the service's name on the command line.
    pub name: String,
    /// The name people know it by.
    pub display_name: String,
    /// The low-level crate written from it.
    #[serde(rename = "crate")]
    pub crate_name: String,
    /// The base URL of the service; for documentation only.
    pub base_url: String,
    /// What `specs import` takes from the vendor's document.
    #[serde(default)]
    pub selection: Selection,
    /// Where the vendor's document came from.
    #[serde(default)]
    pub provenance: Provenance,
    /// The folder.
    #[serde(skip)]
    pub dir: PathBuf,
}

/// Which operations belong to the service's identity area: any match selects, and `exclude` wins.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Selection {
    /// Tags, exactly as written.
    pub tags: Vec<String>,
    /// Operation ids, or `METHOD /path`.
    pub operations: Vec<String>,
    /// Path globs: `*` matches inside a segment, `**` across segments.
    pub paths: Vec<String>,
    /// What stays out, each as an operation id, `METHOD /path`, a path glob or a tag, with the reason.
    pub exclude: Vec<Exclusion>,
}

/// One thing that stays out of the selection.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Exclusion {
    /// Without a reason.
    Bare(String),
    /// With the reason that `specs coverage` prints.
    Reasoned {
        /// What stays out.
        what: String,
        /// Why.
        reason: String,
    },
}

impl Exclusion {
    /// Returns what stays out.
    #[must_use]
    pub fn what(&self) -> &str {
        match self {
            Self::Bare(what) | Self::Reasoned { what, .. } => what,
        }
    }

    /// Returns the reason.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Bare(_) => "excluded by service.toml",
            Self::Reasoned { reason, .. } => reason,
        }
    }
}

/// Which vendor file `openapi.yaml` was extracted from.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct Provenance {
    /// File name of the vendor's document.
    pub document: String,
    /// The version it carries.
    pub version: String,
    /// When the vendor changed it last.
    pub date: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Where it was found.
    pub source: String,
}

impl Service {
    /// Reads `service.toml` in `dir`.
    ///
    /// # Errors
    /// When the file is missing, is not TOML, or has a field this program does not know.
    pub fn load(dir: &Path) -> Result<Self> {
        let path = dir.join("service.toml");
        let text = read_text(&path)?;
        let mut service: Self = toml_edit::de::from_str(&text)
            .map_err(|e| Error::new(e.to_string().trim().to_owned()).in_file(&path))?;
        dir.clone_into(&mut service.dir);
        Ok(service)
    }

    /// Reads every service of a `specs` folder, by name.
    ///
    /// # Errors
    /// When the folder cannot be listed or one of its services cannot be read.
    pub fn load_all(specs: &Path) -> Result<Vec<Self>> {
        let entries = std::fs::read_dir(specs)
            .map_err(|e| Error::new(format!("cannot be listed: {e}")).in_file(specs))?;
        let mut dirs: Vec<PathBuf> = entries
            .filter_map(|entry| entry.ok().map(|e| e.path()))
            .filter(|dir| dir.join("service.toml").is_file())
            .collect();
        dirs.sort();
        dirs.iter().map(|dir| Self::load(dir)).collect()
    }

    /// Reads the vendor's interface, reduced to the selection.
    ///
    /// # Errors
    /// As [`super::read()`].
    pub fn document(&self) -> Result<Document> {
        read(&self.dir.join("openapi.yaml"))
    }

    /// Reads the overlay beside it, when there is one.
    ///
    /// # Errors
    /// As [`Overlay::read`].
    pub fn overlay(&self) -> Result<Option<Overlay>> {
        let path = self.dir.join("overlay.yaml");
        path.is_file().then(|| Overlay::read(&path)).transpose()
    }

    /// Applies the overlay to `openapi.yaml`, and returns what each action selected.
    ///
    /// # Errors
    /// When either file cannot be used.
    pub fn applied(&self) -> Result<Applied> {
        let document = self.document()?.value;
        match self.overlay()? {
            Some(overlay) => overlay::apply(document, &overlay)
                .map_err(|e| e.in_file(&self.dir.join("overlay.yaml"))),
            None => Ok(Applied {
                document,
                actions: Vec::new(),
            }),
        }
    }

    /// Returns the effective document: what the service really does.
    ///
    /// # Errors
    /// As [`Service::applied`].
    pub fn effective(&self) -> Result<Value> {
        self.applied().map(|applied| applied.document)
    }
}

//! Reads, corrects, walks and writes OpenAPI documents: the one library for them.
//!
//! Codegen and the `specs` commands start here. [`read()`] takes any YAML or JSON file a vendor may publish and gives a
//! [`serde_json::Value`] whose keys keep their order; [`overlay`] applies corrections to it, [`service`] knows how a folder
//! of `specs/` is laid out, and [`emit`] writes a document back.
//!
//! [`operations`], [`schemas`] and [`reference`] are the ways through a document, [`fields`] is what they agree on:
//! which of its keys are fields, and which are names.

mod document;
pub mod emit;
mod error;
pub mod fields;
pub mod files;
pub mod operations;
pub mod overlay;
pub mod pointer;
mod read;
pub mod reference;
pub mod schemas;
pub mod service;
mod version;

pub use document::{Document, Limits, Note, kind};
pub use error::{Error, Result};
pub use read::{parse, read, read_within};
pub use version::check_version;

//! Reads, corrects, walks and writes OpenAPI documents: the one library for them.
//!
//! Codegen and the `specs` commands start here. [`read()`] reads any YAML or JSON file a vendor may publish into a
//! [`serde_json::Value`] whose keys keep their order; [`overlay`] applies corrections to it, [`service`] describes a folder of
//! `specs/`, and [`emit`] writes a document.
//!
//! [`operations`], [`schemas`] and [`mod@reference`] find their way through a document; [`fields`] tells which of its keys are fields
//! and which are names.

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

pub use document::{Document, Limits, Note, describe_kind};
pub use error::{Error, Result};
pub use read::{parse, read, read_within};
pub use version::check_version;

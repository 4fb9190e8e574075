//! Reads, corrects, walks and writes OpenAPI documents: the one library for them.
//!
//! Codegen and the `specs` commands start here: [`read()`] takes any YAML or JSON file a vendor may publish and gives a
//! [`serde_json::Value`] whose keys keep their order, [`overlay`] applies corrections to it, [`service`] knows how a folder
//! of `specs/` is laid out, and [`emit`] writes a document back.

mod document;
pub mod emit;
mod error;
pub mod overlay;
pub mod pointer;
mod read;
pub mod service;

pub use document::{Document, Limits, Note, kind};
pub use error::{Error, Result};
pub use read::{parse, read, read_within};

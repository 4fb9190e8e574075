//! What all writers read: the normalised document, the generator's output, and the plan of each operation and type.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use crate::codegen::plan::{self, Operation, Type};

/// Everything the writers read.
pub(in crate::codegen) struct Input<'a> {
    /// Name of the service, for documentation.
    pub(in crate::codegen) display_name: &'a str,
    /// First lines of every file.
    pub(in crate::codegen) header: &'a str,
    /// The normalised document.
    pub(in crate::codegen) document: &'a Value,
    /// What the generator made of it.
    pub(in crate::codegen) file: syn::File,
}

/// What the writers share.
pub(super) struct Shared<'a> {
    pub(super) input: &'a Input<'a>,
    pub(super) operations: Vec<Operation>,
    pub(super) types: BTreeMap<String, Type>,
    /// Union and alternative of each alternative that is boxed.
    pub(super) needs_box: HashSet<(String, String)>,
}

impl<'a> Shared<'a> {
    /// Reads what is written for each operation and type.
    pub(super) fn of(input: &'a Input<'a>) -> Self {
        Self {
            operations: plan::read_operations(input.document),
            types: plan::types(input.document),
            needs_box: plan::needs_box(input.document),
            input,
        }
    }

    /// Returns a named schema; null when there is none.
    pub(super) fn schema(&self, name: &str) -> &Value {
        self.input.document["components"]["schemas"]
            .get(name)
            .unwrap_or(&Value::Null)
    }
}

//! What exists in a sandbox, so that every operation has something to work on. Used by the tests that
//! call all operations: those of this crate and of the facade.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use serde_json::Value;

pub(crate) mod authress;
pub(crate) mod docspace;
pub(crate) mod enhance;
pub(crate) mod ostrom;

/// Values that exist at one service, by the name of their parameter or field.
pub(crate) struct Known {
    pub(crate) uuid: String,
    values: BTreeMap<&'static str, Value>,
}

impl Known {
    pub(crate) fn new(uuid: &str, values: &[(&'static str, Value)]) -> Self {
        Self {
            uuid: uuid.to_owned(),
            values: values.iter().cloned().collect(),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<Value> {
        self.values.get(name).cloned()
    }
}

//! Checks that references lead somewhere, and that components are used.

use std::collections::BTreeSet;

use serde_json::Value;

use super::diagnostic::Diagnostics;
use crate::openapi::fields::entries;
use crate::openapi::pointer;
use crate::openapi::reference::{follow, references, resolve};
use crate::openapi::schemas::named_schemas;
use crate::specs::extract::prune;

/// Checks every reference of a document.
pub(super) fn check(found: &mut Diagnostics, document: &Value) {
    let mut broken = BTreeSet::new();
    references(document, &mut |reference| {
        if resolve(document, reference).is_none() {
            broken.insert(reference);
        }
    });
    for reference in broken {
        found.error(
            "",
            reference,
            "is referred to and does not exist; correct the reference",
        );
    }
    // A chain of references that ends in itself never gets anywhere.
    for (name, schema) in named_schemas(document).into_iter().flatten() {
        if follow(document, schema).is_err() {
            let place = pointer::of_schema(name);
            found.error("", &place, "is a reference that leads nowhere");
        }
    }
}

/// Finds components that no operation uses.
pub(super) fn unused(found: &mut Diagnostics, document: &Value) {
    let mut pruned = document.clone();
    prune(&mut pruned);
    for (section, members) in entries(document, "components") {
        for name in members.as_object().into_iter().flat_map(|m| m.keys()) {
            let place = format!("/components/{section}/{}", pointer::escape(name));
            if pruned.pointer(&place).is_none() {
                found.warning(
                    "",
                    &place,
                    "is not used by any operation; remove it in the overlay",
                );
            }
        }
    }
}

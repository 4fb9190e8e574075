//! Checks operations: ids, summaries, parameters, responses and security.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::diagnostic::Diagnostics;
use crate::openapi::fields::text;
use crate::openapi::operations::{Operation, operations};
use crate::openapi::reference::deref;

/// Checks every operation of a document.
pub(super) fn check(found: &mut Diagnostics, document: &Value) {
    let schemes: BTreeSet<&str> = document
        .pointer("/components/securitySchemes")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(|map| map.keys().map(String::as_str))
        .collect();
    let mut ids: HashMap<&str, String> = HashMap::new();
    for operation in operations(document) {
        let (name, place) = (operation.name(), operation.pointer());
        match operation.id() {
            None => found.error(
                &name,
                &place,
                "has no operationId; give it one in the overlay",
            ),
            Some(id) => {
                if let Some(other) = ids.insert(id, operation.signature()) {
                    found.error(
                        &name,
                        &place,
                        format!("{other} has the same operationId {id}"),
                    );
                }
            }
        }
        if operation
            .value
            .get("summary")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .is_empty()
        {
            found.warning(&name, &place, "has no summary; write one in the overlay");
        }
        path_parameters(found, document, &operation, &name, &place);
        let responses = operation.responses(document);
        if !responses.iter().any(|(status, _)| {
            matches!(status.as_bytes().first(), Some(b'2' | b'3')) || *status == "default"
        }) {
            found.error(
                &name,
                &format!("{place}/responses"),
                "has no success response; declare one in the overlay",
            );
        }
        for (status, response) in responses {
            if response
                .get("description")
                .and_then(Value::as_str)
                .is_none()
            {
                let place = format!("{place}/responses/{status}/description");
                found.error(&name, &place, "is required by OpenAPI 3.0");
            }
        }
        for requirement in operation
            .security(document)
            .into_iter()
            .flatten()
            .filter_map(Value::as_object)
        {
            for scheme in requirement.keys().filter(|s| !schemes.contains(s.as_str())) {
                let place = format!("{place}/security");
                found.error(
                    &name,
                    &place,
                    format!("names the security scheme {scheme}, which does not exist"),
                );
            }
        }
    }
}

fn path_parameters(
    found: &mut Diagnostics,
    document: &Value,
    operation: &Operation<'_>,
    name: &str,
    place: &str,
) {
    let template: BTreeSet<&str> = operation
        .path
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}'))
        .map(|(name, _)| name)
        .collect();
    for (_, list) in operation.declared_parameters() {
        let mut seen = BTreeSet::new();
        for parameter in list.iter().map(|p| deref(document, p)) {
            let (place_in, parameter) = (text(parameter, "in"), text(parameter, "name"));
            if !parameter.is_empty() && !seen.insert((place_in, parameter)) {
                let message = format!("declares the {place_in} parameter {parameter} twice");
                found.error(name, place, message);
            }
        }
    }
    let declared: BTreeSet<&str> = operation
        .parameters(document)
        .into_iter()
        .filter(|p| text(p, "in") == "path")
        .map(|p| text(p, "name"))
        .collect();
    for missing in template.difference(&declared) {
        found.error(
            name,
            place,
            format!("has {{{missing}}} in its path, which is not declared as a parameter"),
        );
    }
    for extra in declared.difference(&template) {
        found.error(
            name,
            place,
            format!("declares the path parameter {extra}, which its path does not have"),
        );
    }
}

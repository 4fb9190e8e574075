//! Gives every operation an id that is unique in snake case and not reserved: it becomes the method's name.
//!
//! The vendor's id, where there is one, is kept for traces and errors.

use std::collections::HashSet;

use serde_json::Value;

use super::context::Context;
use crate::codegen::naming::snake_case;
use crate::openapi::operations::{each_operation, operations};

pub(super) const NAME: &str = "operation-ids";

/// Methods and associated functions a client has besides its operations, and the name of the table of all of them.
const RESERVED: [&str; 13] = [
    "session",
    "builder",
    "new",
    "clone",
    "clone_from",
    "from",
    "into",
    "fmt",
    "borrow",
    "default",
    "all",
    "try_into",
    "to_owned",
];

fn derived(method: &str, path: &str) -> String {
    let mut words = vec![method.to_owned()];
    for segment in path.split('/').filter(|s| !s.is_empty()) {
        let mut rest = segment;
        while let Some((before, inside)) = rest.split_once('{') {
            words.push(before.to_owned());
            let (parameter, after) = inside.split_once('}').unwrap_or((inside, ""));
            words.extend(["by".to_owned(), parameter.to_owned()]);
            rest = after;
        }
        words.push(rest.to_owned());
    }
    words.retain(|w| !w.is_empty());
    snake_case(&words.join("-"))
}

pub(super) fn run(context: &mut Context) {
    let Context { document, report } = context;
    report.operations = operations(document).len();
    let mut used: HashSet<String> = RESERVED.iter().map(|t| (*t).to_owned()).collect();
    // Ids that are already right go first, so that a duplicate elsewhere does not change them.
    let mut kept = HashSet::new();
    each_operation(document, |operation, at| {
        let id = operation
            .get("operationId")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if id.chars().any(|c| c.is_ascii_alphanumeric()) && used.insert(snake_case(id)) {
            kept.insert((at.path.to_owned(), at.method.to_owned()));
        }
    });
    each_operation(document, |operation, at| {
        let vendor = match operation.get("operationId").and_then(Value::as_str) {
            Some(id) if id.chars().any(|c| c.is_ascii_alphanumeric()) => Some(id.to_owned()),
            _ => None,
        };
        let name = if kept.contains(&(at.path.to_owned(), at.method.to_owned())) {
            snake_case(vendor.as_deref().unwrap_or_default())
        } else {
            let base = match &vendor {
                // Duplicated by another operation, or a name the client itself uses.
                Some(id) if RESERVED.contains(&snake_case(id).as_str()) => {
                    format!("{}_operation", snake_case(id))
                }
                _ => derived(at.method, at.path),
            };
            let mut name = base.clone();
            let mut count = 2;
            while !used.insert(name.clone()) {
                name = format!("{base}_{count}");
                count += 1;
            }
            let what = match &vendor {
                Some(id) => format!("operationId {id} is taken; the method is named {name}"),
                None => format!("no operationId; the method is named {name}"),
            };
            report.change(
                NAME,
                &at.name,
                format!("{}/operationId", at.pointer()),
                what,
            );
            name
        };
        operation.insert(
            "x-idweave-id".into(),
            vendor.unwrap_or_else(|| name.clone()).into(),
        );
        operation.insert("x-idweave-report".into(), at.name.clone().into());
        operation.insert("operationId".into(), name.into());
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::codegen::passes::context::testing::run_pass;

    #[test]
    fn operation_id_that_is_missing_is_derived_from_method_and_path() {
        let context = run_pass(
            json!({"paths": {"/users/{user-id}/2fa": {"delete": {}}}}),
            run,
        );
        assert_eq!(
            context.at("/paths/~1users~1{user-id}~12fa/delete/operationId"),
            "delete_users_by_user_id_2fa"
        );
        assert!(context.reports("no operationId"));
    }

    #[test]
    fn operation_ids_equal_in_snake_case_are_renamed() {
        let context = run_pass(
            json!({"paths": {"/a": {"get": {"operationId": "getUser"}}, "/b": {"get": {"operationId": "get_user"}},
                             "/c": {"get": {"operationId": "session"}}, "/d": {"get": {"operationId": "type"}}}}),
            run,
        );
        assert_eq!(context.at("/paths/~1a/get/operationId"), "get_user");
        assert_eq!(context.at("/paths/~1a/get/x-idweave-id"), "getUser");
        assert_eq!(context.at("/paths/~1b/get/operationId"), "get_b");
        assert_eq!(context.at("/paths/~1b/get/x-idweave-id"), "get_user");
        assert_eq!(
            context.at("/paths/~1c/get/operationId"),
            "session_operation"
        );
        assert_eq!(context.report.operations, 4);
    }
}

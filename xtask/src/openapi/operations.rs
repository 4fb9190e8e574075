//! Finds the operations of a document, with what they inherit from their path items and the document.

use serde_json::{Map, Value};

use super::pointer;
use super::reference::deref;

/// The methods an operation can have, in the order they are written, generated and reported.
pub const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// How reports name an operation whose id a pass has rewritten.
const REPORT_NAME: &str = "x-idweave-report";

/// A path item, with the one it refers to; its own fields win.
#[derive(Clone, Copy, Debug)]
pub struct PathItem<'a> {
    own: &'a Value,
    target: &'a Value,
}

impl<'a> PathItem<'a> {
    /// Reads the path item of `value`, which may be a reference to one.
    #[must_use]
    pub fn of(document: &'a Value, value: &'a Value) -> Self {
        Self {
            own: value,
            target: deref(document, value),
        }
    }

    /// Returns the field `key`.
    #[must_use]
    pub fn get(self, key: &str) -> Option<&'a Value> {
        self.own.get(key).or_else(|| self.target.get(key))
    }

    /// Returns all fields in one object, without the reference.
    #[must_use]
    pub fn merged(self) -> Map<String, Value> {
        let mut merged = self.target.as_object().cloned().unwrap_or_default();
        merged.extend(self.own.as_object().cloned().unwrap_or_default());
        merged.shift_remove("$ref");
        merged
    }
}

/// One operation of a document.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    /// Lower case, as in the document.
    pub method: &'static str,
    /// The path template.
    pub path: &'a str,
    /// The operation object.
    pub value: &'a Value,
    /// The path item it belongs to.
    pub item: PathItem<'a>,
}

impl<'a> Operation<'a> {
    /// Returns the `operationId`, unless it is missing or empty.
    #[must_use]
    pub fn id(&self) -> Option<&'a str> {
        self.value
            .get("operationId")
            .and_then(Value::as_str)
            .filter(|id| !id.is_empty())
    }

    /// Returns `METHOD /path`.
    #[must_use]
    pub fn signature(&self) -> String {
        signature(self.path, self.method)
    }

    /// Returns the operation id, or the signature of an operation that has none.
    #[must_use]
    pub fn name(&self) -> String {
        match self.value.as_object() {
            Some(operation) => operation_name(operation, self.path, self.method),
            None => self.signature(),
        }
    }

    /// Lists its tags.
    pub fn tags(&self) -> impl Iterator<Item = &'a str> {
        self.value
            .get("tags")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
    }

    /// Returns the JSON pointer of the operation object.
    #[must_use]
    pub fn pointer(&self) -> String {
        pointer::of_operation(self.path, self.method)
    }

    /// Lists the parameters as declared: those of the path item, then the operation's own, each list with its pointer.
    #[must_use]
    pub fn declared_parameters(&self) -> [(String, &'a [Value]); 2] {
        let list = |value: Option<&'a Value>| {
            value
                .and_then(Value::as_array)
                .map_or(&[] as &[Value], Vec::as_slice)
        };
        let item = pointer::push("/paths", self.path);
        [
            (item + "/parameters", list(self.item.get("parameters"))),
            (
                self.pointer() + "/parameters",
                list(self.value.get("parameters")),
            ),
        ]
    }

    /// Lists the parameters of a call: those of the path item, overridden by the operation's own; references are followed.
    #[must_use]
    pub fn parameters(&self, document: &'a Value) -> Vec<&'a Value> {
        let declared = self.declared_parameters();
        let found = declared.iter().flat_map(|(_, list)| *list);
        merge_parameters(found.map(|parameter| deref(document, parameter)))
    }

    /// Returns the security alternatives: the operation's own, else the document's, else none.
    #[must_use]
    pub fn security(&self, document: &'a Value) -> Option<&'a Vec<Value>> {
        self.value
            .get("security")
            .or_else(|| document.get("security"))
            .and_then(Value::as_array)
    }

    /// Lists statuses with their responses, references followed, in the order of the document.
    #[must_use]
    pub fn responses(&self, document: &'a Value) -> Vec<(&'a str, &'a Value)> {
        self.value
            .get("responses")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .filter(|(status, _)| !status.starts_with("x-"))
            .map(|(status, response)| (status.as_str(), deref(document, response)))
            .collect()
    }
}

/// Finds every operation of a document: paths in their order, and the methods of each in the order of [`METHODS`].
#[must_use]
pub fn operations(document: &Value) -> Vec<Operation<'_>> {
    let paths = document.get("paths").and_then(Value::as_object);
    let mut found = Vec::new();
    for (path, item) in paths
        .into_iter()
        .flatten()
        .filter(|(path, _)| is_path(path))
    {
        let item = PathItem::of(document, item);
        for method in METHODS {
            if let Some(value) = item.get(method).filter(|v| v.is_object()) {
                found.push(Operation {
                    method,
                    path,
                    value,
                    item,
                });
            }
        }
    }
    found
}

/// Tells whether a key of `paths` is a path; the others are extensions.
#[must_use]
pub fn is_path(key: &str) -> bool {
    !key.starts_with("x-")
}

/// Merges parameters in the order of their first mention; of two with one name and place the later is kept.
#[must_use]
pub fn merge_parameters<'a>(found: impl IntoIterator<Item = &'a Value>) -> Vec<&'a Value> {
    let key = |parameter: &'a Value| (parameter.get("name"), parameter.get("in"));
    let mut merged: Vec<&Value> = Vec::new();
    for parameter in found.into_iter().filter(|p| p.is_object()) {
        match merged.iter_mut().find(|p| key(p) == key(parameter)) {
            Some(slot) => *slot = parameter,
            None => merged.push(parameter),
        }
    }
    merged
}

/// Which operation a visitor is at.
pub struct OperationKey<'a> {
    /// The path template.
    pub path: &'a str,
    /// The method in lower case.
    pub method: &'static str,
    /// How reports name the operation.
    pub name: String,
}

impl OperationKey<'_> {
    /// Returns the JSON pointer of the operation.
    #[must_use]
    pub fn pointer(&self) -> String {
        pointer::of_operation(self.path, self.method)
    }
}

/// Calls `visit` for every operation of a document that is being rewritten, in the order of [`operations`].
///
/// References between path items are not followed.
pub fn each_operation(
    document: &mut Value,
    mut visit: impl FnMut(&mut Map<String, Value>, &OperationKey<'_>),
) {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (path, item) in paths
        .into_iter()
        .flatten()
        .filter(|(path, _)| is_path(path))
    {
        for method in METHODS {
            let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else {
                continue;
            };
            let name = operation_name(operation, path, method);
            visit(operation, &OperationKey { path, method, name });
        }
    }
}

/// Names an operation for reports: by id where it has one, else by method and path.
#[must_use]
pub fn operation_name(operation: &Map<String, Value>, path: &str, method: &str) -> String {
    let id = operation
        .get(REPORT_NAME)
        .or_else(|| operation.get("operationId"));
    match id.and_then(Value::as_str) {
        Some(id) if !id.is_empty() => id.to_owned(),
        _ => signature(path, method),
    }
}

fn signature(path: &str, method: &str) -> String {
    format!("{} {path}", method.to_uppercase())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(document: &Value) -> Vec<String> {
        operations(document).iter().map(Operation::name).collect()
    }

    #[test]
    fn operations_follow_path_items_and_keep_siblings_of_the_reference() {
        let document = json!({
            "paths": {"/a": {"$ref": "#/components/pathItems/I", "post": {"operationId": "own"}, "get": {"operationId": "mine"}}},
            "components": {"pathItems": {"I": {"get": {"operationId": "theirs"}, "put": {"operationId": "shared"}, "parameters": [{"name": "p"}]}}}
        });
        assert_eq!(names(&document), ["mine", "shared", "own"]);
        let item = operations(&document)[0].item;
        assert_eq!(item.get("parameters"), Some(&json!([{"name": "p"}])));
        assert!(item.merged().contains_key("put") && !item.merged().contains_key("$ref"));
    }

    #[test]
    fn operations_leave_out_extensions_of_paths() {
        let document =
            json!({"paths": {"x-more": {"get": {}}, "/a": {"get": {}, "parameters": []}}});
        assert_eq!(names(&document), ["GET /a"]);
        let mut visited = Vec::new();
        each_operation(&mut document.clone(), |_, key| visited.push(key.pointer()));
        assert_eq!(visited, ["/paths/~1a/get"]);
    }

    #[test]
    fn operation_id_that_is_empty_is_ignored() {
        let document = json!({"paths": {"/a": {"get": {"operationId": ""}}}});
        assert_eq!(operations(&document)[0].id(), None);
        assert_eq!(names(&document), ["GET /a"]);
    }

    #[test]
    fn parameters_keep_their_order_and_later_ones_override() {
        let document = json!({
            "components": {"parameters": {"B": {"name": "b", "in": "query"}}},
            "paths": {"/x": {
                "parameters": [{"name": "a", "in": "query"}, {"$ref": "#/components/parameters/B"}],
                "get": {"parameters": [{"name": "c", "in": "query"}, {"name": "a", "in": "query", "required": true}, {"name": "a", "in": "path"}]}}}
        });
        let operation = operations(&document)[0];
        let seen: Vec<String> = operation
            .parameters(&document)
            .iter()
            .map(|p| format!("{} {} {}", p["name"], p["in"], p["required"]).replace('"', ""))
            .collect();
        assert_eq!(
            seen,
            [
                "a query true",
                "b query null",
                "c query null",
                "a path null"
            ]
        );
        assert_eq!(operation.declared_parameters()[1].1.len(), 3);
    }
}

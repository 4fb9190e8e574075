//! A request for an operation: the arguments that its document requires, with values that exist.

use serde_json::Value;

use crate::document::{Document, Operation};
use crate::known::Known;

/// The arguments of one operation.
pub(crate) struct Plan {
    /// Name and value of each parameter of the path.
    pub(crate) path: Vec<(String, String)>,
    /// Name and value of each required parameter of the query.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Option<Body>,
}

/// A body of the operation's media type.
pub(crate) enum Body {
    Json(Value),
    Form(Vec<(String, String)>),
    /// A picture, in the field of this name.
    Picture(&'static str),
}

/// The first bytes of a PNG, which is what the services look at.
pub(crate) const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n";

impl Document {
    /// Chooses the arguments of an operation.
    pub(crate) fn plan(&self, operation: &Operation<'_>, known: &Known) -> Plan {
        let (mut path, mut query) = (Vec::new(), Vec::new());
        let lists = [operation.parameters, &operation.value["parameters"]];
        let parameters = lists.iter().filter_map(|list| list.as_array()).flatten();
        for parameter in parameters.map(|parameter| self.resolve(parameter)) {
            let name = parameter["name"].as_str().unwrap();
            let value = || {
                let own = known.get(&format!("{}.{name}", operation.id));
                let value = own.or_else(|| known.get(name));
                text(&value.unwrap_or_else(|| self.example(name, &parameter["schema"], known)))
            };
            match parameter["in"].as_str() {
                Some("path") => path.push((name.to_owned(), value())),
                Some("query") if parameter["required"] == true => {
                    query.push((name.to_owned(), value()))
                }
                _ => {}
            }
        }
        let body = self.resolve(&operation.value["requestBody"]);
        let body = body["content"].as_object().map(|content| {
            let (kind, media) = content.iter().next().unwrap();
            let value = known
                .get(&format!("{}.body", operation.id))
                .unwrap_or_else(|| self.example("", &media["schema"], known));
            match kind.as_str() {
                "multipart/form-data" if self.service == "enhance" => Body::Picture("avatar"),
                "multipart/form-data" => Body::Picture("File"),
                "application/x-www-form-urlencoded" => {
                    let fields = value.as_object().unwrap().iter();
                    Body::Form(
                        fields
                            .map(|(name, own)| (name.clone(), text(own)))
                            .collect(),
                    )
                }
                _ => Body::Json(value),
            }
        });
        Plan { path, query, body }
    }
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

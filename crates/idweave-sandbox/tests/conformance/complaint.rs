//! Compares a response with what the document promises.

use serde_json::{Map, Value, json};

use crate::common::Response;
use crate::document::{Document, Operation};

impl Document {
    /// Returns why the response is not one that the document promises.
    pub(crate) fn complaint(
        &self,
        operation: &Operation<'_>,
        response: &Response,
    ) -> Option<String> {
        let status = response.status.as_u16();
        let responses = &operation.value["responses"];
        let range = format!("{}XX", status / 100);
        let documented = [status.to_string(), range, "default".to_owned()]
            .iter()
            .find_map(|key| {
                responses
                    .get(key)
                    .map(|documented| self.resolve(documented))
            });
        let Some(documented) = documented else {
            // A document does not list all errors; it does list all successes.
            let is_error = matches!(status, 400 | 401 | 403 | 404 | 405);
            return (!is_error).then(|| format!("{status} is not documented"));
        };
        let content = documented["content"].as_object();
        let schema = content
            .and_then(|content| content.values().next())
            .map(|media| &media["schema"]);
        // Where no body is promised, clients read none.
        let schema = schema?;
        if response.body.is_empty() {
            // The challenge, the router and the gateway respond without a body.
            return (status < 400).then(|| format!("{status} has no body"));
        }
        let Ok(body) = serde_json::from_slice::<Value>(&response.body) else {
            return Some(format!("{status} is not JSON"));
        };
        let mut whole = Map::new();
        whole.insert("allOf".to_owned(), json!([schema]));
        whole.insert("components".to_owned(), self.value["components"].clone());
        let validator = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft4)
            .build(&Value::Object(whole));
        let validator = match validator {
            Ok(validator) => validator,
            Err(error) => return Some(format!("the schema of {status} is invalid: {error}")),
        };
        let errors: Vec<String> = validator
            .iter_errors(&body)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        (!errors.is_empty()).then(|| {
            format!(
                "{status} {}",
                errors.join("; ").chars().take(400).collect::<String>()
            )
        })
    }
}

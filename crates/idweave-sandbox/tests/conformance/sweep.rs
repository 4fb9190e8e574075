//! A call of every operation of a document, and what was found.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::common::{Call, call, segment};
use crate::document::{Document, Known, Operation};

/// The result of a sweep over a document.
#[derive(Default)]
pub(crate) struct Found {
    complaints: Vec<String>,
    succeeded: BTreeSet<String>,
    errors: Vec<String>,
}

pub(crate) async fn sweep(
    document: &Document,
    base: &str,
    known: &Known,
    credential: impl Fn(&Operation<'_>, Call) -> Call,
) -> Found {
    let mut found = Found::default();
    for operation in document.operations() {
        let mut path = operation.path.to_owned();
        let mut query = Vec::new();
        let lists = [operation.parameters, &operation.value["parameters"]];
        let parameters: Vec<Value> = lists
            .iter()
            .filter_map(|list| list.as_array())
            .flatten()
            .cloned()
            .collect();
        for parameter in parameters
            .iter()
            .map(|parameter| document.resolve(parameter))
        {
            let name = parameter["name"].as_str().unwrap();
            let value = || match known
                .get(&format!("{}.{name}", operation.id))
                .or_else(|| known.get(name))
            {
                Some(value) => value,
                None => document.example(name, &parameter["schema"], known),
            };
            let text = |value: Value| {
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            };
            match parameter["in"].as_str() {
                Some("path") => {
                    path = path.replace(&format!("{{{name}}}"), &segment(&text(value())))
                }
                Some("query") if parameter["required"] == true => {
                    query.push(format!("{name}={}", segment(&text(value()))))
                }
                _ => {}
            }
        }
        let mut url = format!("{base}{path}");
        if !query.is_empty() {
            url = format!("{url}?{}", query.join("&"));
        }
        let mut request = credential(&operation, call(&operation.method.to_uppercase(), url));
        if let Some(content) =
            document.resolve(&operation.value["requestBody"])["content"].as_object()
        {
            let (kind, media) = content.iter().next().unwrap();
            let body = known
                .get(&format!("{}.body", operation.id))
                .unwrap_or_else(|| document.example("", &media["schema"], known));
            request = match kind.as_str() {
                "multipart/form-data" => {
                    let field = if document.service == "enhance" {
                        "avatar"
                    } else {
                        "File"
                    };
                    let mut body = format!("--b\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"a.png\"\r\n\r\n").into_bytes();
                    body.extend_from_slice(b"\x89PNG\r\n\x1a\n\r\n--b--\r\n");
                    request.raw("multipart/form-data; boundary=b", body)
                }
                "application/x-www-form-urlencoded" => {
                    let fields = body.as_object().unwrap().iter().map(|(name, value)| {
                        format!("{name}={}", segment(value.as_str().unwrap_or_default()))
                    });
                    request.form(&fields.collect::<Vec<_>>().join("&"))
                }
                _ => request.json(&body),
            };
        }
        let response = request.send().await;
        let what = format!("{} {} {}", operation.id, operation.method, operation.path);
        if response.status.as_u16() < 400 {
            found.succeeded.insert(operation.id.to_owned());
        } else {
            found.errors.push(format!(
                "{what}: {} {}",
                response.status,
                String::from_utf8_lossy(&response.body)
            ));
        }
        if let Some(complaint) = document.complaint(&operation, &response) {
            found.complaints.push(format!("{what}: {complaint}"));
        }
    }
    found
}

#[track_caller]
pub(crate) fn judge(document: &Document, found: &Found, least: usize) {
    if std::env::var_os("IDWEAVE_SHOW_REFUSED").is_some() {
        eprintln!("{}", found.errors.join("\n"));
    }
    assert!(
        found.complaints.is_empty(),
        "{}",
        found.complaints.join("\n")
    );
    let all = document.operations().len();
    assert!(
        found.succeeded.len() >= least,
        "only {} of {all} succeeded:\n{}",
        found.succeeded.len(),
        found.errors.join("\n")
    );
}

//! A call of every operation of a document, and what was found.

use std::collections::BTreeSet;

use crate::common::{Call, call, segment};
use crate::document::{Document, Operation};
use crate::known::Known;
use crate::plan::{Body, PICTURE};

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
        let plan = document.plan(&operation, known);
        let mut path = operation.path.to_owned();
        for (name, value) in &plan.path {
            path = path.replace(&format!("{{{name}}}"), &segment(value));
        }
        let pairs = |pairs: &[(String, String)]| {
            let pairs = pairs
                .iter()
                .map(|(name, value)| format!("{name}={}", segment(value)));
            pairs.collect::<Vec<_>>().join("&")
        };
        let mut url = format!("{base}{path}");
        if !plan.query.is_empty() {
            url = format!("{url}?{}", pairs(&plan.query));
        }
        let request = credential(&operation, call(&operation.method.to_uppercase(), url));
        let request = match &plan.body {
            None => request,
            Some(Body::Json(body)) => request.json(body),
            Some(Body::Form(fields)) => request.form(&pairs(fields)),
            Some(Body::Picture(field)) => {
                let mut body = format!("--b\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"a.png\"\r\n\r\n").into_bytes();
                body.extend_from_slice(PICTURE);
                body.extend_from_slice(b"\r\n--b--\r\n");
                request.raw("multipart/form-data; boundary=b", body)
            }
        };
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

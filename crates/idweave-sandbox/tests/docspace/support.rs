//! Calls to the portal that the tests share.

use idweave_sandbox::Sandbox;
use serde_json::json;

use crate::common::{Call, Response, call};

pub(crate) fn api(sandbox: &Sandbox, method: &str, path: &str) -> Call {
    call(
        method,
        format!("{}/api/2.0{path}", sandbox.docspace().base_url),
    )
}

pub(crate) fn owner(sandbox: &Sandbox, method: &str, path: &str) -> Call {
    api(sandbox, method, path).bearer(&sandbox.docspace().api_key)
}

pub(crate) async fn login(sandbox: &Sandbox, email: &str, password: &str) -> Response {
    api(sandbox, "POST", "/authentication")
        .json(&json!({"userName": email, "password": password}))
        .send()
        .await
}

pub(crate) async fn token(sandbox: &Sandbox, email: &str, password: &str) -> String {
    login(sandbox, email, password).await.expect(200).json()["response"]["token"]
        .as_str()
        .unwrap()
        .to_owned()
}

pub(crate) fn message(response: &Response) -> String {
    response.json()["error"]["message"]
        .as_str()
        .unwrap()
        .to_owned()
}

//! The operations of Enhance.

use idweave_sandbox::Sandbox;

use crate::document::effective;
use crate::known;
use crate::sweep::{judge, sweep};

#[tokio::test]
async fn enhance_responds_as_its_document_says() {
    let document = effective("enhance");
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.enhance();
    let (known, session) = known::enhance::values(&sandbox).await;
    let found = sweep(&document, &access.base_url, &known, |operation, call| {
        let own = operation.path.starts_with("/login") && operation.path != "/logins";
        // What ends the session comes last, so the sweep opens with its own and keeps the others.
        match (own, operation.id) {
            (_, "acceptInvite" | "createSession" | "deleteSessions" | "deleteCurrentSession") => {
                call
            }
            (true, _) => call.header("cookie", &session),
            (false, _) => call.bearer(&access.access_token),
        }
    })
    .await;
    // Out of reach of one sweep: pins, preferences that are set already, a secret that is spent,
    // sessions without their cookie.
    judge(&document, &found, document.operations().len() - 6);
}

//! The operations of Ostrom.

use idweave_sandbox::Sandbox;

use crate::document::effective;
use crate::known;
use crate::sweep::{judge, sweep};

#[tokio::test]
async fn ostrom_responds_as_its_document_says() {
    let document = effective("ostrom");
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.ostrom();
    let (known, tokens) = known::ostrom::values(&sandbox).await;
    let found = sweep(&document, &access.base_url, &known, |operation, call| {
        call.bearer(&tokens[usize::from(!known::ostrom::OF_USERS.contains(&operation.id))])
    })
    .await;
    // The token is asked of the other host.
    judge(&document, &found, 17);
}

//! The operations of DocSpace.

use idweave_sandbox::Sandbox;

use crate::document::effective;
use crate::known;
use crate::sweep::{judge, sweep};

#[tokio::test]
async fn docspace_responds_as_its_document_says() {
    let document = effective("docspace");
    let sandbox = Sandbox::builder().users(80).start().await.unwrap();
    let access = sandbox.docspace();
    let (known, signature) = known::docspace::values(&sandbox).await;
    let found = sweep(&document, &access.base_url, &known, |operation, call| {
        let call = call.header("x-signature", &signature);
        match operation.id {
            "exchangeToken" => call,
            _ => call.bearer(&access.api_key),
        }
    })
    .await;
    // Out of reach of one sweep: what runs through mailed links, codes and pins.
    judge(&document, &found, document.operations().len() - 20);
}

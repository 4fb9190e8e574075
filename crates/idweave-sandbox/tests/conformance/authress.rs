//! The operations of Authress.

use idweave_sandbox::Sandbox;

use crate::document::effective;
use crate::known;
use crate::sweep::{judge, sweep};

#[tokio::test]
async fn authress_responds_as_its_document_says() {
    let document = effective("authress");
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.authress();
    let known = known::authress::values(&sandbox).await;
    let found = sweep(&document, &access.base_url, &known, |_, call| {
        call.bearer(&access.access_key)
    })
    .await;
    // Out of reach of one sweep: an invite that is accepted by then, a key whose client is gone, a
    // token whose id only its holder knows.
    judge(&document, &found, document.operations().len() - 3);
}

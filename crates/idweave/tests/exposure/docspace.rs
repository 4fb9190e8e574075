//! The operations of DocSpace.

use idweave_docspace::{ApiKey, Credentials as _, Signature, operations, types};
use idweave_sandbox::Sandbox;
use idweave_transport::{BoxFuture, Session};

use crate::{
    Run, Service, known,
    search::Needles,
    show::{Show, show},
};

#[path = "../../../idweave-docspace/tests/generated/responses.rs"]
#[rustfmt::skip]
mod responses;

/// What runs through mailed links, codes and pins.
const NOT_EXERCISED: &[&str] = &[
    "approveGuestShareLink",
    "authenticateMeFromBodyWithCode",
    "changeUserEmail",
    "changeUserPassword",
    "checkUserExistsByEmail",
    "deleteClient",
    "deleteProfile",
    "exchangeToken",
    "getProfileByEmail",
    "necessaryReassign",
    "removeMembersFrom",
    "revokeUserClient",
    "saveMobilePhone",
    "sendInstructionsToDelete",
    "sendSmsCode",
    "sendUserPassword",
    "submitConsent",
    "updateUserActivationStatus",
];

pub fn run() -> BoxFuture<'static, Run> {
    Box::pin(call_all())
}

async fn call_all() -> Run {
    let sandbox = Sandbox::builder().users(80).start().await.unwrap();
    let access = sandbox.docspace();
    let (known, signature) = known::docspace::values(&sandbox).await;
    let credentials = ApiKey::new(&access.api_key)
        .unwrap()
        .and(Signature::new(signature).unwrap());
    let session = Session::builder(&access.base_url)
        .credentials(credentials)
        .without_retry()
        .build()
        .unwrap();
    let service = Service {
        name: "docspace",
        table: responses::ALL,
        known,
        session: Box::new(|_| &session),
    };
    let outcome = service.call_all().await;
    let sent = [
        "added@example.com",
        "invited@example.com",
        "fresh@example.com",
        "changed@example.com",
    ];
    let needles = Needles::of(&sandbox, &outcome.printed, &sent);
    ("docspace", outcome, needles, NOT_EXERCISED)
}

//! The operations of Authress.

use idweave_authress::{AccessKey, operations, types};
use idweave_sandbox::Sandbox;
use idweave_transport::{BoxFuture, Session};

use crate::{
    Run, Service, known,
    search::Needles,
    show::{Show, show},
};

#[path = "../../../idweave-authress/tests/generated/responses.rs"]
#[rustfmt::skip]
mod responses;

/// An invite that is accepted by then, a key whose client is gone, a token whose id only its holder knows.
const NOT_EXERCISED: &[&str] = &["deleteAccessKey", "deleteInvite", "deleteUserToken"];

pub fn run() -> BoxFuture<'static, Run> {
    Box::pin(call_all())
}

async fn call_all() -> Run {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.authress();
    let key = AccessKey::parse(&access.access_key).unwrap();
    let session = Session::builder(&access.base_url)
        .credentials(key)
        .without_retry()
        .build()
        .unwrap();
    let service = Service {
        name: "authress",
        table: responses::ALL,
        known: known::authress::values(&sandbox).await,
        session: Box::new(|_| &session),
    };
    let outcome = service.call_all().await;
    let needles = Needles::of(&sandbox, &outcome.printed, &[]);
    ("authress", outcome, needles, NOT_EXERCISED)
}

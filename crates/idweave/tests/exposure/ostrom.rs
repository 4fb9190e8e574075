//! The operations of Ostrom.

use idweave_ostrom::{operations, types};
use idweave_sandbox::Sandbox;
use idweave_transport::{Bearer, BoxFuture, Session};

use crate::{
    Run, Service, known,
    search::Needles,
    show::{Show, show},
};

#[path = "../../../idweave-ostrom/tests/generated/responses.rs"]
#[rustfmt::skip]
mod responses;

/// The token is asked of the other host.
const NOT_EXERCISED: &[&str] = &["createOAuth2Token"];

pub fn run() -> BoxFuture<'static, Run> {
    Box::pin(call_all())
}

async fn call_all() -> Run {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.ostrom();
    let (known, tokens) = known::ostrom::values(&sandbox).await;
    let sessions: Vec<Session> = tokens
        .iter()
        .map(|token| {
            Session::builder(&access.base_url)
                .credentials(Bearer::new(token).unwrap())
                .without_retry()
                .build()
                .unwrap()
        })
        .collect();
    let service = Service {
        name: "ostrom",
        table: responses::ALL,
        known,
        session: Box::new(|operation| {
            let is_of_a_user = known::ostrom::OF_USERS.contains(&operation.id);
            &sessions[usize::from(!is_of_a_user)]
        }),
    };
    let outcome = service.call_all().await;
    let needles = Needles::of(&sandbox, &outcome.printed, &[]);
    ("ostrom", outcome, needles, NOT_EXERCISED)
}

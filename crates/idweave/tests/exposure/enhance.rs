//! The operations of Enhance.

use idweave_enhance::{AccessToken, SessionCookie, operations, types};
use idweave_sandbox::Sandbox;
use idweave_transport::{BoxFuture, Session};

use crate::{
    Run, Service, known,
    search::Needles,
    show::{Show, show},
};

#[path = "../../../idweave-enhance/tests/generated/responses.rs"]
#[rustfmt::skip]
mod responses;

/// Pins, preferences that are set already, a secret that is spent, sessions without their cookie.
const NOT_EXERCISED: &[&str] = &[
    "deleteCurrentSession",
    "deleteSessions",
    "resendPin",
    "setUiPreferences",
    "validatePasswordRecovery",
    "verify2FA",
];

pub fn run() -> BoxFuture<'static, Run> {
    Box::pin(call_all())
}

async fn call_all() -> Run {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.enhance();
    let (known, cookie) = known::enhance::values(&sandbox).await;
    let builder = || Session::builder(&access.base_url).without_retry();
    let anonymous = builder().build().unwrap();
    let token = AccessToken::new(&access.access_token).unwrap();
    let token = builder().credentials(token).build().unwrap();
    let cookie = SessionCookie::new(cookie.trim_start_matches("id0=")).unwrap();
    let cookie = builder().credentials(cookie).build().unwrap();
    let service = Service {
        name: "enhance",
        table: responses::ALL,
        known,
        session: Box::new(|operation| {
            let own = operation.path.starts_with("/login") && operation.path != "/logins";
            match operation.id {
                // What ends the session comes last, so these open their own and keep the other.
                "acceptInvite" | "createSession" | "deleteSessions" | "deleteCurrentSession" => {
                    &anonymous
                }
                _ if own => &cookie,
                _ => &token,
            }
        }),
    };
    let outcome = service.call_all().await;
    let sent = ["new@example.com", "other@example.com", "third@example.com"];
    let needles = Needles::of(&sandbox, &outcome.printed, &sent);
    ("enhance", outcome, needles, NOT_EXERCISED)
}

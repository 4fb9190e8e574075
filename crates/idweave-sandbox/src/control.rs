//! The desk: `/_sandbox/…` on every listener, for tests that are not in this process and for the
//! page. Loopback only, and only under a loopback name, so that no web page elsewhere reaches it.

use http::header::HOST;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::data::fields::Fields;
use crate::engine::fault::Fault;
use crate::engine::router::Operation;
use crate::engine::server::Desk;
use crate::engine::wire::{Reply, Request};
use crate::sandbox::Inner;

impl Desk for Inner {
    fn answer(&self, request: &Request) -> Reply {
        let path = request.path.strip_prefix("/_sandbox/").unwrap_or_default();
        if !request.peer.is_loopback() || !local_host(request) {
            return refuse(StatusCode::FORBIDDEN, "The desk answers loopback only.");
        }
        self.desk(path, request).unwrap_or_else(|reply| reply)
    }
}

fn local_host(request: &Request) -> bool {
    let host = request
        .headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    ["127.0.0.1", "localhost", "[::1]"].contains(&name)
}

fn refuse(status: StatusCode, message: &str) -> Reply {
    Reply::json(status, &json!({"error": message}))
}

fn ok(value: &impl serde::Serialize) -> Result<Reply, Reply> {
    Ok(Reply::json(StatusCode::OK, value))
}

fn done() -> Result<Reply, Reply> {
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// The vendor's ids of what a service answers.
fn ids<S>(operations: &[Operation<S>]) -> Vec<&'static str> {
    let ids = operations.iter().map(|operation| operation.id);
    ids.filter(|id| !id.is_empty()).collect()
}

/// What goes wrong with a request to the desk.
fn unusable(error: &impl std::fmt::Display) -> Reply {
    refuse(StatusCode::BAD_REQUEST, &error.to_string())
}

impl Inner {
    fn desk(&self, path: &str, request: &Request) -> Result<Reply, Reply> {
        let world = &self.world;
        match (&request.method, path) {
            (&Method::GET, "access") => ok(&self.access),
            (&Method::GET, "requests") => {
                let since = request
                    .query("since")
                    .and_then(|text| text.parse().ok())
                    .unwrap_or(0);
                let wanted = |name: &str, own: Option<&str>| {
                    request.query(name).is_none_or(|text| own == Some(text))
                };
                let mut all = world.journal.since(since);
                all.retain(|own| {
                    wanted("service", Some(own.service)) && wanted("operation", own.operation)
                });
                if let Some(last) = request
                    .query("last")
                    .and_then(|text| text.parse::<usize>().ok())
                {
                    all.drain(..all.len().saturating_sub(last));
                }
                ok(&all)
            }
            // All that tells a page whether to look again, and cheap to ask for.
            (&Method::GET, "state") => ok(&json!({
                "now": crate::engine::clock::rfc3339(world.clock.now()),
                "ahead_seconds": world.clock.offset().as_secs(),
                "requests": world.journal.count(),
                "mails": world.outbox.len(),
                "faults": world.faults.all(),
            })),
            (&Method::GET, "operations") => ok(&json!({
                "docspace": ids(&self.docspace.operations),
                "authress": ids(&self.authress.operations),
                "ostrom": ids(&self.ostrom.operations),
                "enhance": ids(&self.enhance.operations),
            })),
            (&Method::GET, "effects") => ok(&world
                .journal
                .all_effects()
                .into_iter()
                .map(|(name, count)| (name, json!(count)))
                .collect::<serde_json::Map<_, _>>()),
            (&Method::GET, "outbox") => ok(&world.outbox.all()),
            (&Method::GET, "snapshot") => ok(&self.snapshot()),
            (&Method::GET, "faults") => ok(&world.faults.all()),
            (&Method::POST, "faults") => {
                let fault: Fault =
                    serde_json::from_slice(&request.body).map_err(|error| unusable(&error))?;
                world.faults.add(fault);
                done()
            }
            (&Method::DELETE, "faults") => {
                world.faults.clear();
                done()
            }
            (&Method::GET, "clock") => ok(
                &json!({"now": crate::engine::clock::rfc3339(world.clock.now()), "ahead_seconds": world.clock.offset().as_secs()}),
            ),
            (&Method::POST, "clock") => {
                let body: Value =
                    serde_json::from_slice(&request.body).map_err(|error| unusable(&error))?;
                let seconds = body["advance_seconds"]
                    .as_f64()
                    .filter(|seconds| (0.0..=1e10).contains(seconds));
                let seconds = seconds.ok_or_else(|| {
                    refuse(
                        StatusCode::BAD_REQUEST,
                        "advance_seconds must be a number of seconds",
                    )
                })?;
                world
                    .clock
                    .advance(std::time::Duration::from_secs_f64(seconds));
                done()
            }
            (&Method::POST, "reset") => {
                self.reset();
                done()
            }
            (&Method::POST, "docspace/profile") => {
                let body = Fields::parse(&request.body)
                    .map_err(|wrong| refuse(StatusCode::BAD_REQUEST, &wrong.reason))?;
                let text = |name: &str| body.value(name).and_then(Value::as_str);
                let provider = text("provider").unwrap_or("google");
                let profile = self.docspace.lock().make_profile(
                    provider,
                    text("email"),
                    text("name").unwrap_or_default(),
                    text("error"),
                );
                ok(&json!({"serializedProfile": profile}))
            }
            (&Method::GET, "docspace/congratulations-key") => {
                let user = request.query("userid").unwrap_or_default();
                ok(&json!({"key": self.docspace.lock().congratulations_key(user, request.now)}))
            }
            (&Method::GET, "docspace/invite") => {
                let found = self
                    .docspace
                    .lock()
                    .invitation(request.query("url").unwrap_or_default());
                match found {
                    Some((key, confirm)) => ok(&json!({"key": key, "confirm": confirm})),
                    None => Err(refuse(
                        StatusCode::NOT_FOUND,
                        "The portal does not know this link.",
                    )),
                }
            }
            (&Method::POST, "ostrom/consent") => {
                let agreed = self
                    .ostrom
                    .lock()
                    .consent(request.query("externalUserId").unwrap_or_default(), true);
                match agreed {
                    Some(redirect) => ok(&json!({"redirectUrl": redirect})),
                    None => Err(refuse(
                        StatusCode::NOT_FOUND,
                        "Nothing was asked for this id.",
                    )),
                }
            }
            _ => Err(refuse(
                StatusCode::NOT_FOUND,
                "The desk does not know this.",
            )),
        }
    }
}

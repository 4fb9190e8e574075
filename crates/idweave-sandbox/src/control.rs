//! The control API: `/_sandbox/…` on every listener, for tests in other processes and for the web
//! page. It is reachable over loopback only, under a loopback name only, and not by web pages of
//! another origin.

use std::time::Duration;

use http::header::{HOST, ORIGIN};
use http::{HeaderValue, Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::data::fields::Violation;
use crate::engine::clock::rfc3339;
use crate::engine::control::ControlApi;
use crate::engine::fault::Fault;
use crate::engine::host::has_loopback_name;
use crate::engine::operation::Operation;
use crate::engine::wire::{Reply, Request};
use crate::services::Services;

impl ControlApi for Services {
    fn respond(&self, request: &Request) -> Reply {
        let path = request.path.strip_prefix("/_sandbox/").unwrap_or_default();
        let host = request.header(HOST.as_str()).unwrap_or_default();
        if !request.peer.is_loopback() || !has_loopback_name(host) {
            return error(
                StatusCode::FORBIDDEN,
                "the control API is reachable over loopback only, as 127.0.0.1 or localhost",
            );
        }
        if is_sent_by_another_page(request, host) {
            return error(
                StatusCode::FORBIDDEN,
                "cross-origin request: the control API can be called by programs and by the \
                 sandbox's own page, not by another web page",
            );
        }
        self.control(path, request).unwrap_or_else(|reply| reply)
    }
}

/// Returns whether a browser sent the request for a page of another origin.
///
/// Browsers send `Origin` with every method but GET and HEAD, whatever the page asked for (RFC 6454,
/// section 7; Fetch standard, "append a request `Origin` header"), and `Sec-Fetch-Site` with every
/// request to a loopback address (W3C, Fetch Metadata Request Headers). There `none` is
/// an address that the user typed, and `same-site` a page on another port. Programs send neither.
fn is_sent_by_another_page(request: &Request, host: &str) -> bool {
    let own = format!("http://{host}");
    let all = |name: &str, is_ours: &dyn Fn(&[u8]) -> bool| {
        let values = request.headers.get_all(name).iter();
        values.map(HeaderValue::as_bytes).all(is_ours)
    };
    let same_origin = all(ORIGIN.as_str(), &|origin| {
        origin.eq_ignore_ascii_case(own.as_bytes())
    });
    let same_site = all("sec-fetch-site", &|site| {
        [&b"same-origin"[..], b"none"].contains(&site)
    });
    !(same_origin && same_site)
}

fn error(status: StatusCode, message: &str) -> Reply {
    Reply::json(status, &json!({"error": message}))
}

fn invalid_json(error_found: &serde_json::Error) -> Reply {
    error(StatusCode::BAD_REQUEST, &error_found.to_string())
}

fn ok(value: &impl serde::Serialize) -> Result<Reply, Reply> {
    Ok(Reply::json(StatusCode::OK, value))
}

fn no_content() -> Result<Reply, Reply> {
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// Lists the vendor's ids of the operations a service implements.
fn ids<S>(operations: &[Operation<S>]) -> Vec<&'static str> {
    let ids = operations.iter().map(|operation| operation.id);
    ids.filter(|id| !id.is_empty()).collect()
}

impl Services {
    fn control(&self, path: &str, request: &Request) -> Result<Reply, Reply> {
        let env = &self.env;
        match (&request.method, path) {
            (&Method::GET, "access") => ok(&self.access),
            (&Method::GET, "requests") => self.requests(request),
            (&Method::GET, "state") => self.overview(),
            (&Method::GET, "operations") => ok(&json!({
                "docspace": ids(&self.docspace.operations),
                "authress": ids(&self.authress.operations),
                "ostrom": ids(&self.ostrom.operations),
                "enhance": ids(&self.enhance.operations),
            })),
            (&Method::GET, "effects") => {
                let effects = env.journal.all_effects().into_iter();
                ok(&effects
                    .map(|(name, count)| (name, json!(count)))
                    .collect::<Map<_, _>>())
            }
            (&Method::GET, "outbox") => ok(&env.outbox.all()),
            (&Method::GET, "snapshot") => ok(&self.snapshot()),
            (&Method::GET, "faults") => ok(&env.faults.all()),
            (&Method::POST, "faults") => {
                let fault: Fault =
                    serde_json::from_slice(&request.body).map_err(|error| invalid_json(&error))?;
                env.faults.add(fault);
                no_content()
            }
            (&Method::DELETE, "faults") => {
                env.faults.clear();
                no_content()
            }
            (&Method::GET, "clock") => ok(&json!({
                "now": rfc3339(env.clock.now()),
                "ahead_seconds": env.clock.offset().as_secs(),
            })),
            (&Method::POST, "clock") => self.advance_clock(request),
            (&Method::POST, "reset") => {
                self.reset();
                no_content()
            }
            (&Method::POST, "docspace/profile") => self.docspace_profile(request),
            (&Method::GET, "docspace/congratulations-key") => {
                let user = request.query("userid").text_or_empty();
                ok(&json!({"key": self.docspace.lock().congratulations_key(user, request.now)}))
            }
            (&Method::GET, "docspace/invite") => {
                let url = request.query("url").text_or_empty();
                match self.docspace.lock().invitation(url) {
                    Some((key, confirm)) => ok(&json!({"key": key, "confirm": confirm})),
                    None => Err(error(
                        StatusCode::NOT_FOUND,
                        "this is not an invitation link of the portal",
                    )),
                }
            }
            (&Method::POST, "ostrom/consent") => {
                let user = request.query("externalUserId").text_or_empty();
                match self.ostrom.lock().consent(user, true) {
                    Some(redirect) => ok(&json!({"redirectUrl": redirect})),
                    None => Err(error(
                        StatusCode::NOT_FOUND,
                        "no link was requested for this externalUserId",
                    )),
                }
            }
            _ => Err(error(
                StatusCode::NOT_FOUND,
                "unknown path or method of the control API",
            )),
        }
    }

    /// Returns all that tells a page whether to read more, and is cheap to ask for.
    fn overview(&self) -> Result<Reply, Reply> {
        let env = &self.env;
        ok(&json!({
            "now": rfc3339(env.clock.now()),
            "ahead_seconds": env.clock.offset().as_secs(),
            "requests": env.journal.count(),
            "mails": env.outbox.len(),
            "faults": env.faults.all(),
        }))
    }

    fn requests(&self, request: &Request) -> Result<Reply, Reply> {
        let number = |name: &str| {
            request
                .query(name)
                .text()
                .and_then(|text| text.parse().ok())
        };
        let is_wanted = |name: &str, value: Option<&str>| {
            let wanted = request.query(name).text();
            wanted.is_none_or(|wanted| value == Some(wanted))
        };
        let mut all = self.env.journal.since(number("since").unwrap_or(0));
        all.retain(|recorded| {
            is_wanted("service", Some(recorded.service))
                && is_wanted("operation", recorded.operation)
        });
        let last = number("last").and_then(|last| usize::try_from(last).ok());
        if let Some(last) = last {
            all.drain(..all.len().saturating_sub(last));
        }
        ok(&all)
    }

    fn advance_clock(&self, request: &Request) -> Result<Reply, Reply> {
        let body: Value =
            serde_json::from_slice(&request.body).map_err(|error| invalid_json(&error))?;
        let seconds = body["advance_seconds"]
            .as_f64()
            .filter(|seconds| (0.0..=1e10).contains(seconds));
        let seconds = seconds.ok_or_else(|| {
            error(
                StatusCode::BAD_REQUEST,
                "advance_seconds must be a number of seconds",
            )
        })?;
        self.env.clock.advance(Duration::from_secs_f64(seconds));
        no_content()
    }

    fn docspace_profile(&self, request: &Request) -> Result<Reply, Reply> {
        let body = request
            .json()
            .map_err(|Violation { reason, .. }| error(StatusCode::BAD_REQUEST, &reason))?;
        let text = |name: &str| body.value(name).and_then(Value::as_str);
        let profile = self.docspace.lock().make_profile(
            text("provider").unwrap_or("google"),
            text("email"),
            text("name").unwrap_or_default(),
            text("error"),
        );
        ok(&json!({"serializedProfile": profile}))
    }
}

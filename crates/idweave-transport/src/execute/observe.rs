//! What a call tells the program about itself: one span, one event an attempt,
//! and metrics where the feature is on.
//!
//! Names are OpenTelemetry's HTTP conventions. Nothing that could be personal
//! or secret is told: the path's template, never the path; no header, no body.

use std::time::Duration;

use ::http::StatusCode;
use tracing::{Span, field::Empty};

use super::client_core::ClientCore;
use crate::{Error, Operation, http::RawResponse};

/// The span of a whole call.
pub(crate) fn span(core: &ClientCore, operation: &'static Operation) -> Span {
    tracing::info_span!(
        "idweave.call",
        otel.name = format_args!("{} {}", operation.method(), operation.path()),
        otel.kind = "client",
        otel.status_code = Empty,
        service = core.service,
        operation = operation.id(),
        http.request.method = operation.method().as_str(),
        url.template = operation.path(),
        server.address = core.http.base.host(),
        server.port = core.http.base.port(),
        http.response.status_code = Empty,
        http.request.resend_count = Empty,
        error.type = Empty,
    )
}

/// An attempt is over; `elapsed` is the attempt's own time.
pub(crate) fn attempt(
    core: &ClientCore,
    operation: &'static Operation,
    attempt: u32,
    elapsed: Duration,
    outcome: &Result<RawResponse, Error>,
) {
    match outcome {
        Ok(response) => tracing::debug!(
            attempt,
            http.response.status_code = response.status.as_u16(),
            elapsed_ms = millis(elapsed),
            "attempt answered"
        ),
        Err(error) => tracing::debug!(
            attempt,
            error.type = ?error.kind(),
            elapsed_ms = millis(elapsed),
            "attempt failed"
        ),
    }
    #[cfg(feature = "metrics")]
    metrics::histogram!(
        "http.client.request.duration",
        "service" => core.service,
        "operation" => operation.id(),
        "http.request.method" => operation.method().to_string(),
        "outcome" => outcome_name(outcome),
    )
    .record(elapsed.as_secs_f64());
    #[cfg(not(feature = "metrics"))]
    let _ = (core, operation);
}

/// Another attempt follows after `wait`.
pub(crate) fn retry(
    core: &ClientCore,
    operation: &'static Operation,
    attempt: u32,
    wait: Duration,
    error: &Error,
) {
    tracing::debug!(
        attempt,
        wait_ms = millis(wait),
        error.type = ?error.kind(),
        http.response.status_code = error.status().map(|status| status.as_u16()),
        "attempt is repeated"
    );
    #[cfg(feature = "metrics")]
    metrics::counter!("idweave.retries", "service" => core.service, "operation" => operation.id())
        .increment(1);
    #[cfg(not(feature = "metrics"))]
    let _ = (core, operation);
}

/// The call came to its end.
pub(crate) fn finished(span: &Span, attempts: u32, outcome: Result<StatusCode, &Error>) {
    if span.is_disabled() {
        return;
    }
    let status = match outcome {
        Ok(status) => Some(status),
        Err(error) => {
            span.record("otel.status_code", "ERROR");
            match error.status() {
                Some(status) => span.record("error.type", status.as_str()),
                None => span.record("error.type", tracing::field::debug(error.kind())),
            };
            error.status()
        }
    };
    if let Some(status) = status {
        span.record("http.response.status_code", status.as_u16());
    }
    if attempts > 1 {
        span.record("http.request.resend_count", attempts - 1);
    }
}

#[cfg(feature = "metrics")]
fn outcome_name(outcome: &Result<RawResponse, Error>) -> String {
    match outcome {
        Ok(response) => response.status.as_str().to_owned(),
        Err(error) => format!("{:?}", error.kind()),
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

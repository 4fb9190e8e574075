//! Durations that a service asks for and that settings give: no value, however large, is a panic.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::{
    sync::Mutex,
    time::{Duration, Instant, SystemTime},
};

use common::{PUBLIC, Server, json, with};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use idweave_transport::{
    Backoff, Bytes, CircuitBreakerPolicy, ClientBuilder, ClientCredentials, ConcurrencyLimit,
    Error, ErrorKind, Method, Operation, RateLimit, RetryBudget, RetryPolicy, Session,
};
use proptest::prelude::*;

static CREATE: Operation = Operation::new("create", Method::POST, "/things");

const HOUR: Duration = Duration::from_secs(3_600);
const NAMES: [&str; 5] = [
    "retry-after",
    "x-ratelimit-reset",
    "ratelimit-reset",
    "x-ratelimit-remaining",
    "ratelimit-remaining",
];

/// A session whose service responds with these headers first, and then without.
fn responding(status: u16, headers: HeaderMap) -> ClientBuilder<Session> {
    let first = Mutex::new(Some(headers));
    Session::builder("http://127.0.0.1:9").layer_fn(move |_, _| {
        let mut response = Response::new(Bytes::from_static(b"{}"));
        if let Some(headers) = first.lock().unwrap().take() {
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            *response.headers_mut() = headers;
        }
        Box::pin(async { Ok(response) })
    })
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(future)
}

/// Two calls, and what the first one says about waiting is added to the clocks.
fn call_twice(builder: ClientBuilder<Session>) -> Result<(), Error> {
    let session = builder.build()?;
    block_on(async {
        let first = session.call(&PUBLIC).empty().await;
        if let Some(delay) = first.as_ref().err().and_then(Error::retry_after) {
            assert!(delay <= HOUR, "{delay:?}");
            let _ = (Instant::now() + delay, SystemTime::now() + delay);
        }
        let second = session.call(&CREATE).empty().await;
        first.and(second).map(drop)
    })
}

#[test]
fn retry_after_of_any_size_is_an_error_and_not_a_panic() {
    for value in ["18446744073709551615", "99999999999999999999999", "3601"] {
        for status in [429, 503] {
            let headers = HeaderMap::from_iter([(
                http::header::RETRY_AFTER,
                HeaderValue::from_static(value),
            )]);
            let session = responding(status, headers).build().unwrap();
            let error = block_on(session.call(&PUBLIC).empty()).unwrap_err();
            assert_eq!(
                (error.kind(), error.status().unwrap().as_u16()),
                (ErrorKind::Status, status)
            );
            assert_eq!((error.retry_after(), error.attempts()), (Some(HOUR), 1));
            let _ = Instant::now() + error.retry_after().unwrap();
        }
    }
}

#[tokio::test]
async fn retry_after_of_any_size_from_a_token_endpoint_is_an_error_and_not_a_panic() {
    let server =
        Server::start(|_, _| with(json(429, "{}"), "retry-after", "18446744073709551615")).await;
    let credentials = ClientCredentials::new(format!("{}/token", server.url), "client", "s3cret");
    let session = server.builder().credentials(credentials).build().unwrap();
    let error = session.call(&common::POST).empty().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status().unwrap().as_u16()),
        (ErrorKind::Credentials, 429)
    );
    assert_eq!(error.retry_after(), Some(HOUR));
    assert_eq!(server.only().target, "/token");
}

#[test]
fn builder_rejects_time_limits_that_are_zero_or_too_long() {
    type Set = fn(ClientBuilder<Session>, Duration) -> ClientBuilder<Session>;
    let settings: [(&str, Set); 5] = [
        ("time limit of a call", |builder, value| {
            builder.timeout(value)
        }),
        ("time limit of a connection", |builder, value| {
            builder.connect_timeout(value)
        }),
        ("idle timeout", |builder, value| builder.idle_timeout(value)),
        ("circuit breaker", |builder, value| {
            builder.circuit_breaker(CircuitBreakerPolicy::new(1, value))
        }),
        ("rate limit", |builder, value| {
            builder.rate_limit(RateLimit::new(5, value))
        }),
    ];
    for (name, set) in settings {
        for value in [
            Duration::ZERO,
            Duration::from_secs(30 * 86_400 + 1),
            Duration::from_secs(10_000_000_000_000_000_000),
            Duration::MAX,
        ] {
            let error = set(Session::builder("http://127.0.0.1:9"), value)
                .build()
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{name} {value:?}");
            let text = error.to_string();
            assert!(text.contains(name), "{text}");
            assert!(text.contains("more than 0 and at most 30 days"), "{text}");
        }
        let longest = Duration::from_secs(30 * 86_400);
        let outcome = call_twice(set(responding(200, HeaderMap::new()), longest));
        let kind = outcome.map_err(|error| error.kind());
        // Five calls in 30 days, one of them at once.
        assert!(
            matches!(kind, Ok(()) | Err(ErrorKind::RateLimited)),
            "{kind:?}"
        );
    }
}

#[test]
fn builder_rejects_delays_of_retries_that_are_too_long() {
    for (initial, max) in [
        (Duration::MAX, Duration::ZERO),
        (Duration::ZERO, Duration::MAX),
    ] {
        let policy = RetryPolicy::default().with_backoff(Backoff::new(initial, max));
        let builder = Session::builder("http://127.0.0.1:9").retry(policy);
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(error.to_string().contains("at most 30 days"), "{error}");
    }
}

fn any_duration() -> impl Strategy<Value = Duration> {
    prop_oneof![
        Just(Duration::ZERO),
        Just(Duration::MAX),
        (0_u64..5_000_000).prop_map(Duration::from_secs),
        any::<Duration>(),
    ]
}

/// A date, a number or something else, as a service may write it.
fn any_value() -> impl Strategy<Value = String> {
    let date = (0_u64..253_402_300_800).prop_map(|seconds| {
        httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
    });
    prop_oneof![
        any::<u64>().prop_map(|number| number.to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| number.to_string()),
        (0_u64..7_200).prop_map(|number| number.to_string()),
        "[0-9]{1,40}(\\.[0-9]{0,9})?",
        date,
        "[ -~]{0,20}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_response_headers_are_waited_for_or_given_back(
        status in prop_oneof![Just(200_u16), Just(429), Just(503)],
        values in prop::collection::vec((0..NAMES.len(), any_value()), 0..4),
        idempotent in any::<bool>(),
    ) {
        let mut headers = HeaderMap::new();
        for (name, value) in values {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(NAMES[name], value);
            }
        }
        let builder = responding(status, headers);
        let builder = if idempotent { builder } else { builder.without_retry() };
        let kind = call_twice(builder).map_err(|error| error.kind());
        prop_assert!(
            matches!(kind, Ok(()) | Err(ErrorKind::Status | ErrorKind::RateLimited)),
            "{kind:?}"
        );
    }

    #[test]
    fn any_settings_are_rejected_or_work(
        limits in prop::array::uniform5(any_duration()),
        backoff in (any_duration(), any_duration()),
        rate in (any::<u32>(), any::<u32>()),
        retry in (any::<u32>(), any::<u32>(), 0_u32..4),
        concurrency in any::<usize>(),
    ) {
        let [timeout, connect, idle, pause, per] = limits;
        let policy = RetryPolicy::default()
            .with_attempts(retry.2)
            .with_budget(RetryBudget::new(retry.0, retry.1))
            .with_backoff(Backoff::new(backoff.0, backoff.1));
        let builder = responding(503, HeaderMap::new())
            .timeout(timeout)
            .connect_timeout(connect)
            .idle_timeout(idle)
            .retry(policy)
            .circuit_breaker(CircuitBreakerPolicy::new(rate.0, pause))
            .rate_limit(RateLimit::new(rate.0, per).with_burst(rate.1))
            .concurrency_limit(ConcurrencyLimit::new(concurrency));
        // Only that it ends, and how, is of interest.
        let _: Result<(), Error> = call_twice(builder);
    }
}

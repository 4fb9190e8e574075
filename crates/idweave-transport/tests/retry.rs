//! What is repeated, how often, and after which wait.
//!
//! The service is a layer that answers by itself and the clock is tokio's,
//! stopped: waits are exact and take no time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use common::{Reply, Server, json};
use http::{Response, StatusCode};
use idweave_transport::{
    Backoff, Bytes, CircuitBreakerPolicy, ClientBuilder, ConcurrencyLimit, Error, ErrorKind,
    Method, Operation, RateLimit, RetryBudget, RetryPolicy, Session,
};
use tokio::time::Instant;

static READ: Operation = Operation::new("read", Method::GET, "/things");
static REPLACE: Operation = Operation::new("replace", Method::PUT, "/things");
static CREATE: Operation = Operation::new("create", Method::POST, "/things");
static SAFE_POST: Operation =
    Operation::new("safePost", Method::POST, "/check").with_idempotent(true);
static RISKY_PUT: Operation =
    Operation::new("riskyPut", Method::PUT, "/risk").with_idempotent(false);

type Outcome = Result<(u16, &'static [(&'static str, &'static str)]), ErrorKind>;

/// A service with a script, and when each attempt reached it.
#[derive(Clone, Default)]
struct Script {
    attempts: Arc<Mutex<Vec<Instant>>>,
}

impl Script {
    fn builder(
        &self,
        script: impl Fn(usize) -> Outcome + Send + Sync + 'static,
    ) -> ClientBuilder<Session> {
        let attempts = self.attempts.clone();
        Session::builder("http://127.0.0.1:9").layer_fn(move |_, _| {
            let number = {
                let mut attempts = attempts.lock().unwrap();
                attempts.push(Instant::now());
                attempts.len() - 1
            };
            let outcome = script(number)
                .map(|(status, headers)| {
                    let mut response = Response::new(Bytes::from_static(b"{}"));
                    *response.status_mut() = StatusCode::from_u16(status).unwrap();
                    for (name, value) in headers {
                        response.headers_mut().insert(*name, value.parse().unwrap());
                    }
                    response
                })
                .map_err(|kind| Error::new(kind, "of the script"));
            Box::pin(async { outcome })
        })
    }

    fn count(&self) -> usize {
        self.attempts.lock().unwrap().len()
    }

    fn waits(&self) -> Vec<Duration> {
        let attempts = self.attempts.lock().unwrap();
        attempts.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }
}

async fn attempts_of(operation: &'static Operation, outcome: Outcome) -> usize {
    let script = Script::default();
    let session = script.builder(move |_| outcome).build().unwrap();
    let error = session.call(operation).empty().await.unwrap_err();
    assert_eq!(error.attempts() as usize, script.count());
    script.count()
}

#[tokio::test(start_paused = true)]
async fn retry_policy_repeats_what_the_matrix_says() {
    let status = |status: u16| Ok((status, &[] as &[_]));
    for (outcome, idempotent, other) in [
        (status(400), 1, 1),
        (status(401), 1, 1),
        (status(403), 1, 1),
        (status(404), 1, 1),
        (status(409), 1, 1),
        (status(422), 1, 1),
        (status(501), 1, 1),
        (status(408), 4, 1),
        (status(425), 4, 1),
        (status(429), 4, 1),
        (status(500), 4, 1),
        (status(502), 4, 1),
        (status(503), 4, 1),
        (status(504), 4, 1),
        // Nothing was sent, so nothing can happen twice.
        (Err(ErrorKind::Connect), 4, 4),
        (Err(ErrorKind::Transport), 4, 1),
        (Err(ErrorKind::Timeout), 4, 1),
        (Err(ErrorKind::TooLarge), 1, 1),
        (Err(ErrorKind::InvalidRequest), 1, 1),
        (Err(ErrorKind::Credentials), 1, 1),
    ] {
        for operation in [&READ, &REPLACE, &SAFE_POST] {
            assert_eq!(
                attempts_of(operation, outcome).await,
                idempotent,
                "{operation:?} {outcome:?}"
            );
        }
        for operation in [&CREATE, &RISKY_PUT] {
            assert_eq!(
                attempts_of(operation, outcome).await,
                other,
                "{operation:?} {outcome:?}"
            );
        }
    }
}

#[tokio::test]
async fn post_that_may_have_arrived_is_never_repeated() {
    for reply in [
        (|| Reply::Close) as fn() -> Reply,
        || Reply::Raw(b"HTTP/1.1 201 Created\r\ncontent-length: 9\r\n\r\n{".to_vec()),
        || Reply::Stall(Vec::new()),
        || json(503, "{}"),
        || json(201, "{\"cut"),
    ] {
        let server = Server::start(move |_, _| reply()).await;
        let session = server
            .builder()
            .idle_timeout(Duration::from_millis(250))
            .build()
            .unwrap();
        let error = session
            .call(&CREATE)
            .json_body(&1)
            .json::<serde_json::Value>()
            .await
            .unwrap_err();
        assert_eq!(error.attempts(), 1);
        assert!(!error.is_retryable(), "{error:?}");
        assert_eq!(server.count(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn waits_grow_with_full_jitter_up_to_their_bound() {
    let policy = RetryPolicy::default()
        .with_attempts(8)
        .with_backoff(Backoff::new(
            Duration::from_millis(100),
            Duration::from_millis(800),
        ));
    let mut seen = vec![Vec::new(); 7];
    for _ in 0..40 {
        let script = Script::default();
        let session = script
            .builder(|_| Ok((503, &[])))
            .retry(policy.clone())
            .build()
            .unwrap();
        session.call(&READ).empty().await.unwrap_err();
        for (index, wait) in script.waits().into_iter().enumerate() {
            seen[index].push(wait.as_millis() as u64);
        }
    }
    for (index, waits) in seen.iter().enumerate() {
        let bound = (100 << index).min(800);
        // Tokio's timers are exact to a millisecond.
        assert!(waits.iter().all(|wait| *wait <= bound + 1), "{waits:?}");
        assert!(
            waits.iter().any(|wait| *wait > bound / 2)
                && waits.iter().any(|wait| *wait < bound / 2),
            "{waits:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn retry_waits_as_long_as_the_service_asks() {
    for (headers, wait) in [
        (&[("retry-after", "7")] as &[_], 7),
        (&[("x-ratelimit-reset", "9")], 9),
        (&[("retry-after", "7"), ("x-ratelimit-reset", "21")], 21),
        (&[("retry-after", "30"), ("x-ratelimit-reset", "21")], 30),
    ] {
        let script = Script::default();
        let session = script
            .builder(move |number| {
                Ok(if number == 0 {
                    (429, headers)
                } else {
                    (200, &[])
                })
            })
            .build()
            .unwrap();
        session.call(&READ).empty().await.unwrap();
        let waited = script.waits()[0];
        assert!(
            waited >= Duration::from_secs(wait)
                && waited < Duration::from_millis(wait * 1000 + 300),
            "{waited:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn delay_beyond_the_deadline_is_not_begun() {
    let script = Script::default();
    let session = script
        .builder(|_| Ok((503, &[("retry-after", "120")])))
        .timeout(Duration::from_secs(60))
        .build()
        .unwrap();
    let started = Instant::now();
    let error = session.call(&READ).empty().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.retry_after()),
        (ErrorKind::Status, Some(Duration::from_secs(120)))
    );
    assert_eq!((script.count(), started.elapsed()), (1, Duration::ZERO));
    assert!(error.is_retryable());
}

#[tokio::test(start_paused = true)]
async fn deadline_covers_attempts_and_delays_together() {
    let script = Script::default();
    let session = script
        .builder(|_| Ok((503, &[("retry-after", "4")])))
        .retry(RetryPolicy::default().with_attempts(100))
        .timeout(Duration::from_secs(10))
        .build()
        .unwrap();
    let started = Instant::now();
    let error = session.call(&READ).empty().await.unwrap_err();
    assert_eq!(error.attempts(), 3);
    assert!(started.elapsed() < Duration::from_secs(10));
    assert_eq!(error.elapsed().as_secs(), 8);
}

#[tokio::test(start_paused = true)]
async fn without_retry_makes_one_attempt() {
    let script = Script::default();
    let session = script
        .builder(|_| Err(ErrorKind::Connect))
        .without_retry()
        .build()
        .unwrap();
    session.call(&READ).empty().await.unwrap_err();
    assert_eq!(script.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn retry_condition_narrows_what_is_repeated_and_cannot_widen_it() {
    let script = Script::default();
    let policy = RetryPolicy::default()
        .with_condition(|failure| failure.error.status().is_none_or(|s| s != 500));
    let session = script
        .builder(|_| Ok((500, &[])))
        .retry(policy)
        .build()
        .unwrap();
    session.call(&READ).empty().await.unwrap_err();
    assert_eq!(script.count(), 1);
    let script = Script::default();
    let policy = RetryPolicy::default().with_condition(|_| true);
    let session = script
        .builder(|_| Ok((503, &[])))
        .retry(policy)
        .build()
        .unwrap();
    session.call(&CREATE).empty().await.unwrap_err();
    assert_eq!(script.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn retry_budget_limits_the_load_in_an_outage() {
    let script = Script::default();
    let policy = RetryPolicy::default().with_budget(RetryBudget::new(10, 20));
    let session = script
        .builder(|_| Ok((503, &[])))
        .retry(policy)
        .build()
        .unwrap();
    for _ in 0..100 {
        session.call(&READ).empty().await.unwrap_err();
    }
    assert_eq!(script.count(), 110);
}

#[tokio::test(start_paused = true)]
async fn circuit_breaker_stops_calls_to_an_unreachable_service() {
    let script = Script::default();
    let session = script
        .builder(|number| {
            if number < 5 {
                Err(ErrorKind::Connect)
            } else {
                Ok((200, &[]))
            }
        })
        .without_retry()
        .circuit_breaker(CircuitBreakerPolicy::new(5, Duration::from_secs(5)))
        .build()
        .unwrap();
    for _ in 0..5 {
        assert_eq!(
            session.call(&READ).empty().await.unwrap_err().kind(),
            ErrorKind::Connect
        );
    }
    for _ in 0..10 {
        let error = session.call(&CREATE).empty().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CircuitOpen);
        assert!(error.is_retryable() && error.retry_after().is_some());
    }
    assert_eq!(script.count(), 5);
    tokio::time::advance(Duration::from_secs(5)).await;
    session.call(&READ).empty().await.unwrap();
    session.call(&READ).empty().await.unwrap();
    assert_eq!(script.count(), 7);
}

#[tokio::test(start_paused = true)]
async fn circuit_breaker_leaves_the_call_that_opens_it_its_own_error() {
    let script = Script::default();
    let session = script
        .builder(|_| Err(ErrorKind::Transport))
        .circuit_breaker(CircuitBreakerPolicy::new(2, Duration::from_secs(60)))
        .build()
        .unwrap();
    let error = session.call(&READ).empty().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Transport, 2));
}

#[tokio::test(start_paused = true)]
async fn other_calls_wait_for_the_delay_of_a_429() {
    let script = Script::default();
    let headers: &[_] = &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "30")];
    let session = script
        .builder(move |number| {
            Ok(if number == 0 {
                (429, headers)
            } else {
                (200, &[])
            })
        })
        .without_retry()
        .build()
        .unwrap();
    let started = Instant::now();
    session.call(&CREATE).empty().await.unwrap_err();
    session.call(&READ).empty().await.unwrap();
    assert_eq!(started.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn rate_limit_spreads_calls_and_gives_up_at_the_deadline() {
    let script = Script::default();
    let session = script
        .builder(|_| Ok((200, &[])))
        .rate_limit(RateLimit::per_minute(6).with_burst(1))
        .timeout(Duration::from_secs(30))
        .build()
        .unwrap();
    let started = Instant::now();
    for _ in 0..3 {
        session.call(&CREATE).empty().await.unwrap();
    }
    assert_eq!(started.elapsed().as_secs(), 24);
    let calls: Vec<_> = (0..10)
        .map(|_| {
            let session = session.clone();
            tokio::spawn(async move { session.call(&CREATE).empty().await })
        })
        .collect();
    let mut refused = 0;
    for call in calls {
        if let Err(error) = call.await.unwrap() {
            assert_eq!(error.kind(), ErrorKind::RateLimited);
            assert!(error.is_retryable());
            refused += 1;
        }
    }
    assert!((7..=8).contains(&refused), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn circuit_breaker_recovers_when_the_trial_call_is_cancelled_or_not_sent() {
    static SEALED: Operation = Operation::new("sealed", Method::GET, "/sealed")
        .with_security(&[&[idweave_transport::Scheme::Bearer]]);
    let attempts = Arc::new(Mutex::new(0));
    let log = attempts.clone();
    let session = Session::builder("http://127.0.0.1:9")
        .layer_fn(move |_, _| {
            let number = {
                let mut attempts = log.lock().unwrap();
                *attempts += 1;
                *attempts
            };
            Box::pin(async move {
                match number {
                    1 => Err(Error::new(ErrorKind::Connect, "of the test")),
                    2 => std::future::pending().await,
                    _ => Ok(Response::new(Bytes::new())),
                }
            })
        })
        .without_retry()
        .circuit_breaker(CircuitBreakerPolicy::new(1, Duration::from_secs(5)))
        // Such as none that the operation takes.
        .credentials(idweave_transport::ApiKey::header("x-key", "s3cret").unwrap())
        .build()
        .unwrap();
    session.call(&READ).empty().await.unwrap_err();
    let open = session.call(&READ).empty().await.unwrap_err();
    assert_eq!(open.kind(), ErrorKind::CircuitOpen);
    tokio::time::advance(Duration::from_secs(5)).await;
    // Calls that fail before they are sent take no place.
    for _ in 0..3 {
        let error = session.call(&SEALED).empty().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials);
    }
    let trial = session.call(&READ).empty();
    let cancelled = tokio::time::timeout(Duration::from_secs(1), trial).await;
    assert!(cancelled.is_err());
    assert_eq!(*attempts.lock().unwrap(), 2);
    session.call(&READ).empty().await.unwrap();
    session.call(&READ).empty().await.unwrap();
    assert_eq!(*attempts.lock().unwrap(), 4);
}

#[tokio::test(start_paused = true)]
async fn concurrency_limit_holds_until_each_attempt_has_ended() {
    let under_way = Arc::new(Mutex::new((0, 0)));
    let log = under_way.clone();
    let session = Session::builder("http://127.0.0.1:9")
        .layer_fn(move |_, _| {
            let log = log.clone();
            Box::pin(async move {
                {
                    let (now, most) = &mut *log.lock().unwrap();
                    *now += 1;
                    *most = (*now).max(*most);
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
                log.lock().unwrap().0 -= 1;
                Ok(Response::new(Bytes::new()))
            })
        })
        .concurrency_limit(ConcurrencyLimit::new(2))
        .build()
        .unwrap();
    let started = Instant::now();
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let session = session.clone();
            tokio::spawn(async move { session.call(&READ).empty().await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(*under_way.lock().unwrap(), (0, 2));
    assert_eq!(started.elapsed().as_secs(), 4);
}

#[tokio::test(start_paused = true)]
async fn error_tells_whether_an_earlier_attempt_may_have_had_its_effect() {
    static REMOVE: Operation = Operation::new("remove", Method::DELETE, "/things");
    let status = |status: u16| Ok((status, &[] as &[_]));
    for (first, last, unanswered) in [
        (Err(ErrorKind::Transport), status(404), true),
        (Err(ErrorKind::Timeout), status(404), true),
        (Err(ErrorKind::Timeout), status(412), true),
        (status(502), status(404), true),
        (status(504), status(404), true),
        // Not sent, or refused by the service itself.
        (Err(ErrorKind::Connect), status(404), false),
        (status(429), status(404), false),
        (status(500), status(404), false),
        (status(503), status(404), false),
        // There was no earlier attempt.
        (status(404), status(404), false),
        (Err(ErrorKind::TooLarge), status(404), false),
    ] {
        for operation in [&REMOVE, &REPLACE] {
            let script = Script::default();
            let session = script
                .builder(move |number| if number == 0 { first } else { last })
                .build()
                .unwrap();
            let error = session.call(operation).empty().await.unwrap_err();
            assert_eq!(
                error.earlier_attempt_unanswered(),
                unanswered,
                "{first:?} {last:?}"
            );
        }
    }
    // A POST is not repeated, so that its error is about its only attempt.
    let script = Script::default();
    let session = script
        .builder(|_| Err(ErrorKind::Transport))
        .build()
        .unwrap();
    let error = session.call(&CREATE).empty().await.unwrap_err();
    assert!(!error.earlier_attempt_unanswered());
}

#[tokio::test]
async fn removal_whose_response_was_damaged_says_so_when_it_is_then_not_found() {
    static REMOVE: Operation = Operation::new("remove", Method::DELETE, "/things");
    for damaged in [
        (|| Reply::Close) as fn() -> Reply,
        || Reply::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_vec()),
        || json(200, "<html>Log in to the network</html>"),
    ] {
        let server = Server::start(move |_, before| match before {
            0 => damaged(),
            _ => json(404, "{}"),
        })
        .await;
        let session = server.builder().build().unwrap();
        let error = session.call(&REMOVE).empty().await.unwrap_err();
        assert_eq!(error.status(), Some(StatusCode::NOT_FOUND));
        assert_eq!((error.attempts(), server.count()), (2, 2));
        assert!(error.earlier_attempt_unanswered());
    }
}

#[tokio::test(start_paused = true)]
async fn forgotten_rate_limits_let_calls_pass_at_once() {
    let script = Script::default();
    let headers: &[_] = &[
        ("x-ratelimit-remaining", "0"),
        ("x-ratelimit-reset", "3600"),
    ];
    let session = script
        .builder(move |number| Ok((200, if number == 0 { headers } else { &[] })))
        .build()
        .unwrap();
    session.call(&READ).empty().await.unwrap();
    let error = session.call(&READ).empty().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3_600)));
    session.forget_rate_limits();
    session.call(&READ).empty().await.unwrap();
    assert_eq!(script.count(), 2);
}

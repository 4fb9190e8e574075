//! What a call tells: one span, one event an attempt, named as OpenTelemetry has it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, Once},
};

use common::{GET, Server, json};
use idweave_transport::Bearer;
use tracing::{
    Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{Layer, layer::Context, prelude::*};

/// Keeps spans and events enabled for as long as the process lives.
///
/// tracing remembers for each span and event whether anybody wants it, and asks the subscribers that live
/// at that moment. A test without a subscriber, beside one that is about to set its own, could switch the
/// other's spans off; with a subscriber that is always there, the memory is always right.
fn keep_tracing_enabled() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing_subscriber::registry().init());
}

#[derive(Clone, Default)]
struct Seen {
    spans: Arc<Mutex<Vec<BTreeMap<String, String>>>>,
    events: Arc<Mutex<Vec<BTreeMap<String, String>>>>,
}

struct Fields<'a>(&'a mut BTreeMap<String, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.insert(
            field.name().to_owned(),
            format!("{value:?}").trim_matches('"').to_owned(),
        );
    }
}

impl<S: Subscriber> Layer<S> for Seen {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        if attributes.metadata().target().starts_with("idweave") {
            let mut span = BTreeMap::new();
            attributes.record(&mut Fields(&mut span));
            self.spans.lock().unwrap().push(span);
        }
    }

    fn on_record(&self, _: &Id, record: &Record<'_>, _: Context<'_, S>) {
        if let Some(span) = self.spans.lock().unwrap().last_mut() {
            record.record(&mut Fields(span));
        }
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target().starts_with("idweave") {
            let mut fields = BTreeMap::new();
            event.record(&mut Fields(&mut fields));
            self.events.lock().unwrap().push(fields);
        }
    }
}

#[tokio::test]
async fn tracing_has_one_span_per_call_and_one_event_per_attempt() {
    keep_tracing_enabled();
    let seen = Seen::default();
    let _guard = tracing_subscriber::registry()
        .with(seen.clone())
        .set_default();
    let server = Server::start(|_, before| json(if before < 2 { 503 } else { 200 }, "{}")).await;
    let session = server
        .builder()
        .service("acme")
        .credentials(Bearer::new("x").unwrap())
        .build()
        .unwrap();
    session
        .call(&GET)
        .path("id", "ann@acme.io")
        .query("q", "ann")
        .empty()
        .await
        .unwrap();

    let spans = seen.spans.lock().unwrap();
    let [span] = &spans[..] else {
        panic!("{spans:?}")
    };
    let port = server.url.rsplit(':').next().unwrap();
    for (name, value) in [
        ("otel.name", "GET /things/{id}"),
        ("otel.kind", "client"),
        ("service", "acme"),
        ("operation", "get"),
        ("http.request.method", "GET"),
        ("url.template", "/things/{id}"),
        ("server.address", "127.0.0.1"),
        ("server.port", port),
        ("http.response.status_code", "200"),
        ("http.request.resend_count", "2"),
    ] {
        assert_eq!(
            span.get(name).map(String::as_str),
            Some(value),
            "{name} in {span:?}"
        );
    }
    assert!(!format!("{spans:?}").contains("ann"), "nothing personal");

    let events = seen.events.lock().unwrap();
    let attempts: Vec<_> = events
        .iter()
        .filter(|event| event["message"] == "attempt answered")
        .map(|event| event["attempt"].clone())
        .collect();
    assert_eq!(attempts, ["1", "2", "3"]);
    let repeats = events
        .iter()
        .filter(|event| event["message"] == "attempt is repeated");
    assert!(repeats.clone().all(|event| event.contains_key("wait_ms")));
    assert_eq!(repeats.count(), 2);
}

#[tokio::test]
async fn failed_call_records_the_error_in_its_span() {
    keep_tracing_enabled();
    let seen = Seen::default();
    let _guard = tracing_subscriber::registry()
        .with(seen.clone())
        .set_default();
    let server = Server::start(|_, _| json(404, "{}")).await;
    let session = server.builder().build().unwrap();
    session.call(&common::PUBLIC).empty().await.unwrap_err();
    let span = seen.spans.lock().unwrap()[0].clone();
    assert_eq!(
        (
            span["otel.status_code"].as_str(),
            span["error.type"].as_str(),
            span["http.response.status_code"].as_str()
        ),
        ("ERROR", "404", "404")
    );
}

#[cfg(feature = "metrics")]
#[test]
fn metrics_count_attempts_and_repeats() {
    use metrics::{
        Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
        SharedString, Unit,
    };

    #[derive(Clone, Default)]
    struct Recorded(Arc<Mutex<BTreeMap<String, u64>>>);
    struct One(Recorded, String);
    impl One {
        fn add(&self, value: u64) {
            *self.0.0.lock().unwrap().entry(self.1.clone()).or_default() += value;
        }
    }
    impl CounterFn for One {
        fn increment(&self, value: u64) {
            self.add(value);
        }
        fn absolute(&self, _: u64) {}
    }
    impl HistogramFn for One {
        fn record(&self, _: f64) {
            self.add(1);
        }
    }
    fn name(key: &Key) -> String {
        let labels: Vec<_> = key
            .labels()
            .map(|label| format!("{}={}", label.key(), label.value()))
            .collect();
        format!("{} {}", key.name(), labels.join(" "))
    }
    impl Recorder for Recorded {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            Counter::from_arc(Arc::new(One(self.clone(), name(key))))
        }
        fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::noop()
        }
        fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::from_arc(Arc::new(One(self.clone(), name(key))))
        }
    }

    keep_tracing_enabled();
    let recorded = Recorded::default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    metrics::with_local_recorder(&recorded, || {
        runtime.block_on(async {
            let server =
                Server::start(|_, before| json(if before < 1 { 503 } else { 200 }, "{}")).await;
            let session = server.builder().service("acme").build().unwrap();
            session.call(&common::PUBLIC).empty().await.unwrap();
        });
    });
    let recorded = recorded.0.lock().unwrap().clone();
    let label = "service=acme operation=public";
    assert_eq!(recorded[&format!("idweave.retries {label}")], 1);
    for outcome in ["503", "200"] {
        let key = format!(
            "http.client.request.duration {label} http.request.method=GET outcome={outcome}"
        );
        assert_eq!(recorded.get(&key), Some(&1), "{recorded:?}");
    }
}

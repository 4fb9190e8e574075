//! A small run of the example `chaos`: nothing is lost, doubled or wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../chaos/mod.rs"]
mod chaos;

use std::time::Duration;

use chaos::{Settings, cancellation::Cancellation, faults::FaultKind};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn chaos_run_loses_and_doubles_no_operation() {
    let settings = Settings {
        operations: 2_000,
        seed: 1,
        faults: 0.1,
        cancellations: 0.1,
        concurrency: 32,
        stall: Duration::from_secs(1),
        epochs: 3,
    };
    let report = chaos::run(settings).await.unwrap();
    assert_eq!(
        report.verdict(),
        "lost 0, doubled 0, wrong 0 of 2000 operations",
        "{report}"
    );
    assert!(report.is_clean());
    assert_eq!(report.json()["total"]["operations"], 2_000);
    // A run without faults would prove nothing.
    for fault in FaultKind::ALL {
        assert!(report.faults.contains_key(&fault), "no {}", fault.name());
    }
    for when in Cancellation::ALL {
        assert!(
            report.cancellations.contains_key(&when),
            "none {}",
            when.name()
        );
    }
    assert!(
        report.kinds.iter().all(|(_, _, row)| row.correct > 0),
        "{report}"
    );
    assert!(
        report.total.failed > 0 && report.total.attempts > 2_100,
        "{report}"
    );
}

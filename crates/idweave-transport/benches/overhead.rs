//! Wall time of a call through the transport against the same call by hand on
//! reqwest, to the same server in the same process: `cargo bench -p idweave-transport --bench overhead`.

#![allow(missing_docs, clippy::unwrap_used)]

mod support;

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use criterion::{Criterion, criterion_group, criterion_main};
use support::{ByHand, Idweave};
use tokio::runtime::Runtime;

/// Makes `calls` calls, `at_once` at a time, and returns how long they took.
macro_rules! measure {
    ($runtime:expr, $client:expr, $at_once:expr, $calls:expr) => {{
        let (client, at_once, calls): (_, u64, u64) = ($client.clone(), $at_once, $calls);
        $runtime.block_on(async move {
            let started = Instant::now();
            let workers: Vec<_> = (0..at_once)
                .map(|worker| {
                    let client = client.clone();
                    // Each worker does its share; the first ones take what is left over.
                    let share = calls / at_once + u64::from(worker < calls % at_once);
                    tokio::spawn(async move {
                        for _ in 0..share {
                            client.user("auth0|7").await;
                        }
                    })
                })
                .collect();
            for worker in workers {
                worker.await.unwrap();
            }
            started.elapsed()
        })
    }};
}

fn overhead(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || support::serve(listener));
    let by_hand = ByHand::new(&base);
    let idweave = {
        let _guard = runtime.enter();
        Idweave::new(&base)
    };
    for at_once in [1, 64] {
        let mut group = criterion.benchmark_group(format!("{at_once} at once"));
        group
            .measurement_time(Duration::from_secs(8))
            .sample_size(50);
        group.bench_function("reqwest", |bencher| {
            bencher.iter_custom(|calls| measure!(runtime, by_hand, at_once, calls));
        });
        group.bench_function("idweave", |bencher| {
            bencher.iter_custom(|calls| measure!(runtime, idweave, at_once, calls));
        });
        group.finish();

        // Criterion measures one after the other, and the machine drifts; turn by turn the ratio is steadier.
        let mut ratios: Vec<_> = (0..101)
            .map(|turn| {
                let (hand, ours);
                if turn % 2 == 0 {
                    hand = measure!(runtime, by_hand, at_once, 256);
                    ours = measure!(runtime, idweave, at_once, 256);
                } else {
                    ours = measure!(runtime, idweave, at_once, 256);
                    hand = measure!(runtime, by_hand, at_once, 256);
                }
                ours.as_secs_f64() / hand.as_secs_f64()
            })
            .collect();
        ratios.sort_by(f64::total_cmp);
        println!(
            "{at_once} at once: idweave takes {:.3} times reqwest's wall time (median of 101 turns)",
            ratios[50]
        );
    }
}

criterion_group!(benches, overhead);
criterion_main!(benches);

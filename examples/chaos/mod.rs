//! Many operations against four services that fail all the time, and the question what became of
//! each: the run behind `cargo run --example chaos` and the test of the same name.

#![allow(missing_docs, unreachable_pub)]

pub mod ended;
pub mod judge;
pub mod kinds;
pub mod report;
pub mod settings;
pub mod state;
pub mod trouble;
pub mod world;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use ended::Ended;
use kinds::{Kind, Op};
use report::Report;
pub use settings::Settings;
use state::State;
use trouble::mix;
use world::{CURRENT, Current, Failure, World};

/// Makes all operations, each under its number, and judges them once all have ended.
///
/// # Errors
///
/// When it cannot be set up.
pub async fn run(settings: Settings) -> Result<Report, Failure> {
    let world = Arc::new(World::start(&settings).await?);
    let plan = Arc::new(plan(&settings));
    prepare(&world, &plan, settings.concurrency).await?;

    let began = Instant::now();
    world.chaos.arm(true);
    let mut ended = Vec::with_capacity(plan.len());
    for epoch in plan.chunks(plan.len().div_ceil(settings.epochs.max(1)).max(1)) {
        ended.extend(epoch_of(&world, epoch.to_vec(), settings.concurrency).await);
        world.sandbox.clock().advance(Duration::from_secs(3_660));
    }
    world.chaos.arm(false);
    let took = began.elapsed();

    let state = State::read(&world).await?;
    let mut report = Report::new(settings, took);
    for ended in &ended {
        let arrivals = world.chaos.arrivals(ended.op.number);
        let verdict = judge::judge(&world, &state, ended, &arrivals);
        report.add(ended, &arrivals, verdict);
    }
    report.add_unmarked(&world.chaos.arrivals(trouble::UNMARKED));
    Ok(report)
}

/// Which operation is of which kind, and the how many-th of it.
fn plan(settings: &Settings) -> Vec<(Op, &'static Kind)> {
    let kinds = kinds::all();
    let total: u64 = kinds.iter().map(|kind| kind.weight).sum();
    let mut counts = vec![0; kinds.len()];
    (0..settings.operations)
        .map(|number| {
            let mut spot = mix(settings.seed ^ mix(!number)) % total;
            let at = kinds.iter().position(|kind| {
                let here = spot < kind.weight;
                spot = spot.wrapping_sub(kind.weight);
                here
            });
            let at = at.unwrap_or_default();
            let ordinal = counts[at];
            counts[at] += 1;
            (Op { number, ordinal }, kinds[at])
        })
        .collect()
}

/// Makes what single operations need to be there, such as the invite that is accepted.
async fn prepare(
    world: &Arc<World>,
    plan: &Arc<Vec<(Op, &'static Kind)>>,
    concurrency: usize,
) -> Result<(), Failure> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..concurrency.max(1) {
        let (world, plan, next) = (world.clone(), plan.clone(), next.clone());
        tasks.spawn(async move {
            while let Some((op, kind)) = plan.get(next.fetch_add(1, Ordering::Relaxed)) {
                if let Some(prepare) = kind.prepare {
                    world.prepare(op.number, prepare(&world, *op).await?);
                }
            }
            Ok::<(), Failure>(())
        });
    }
    while let Some(task) = tasks.join_next().await {
        task??;
    }
    Ok(())
}

async fn epoch_of(
    world: &Arc<World>,
    plan: Vec<(Op, &'static Kind)>,
    concurrency: usize,
) -> Vec<Ended> {
    let (plan, next) = (Arc::new(plan), Arc::new(AtomicUsize::new(0)));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..concurrency.max(1) {
        let (world, plan, next) = (world.clone(), plan.clone(), next.clone());
        tasks.spawn(async move {
            let mut ended = Vec::new();
            while let Some((op, kind)) = plan.get(next.fetch_add(1, Ordering::Relaxed)) {
                let attempt = async {
                    let outcome = (kind.run)(&world, *op).await;
                    (outcome, CURRENT.with(|current| current.waited.get()))
                };
                let (outcome, waited) = CURRENT.scope(Current::new(op.number), attempt).await;
                ended.push(Ended {
                    op: *op,
                    kind,
                    outcome,
                    waited,
                });
            }
            ended
        });
    }
    let mut all = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        // A panic of an operation is a panic of the run.
        match ended {
            Ok(ended) => all.extend(ended),
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
    all
}

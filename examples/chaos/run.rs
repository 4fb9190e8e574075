//! Runs all operations, several at once, and judges each.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use super::{
    cancellation::Cancellation,
    environment::{CURRENT, Current, Environment, Failure},
    faults::{self, mix},
    judge,
    operation::{Execution, Operation, OperationError, OperationKind},
    operations,
    report::Report,
    settings::Settings,
    state::State,
};

/// Runs all operations, and judges them after the last one.
///
/// # Errors
///
/// If the environment cannot be started or prepared.
pub async fn run(settings: Settings) -> Result<Report, Failure> {
    let env = Arc::new(Environment::start(&settings).await?);
    let plan = Arc::new(plan(&settings));
    prepare(&env, &plan, settings.concurrency).await?;

    let began = Instant::now();
    env.injector.arm(true);
    let mut ended = Vec::with_capacity(plan.len());
    for epoch in plan.chunks(plan.len().div_ceil(settings.epochs.max(1)).max(1)) {
        ended.extend(run_epoch(&env, epoch.to_vec(), &settings).await);
        env.sandbox.clock().advance(Duration::from_secs(3_660));
    }
    env.injector.arm(false);
    let took = began.elapsed();

    let state = State::read(&env).await?;
    let mut report = Report::new(settings, took);
    for ended in &ended {
        let attempts = env.injector.attempts(ended.op.number);
        let verdict = judge::judge(&env, &state, ended, &attempts);
        report.add(ended, &attempts, verdict);
    }
    report.add_unmarked(&env.injector.attempts(faults::UNMARKED));
    Ok(report)
}

/// Assigns a kind to each operation.
fn plan(settings: &Settings) -> Vec<(Operation, &'static OperationKind)> {
    let kinds = operations::all();
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
            (Operation { number, ordinal }, kinds[at])
        })
        .collect()
}

/// Creates what single operations need, such as the invite that is accepted.
async fn prepare(
    env: &Arc<Environment>,
    plan: &Arc<Vec<(Operation, &'static OperationKind)>>,
    concurrency: usize,
) -> Result<(), Failure> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..concurrency.max(1) {
        let (env, plan, next) = (env.clone(), plan.clone(), next.clone());
        tasks.spawn(async move {
            while let Some((op, kind)) = plan.get(next.fetch_add(1, Ordering::Relaxed)) {
                if let Some(prepare) = kind.prepare {
                    env.prepare(op.number, prepare(&env, *op).await?);
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

/// Runs one part of the operations.
async fn run_epoch(
    env: &Arc<Environment>,
    plan: Vec<(Operation, &'static OperationKind)>,
    settings: &Settings,
) -> Vec<Execution> {
    let (plan, next) = (Arc::new(plan), Arc::new(AtomicUsize::new(0)));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..settings.concurrency.max(1) {
        let (env, plan, next) = (env.clone(), plan.clone(), next.clone());
        let settings = settings.clone();
        tasks.spawn(async move {
            let mut ended = Vec::new();
            while let Some((op, kind)) = plan.get(next.fetch_add(1, Ordering::Relaxed)) {
                let attempt = async {
                    let run = (kind.run)(&env, *op);
                    let outcome = match Cancellation::pick(&settings, op.number) {
                        None => run.await,
                        Some(cancellation) => cancellation
                            .run(&env.injector, op.number, run)
                            .await
                            .unwrap_or(Err(OperationError::Cancelled(cancellation))),
                    };
                    (outcome, CURRENT.with(|current| current.waited.get()))
                };
                let (outcome, waited) = CURRENT.scope(Current::new(op.number), attempt).await;
                ended.push(Execution {
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

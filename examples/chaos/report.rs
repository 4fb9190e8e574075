//! The report of a run, as tables, as JSON and as one line.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
    time::Duration,
};

use serde_json::{Value, json};

use super::{
    cancellation::Cancellation,
    faults::{Attempt, FaultKind},
    judge::Verdict,
    operation::{Execution, OperationError},
    operations,
    settings::Settings,
};

/// The verdicts on the operations of one kind.
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub operations: u64,
    pub correct: u64,
    pub settled: u64,
    pub cancelled: u64,
    pub failed: u64,
    pub lost: u64,
    pub doubled: u64,
    pub wrong: u64,
    pub attempts: u64,
}

/// How often a fault occurred, and how those operations ended.
#[derive(Clone, Debug, Default)]
pub struct Hits {
    pub attempts: u64,
    pub succeeded: u64,
    pub failed: u64,
}

/// The report of a run.
pub struct Report {
    pub settings: Settings,
    pub took: Duration,
    pub kinds: Vec<(&'static str, &'static str, Row)>,
    pub total: Row,
    pub faults: BTreeMap<FaultKind, Hits>,
    /// How many operations were dropped, and how many of these were carried out.
    pub cancellations: BTreeMap<Cancellation, (u64, u64)>,
    /// Failed token requests and logins.
    pub token_faults: u64,
    pub token_requests: u64,
    pub errors: BTreeMap<String, u64>,
    pub expired: u64,
    pub waited: Duration,
    pub max_wait: Duration,
    /// The first hundred operations that were lost, doubled or wrong.
    pub problems: Vec<String>,
}

impl Report {
    pub fn new(settings: Settings, took: Duration) -> Self {
        let kinds = operations::all()
            .iter()
            .map(|kind| (kind.service, kind.name, Row::default()))
            .collect();
        Self {
            settings,
            took,
            kinds,
            total: Row::default(),
            faults: BTreeMap::new(),
            cancellations: BTreeMap::new(),
            token_faults: 0,
            token_requests: 0,
            errors: BTreeMap::new(),
            expired: 0,
            waited: Duration::ZERO,
            max_wait: Duration::ZERO,
            problems: Vec::new(),
        }
    }

    pub fn add(&mut self, ended: &Execution, attempts: &[Attempt], verdict: Verdict) {
        let well = matches!(verdict, Verdict::Correct | Verdict::Settled);
        for attempt in attempts {
            let expired = attempt.status == Some(401) && !attempt.effect;
            self.expired += u64::from(expired);
            if let Some(fault) = attempt.fault {
                let hits = self.faults.entry(fault).or_default();
                hits.attempts += 1;
                hits.succeeded += u64::from(well);
                let dropped = matches!(verdict, Verdict::Cancelled { .. });
                hits.failed += u64::from(!well && !dropped);
            }
        }
        self.waited += ended.waited;
        self.max_wait = self.max_wait.max(ended.waited);
        if let (Err(OperationError::Cancelled(when)), Verdict::Cancelled { carried_out }) =
            (&ended.outcome, &verdict)
        {
            let (count, done) = self.cancellations.entry(*when).or_default();
            *count += 1;
            *done += u64::from(*carried_out);
        }
        if let Verdict::Failed(why) = &verdict {
            *self.errors.entry(why.clone()).or_default() += 1;
        }
        if let Verdict::Lost(why) | Verdict::Doubled(why) | Verdict::Wrong(why) = &verdict
            && self.problems.len() < 100
        {
            let attempts: Vec<String> = attempts.iter().map(attempt).collect();
            self.problems.push(format!(
                "operation {}, {} {}: {why} [{}]",
                ended.op.number,
                ended.kind.service,
                ended.kind.name,
                attempts.join("; ")
            ));
        }
        let at = self.kinds.iter().position(|(service, name, _)| {
            (*service, *name) == (ended.kind.service, ended.kind.name)
        });
        let row = at.map(|at| &mut self.kinds[at].2);
        for row in row.into_iter().chain([&mut self.total]) {
            row.operations += 1;
            row.attempts += attempts.len() as u64;
            match verdict {
                Verdict::Correct => row.correct += 1,
                Verdict::Settled => row.settled += 1,
                Verdict::Cancelled { .. } => row.cancelled += 1,
                Verdict::Failed(_) => row.failed += 1,
                Verdict::Lost(_) => row.lost += 1,
                Verdict::Doubled(_) => row.doubled += 1,
                Verdict::Wrong(_) => row.wrong += 1,
            }
        }
    }

    /// Adds token requests and logins, which belong to no operation.
    pub fn add_unmarked(&mut self, attempts: &[Attempt]) {
        self.token_requests = attempts.len() as u64;
        let failed = attempts.iter().filter(|attempt| attempt.fault.is_some());
        self.token_faults = failed.count() as u64;
    }

    pub fn is_clean(&self) -> bool {
        self.total.lost + self.total.doubled + self.total.wrong == 0
            && self.total.operations == self.settings.operations
    }

    /// Returns the last line of the program's output.
    pub fn verdict(&self) -> String {
        let Row {
            lost,
            doubled,
            wrong,
            operations,
            ..
        } = &self.total;
        format!("lost {lost}, doubled {doubled}, wrong {wrong} of {operations} operations")
    }

    pub fn json(&self) -> Value {
        let row = |row: &Row| {
            json!({
                "operations": row.operations, "correct": row.correct, "settled": row.settled, "cancelled": row.cancelled, "failed": row.failed,
                "lost": row.lost, "doubled": row.doubled, "wrong": row.wrong, "attempts": row.attempts,
            })
        };
        json!({
            "seed": self.settings.seed,
            "faultRate": self.settings.faults,
            "concurrency": self.settings.concurrency,
            "seconds": self.took.as_secs_f64(),
            "total": row(&self.total),
            "kinds": self.kinds.iter().map(|(service, name, counts)| {
                let mut value = row(counts);
                value["service"] = json!(service);
                value["name"] = json!(name);
                value
            }).collect::<Vec<_>>(),
            "faults": self.faults.iter().map(|(fault, hits)| json!({
                "name": fault.name(), "attempts": hits.attempts,
                "succeeded": hits.succeeded, "failed": hits.failed,
            })).collect::<Vec<_>>(),
            "cancellations": self.cancellations.iter().map(|(when, (count, carried_out))| json!({
                "name": when.name(), "operations": count, "carriedOut": carried_out,
            })).collect::<Vec<_>>(),
            "errors": self.errors,
            "tokenRequests": self.token_requests,
            "tokenRequestsFailed": self.token_faults,
            "expired": self.expired,
            "waitSeconds": self.waited.as_secs_f64(),
            "longestWaitSeconds": self.max_wait.as_secs_f64(),
            "problems": self.problems,
        })
    }
}

fn attempt(attempt: &Attempt) -> String {
    let mut text = attempt.operation.to_owned();
    if let Some(status) = attempt.status {
        let _ = write!(text, " {status}");
    }
    if let Some(fault) = attempt.fault {
        let _ = write!(text, ", {}", fault.name());
    }
    if attempt.effect {
        text.push_str(", carried out");
    }
    text
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = &self.total;
        writeln!(
            f,
            "{:8} {:30} {:>8} {:>8} {:>8} {:>8} {:>8} {:>6} {:>8} {:>6} {:>9}",
            "service",
            "operation",
            "all",
            "correct",
            "settled",
            "dropped",
            "error",
            "lost",
            "doubled",
            "wrong",
            "attempts"
        )?;
        let kinds = self
            .kinds
            .iter()
            .map(|(service, name, row)| (*service, *name, row));
        for (service, name, row) in kinds.chain([("all", "", total)]) {
            writeln!(
                f,
                "{service:8} {name:30} {:>8} {:>8} {:>8} {:>8} {:>8} {:>6} {:>8} {:>6} {:>9}",
                row.operations,
                row.correct,
                row.settled,
                row.cancelled,
                row.failed,
                row.lost,
                row.doubled,
                row.wrong,
                row.attempts
            )?;
        }
        writeln!(
            f,
            "\n{:32} {:>9} {:>11} {:>15}",
            "fault", "attempts", "succeeded", "failed"
        )?;
        for fault in FaultKind::ALL {
            let hits = self.faults.get(&fault).cloned().unwrap_or_default();
            writeln!(
                f,
                "{:32} {:>9} {:>11} {:>15}",
                fault.name(),
                hits.attempts,
                hits.succeeded,
                hits.failed
            )?;
        }
        writeln!(
            f,
            "\n{:38} {:>10} {:>11}",
            "caller", "operations", "carried out"
        )?;
        for when in Cancellation::ALL {
            let (count, done) = self.cancellations.get(&when).copied().unwrap_or_default();
            writeln!(f, "{:38} {count:>10} {done:>11}", when.name())?;
        }
        let errors: Vec<String> = self
            .errors
            .iter()
            .map(|(kind, count)| format!("{kind} {count}"))
            .collect();
        writeln!(f, "\nerrors by kind: {}", errors.join(", "))?;
        let retries = total
            .attempts
            .saturating_sub(total.operations + self.expired);
        writeln!(
            f,
            "retries {retries}, waits between attempts {:.1} s in total and {:.2} s at most",
            self.waited.as_secs_f64(),
            self.max_wait.as_secs_f64()
        )?;
        writeln!(
            f,
            "tokens expired {} times during the run; {} requests for tokens and logins, of which {} had a fault",
            self.settings.epochs.saturating_sub(1),
            self.token_requests,
            self.token_faults
        )?;
        writeln!(
            f,
            "seed {}, {} at once, {:.1} s, {:.0} operations a second",
            self.settings.seed,
            self.settings.concurrency,
            self.took.as_secs_f64(),
            total.operations as f64 / self.took.as_secs_f64().max(0.001)
        )?;
        if !self.problems.is_empty() {
            writeln!(f)?;
        }
        for problem in &self.problems {
            writeln!(f, "{problem}")?;
        }
        Ok(())
    }
}

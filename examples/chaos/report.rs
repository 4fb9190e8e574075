//! The counts of a run, as a table, as JSON and as one line.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
    time::Duration,
};

use serde_json::{Value, json};

use super::{
    ended::Ended,
    judge::Verdict,
    settings::Settings,
    trouble::{Arrival, Trouble},
};

/// What became of the operations of one kind.
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub operations: u64,
    pub right: u64,
    pub settled: u64,
    pub failed: u64,
    pub lost: u64,
    pub doubled: u64,
    pub wrong: u64,
    pub attempts: u64,
}

/// How often something went wrong, and how those operations ended.
#[derive(Clone, Debug, Default)]
pub struct Hits {
    pub attempts: u64,
    pub ended_well: u64,
    pub ended_in_error: u64,
}

/// The counts of a run.
pub struct Report {
    pub settings: Settings,
    pub took: Duration,
    pub kinds: Vec<(&'static str, &'static str, Row)>,
    pub total: Row,
    pub troubles: BTreeMap<Trouble, Hits>,
    /// Failed token requests and logins.
    pub token_troubles: u64,
    pub token_requests: u64,
    pub errors: BTreeMap<String, u64>,
    pub expired: u64,
    pub waited: Duration,
    pub longest_wait: Duration,
    /// What was lost, doubled or wrong, in words; the first hundred.
    pub complaints: Vec<String>,
}

impl Report {
    pub fn new(settings: Settings, took: Duration) -> Self {
        let kinds = super::kinds::all()
            .iter()
            .map(|kind| (kind.service, kind.name, Row::default()))
            .collect();
        Self {
            settings,
            took,
            kinds,
            total: Row::default(),
            troubles: BTreeMap::new(),
            token_troubles: 0,
            token_requests: 0,
            errors: BTreeMap::new(),
            expired: 0,
            waited: Duration::ZERO,
            longest_wait: Duration::ZERO,
            complaints: Vec::new(),
        }
    }

    pub fn add(&mut self, ended: &Ended, arrivals: &[Arrival], verdict: Verdict) {
        let well = matches!(verdict, Verdict::Right | Verdict::Settled);
        for arrival in arrivals {
            let expired = arrival.status == Some(401) && !arrival.effect;
            self.expired += u64::from(expired);
            if let Some(trouble) = arrival.trouble {
                let hits = self.troubles.entry(trouble).or_default();
                hits.attempts += 1;
                hits.ended_well += u64::from(well);
                hits.ended_in_error += u64::from(!well);
            }
        }
        self.waited += ended.waited;
        self.longest_wait = self.longest_wait.max(ended.waited);
        if let Verdict::Failed(why) = &verdict {
            *self.errors.entry(why.clone()).or_default() += 1;
        }
        if let Verdict::Lost(why) | Verdict::Doubled(why) | Verdict::Wrong(why) = &verdict
            && self.complaints.len() < 100
        {
            let attempts: Vec<String> = arrivals.iter().map(attempt).collect();
            self.complaints.push(format!(
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
            row.attempts += arrivals.len() as u64;
            match verdict {
                Verdict::Right => row.right += 1,
                Verdict::Settled => row.settled += 1,
                Verdict::Failed(_) => row.failed += 1,
                Verdict::Lost(_) => row.lost += 1,
                Verdict::Doubled(_) => row.doubled += 1,
                Verdict::Wrong(_) => row.wrong += 1,
            }
        }
    }

    /// Token requests and logins, which belong to no operation.
    pub fn add_unmarked(&mut self, arrivals: &[Arrival]) {
        self.token_requests = arrivals.len() as u64;
        let failed = arrivals.iter().filter(|arrival| arrival.trouble.is_some());
        self.token_troubles = failed.count() as u64;
    }

    pub fn is_clean(&self) -> bool {
        self.total.lost + self.total.doubled + self.total.wrong == 0
            && self.total.operations == self.settings.operations
    }

    /// The last line of the program.
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
                "operations": row.operations, "right": row.right, "settled": row.settled, "failed": row.failed,
                "lost": row.lost, "doubled": row.doubled, "wrong": row.wrong, "attempts": row.attempts,
            })
        };
        json!({
            "seed": self.settings.seed,
            "faults": self.settings.faults,
            "concurrency": self.settings.concurrency,
            "seconds": self.took.as_secs_f64(),
            "total": row(&self.total),
            "kinds": self.kinds.iter().map(|(service, name, counts)| {
                let mut value = row(counts);
                value["service"] = json!(service);
                value["name"] = json!(name);
                value
            }).collect::<Vec<_>>(),
            "troubles": self.troubles.iter().map(|(trouble, hits)| json!({
                "name": trouble.name(), "attempts": hits.attempts,
                "endedWell": hits.ended_well, "endedInError": hits.ended_in_error,
            })).collect::<Vec<_>>(),
            "errors": self.errors,
            "tokenRequests": self.token_requests,
            "tokenRequestsFailed": self.token_troubles,
            "expired": self.expired,
            "waitSeconds": self.waited.as_secs_f64(),
            "longestWaitSeconds": self.longest_wait.as_secs_f64(),
            "complaints": self.complaints,
        })
    }
}

fn attempt(arrival: &Arrival) -> String {
    let mut text = arrival.operation.to_owned();
    if let Some(status) = arrival.status {
        let _ = write!(text, " {status}");
    }
    if let Some(trouble) = arrival.trouble {
        let _ = write!(text, ", {}", trouble.name());
    }
    if arrival.effect {
        text.push_str(", carried out");
    }
    text
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = &self.total;
        writeln!(
            f,
            "{:8} {:30} {:>8} {:>8} {:>8} {:>8} {:>6} {:>8} {:>6} {:>9}",
            "service",
            "operation",
            "all",
            "right",
            "settled",
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
                "{service:8} {name:30} {:>8} {:>8} {:>8} {:>8} {:>6} {:>8} {:>6} {:>9}",
                row.operations,
                row.right,
                row.settled,
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
            "fault", "attempts", "ended well", "ended in error"
        )?;
        for trouble in Trouble::ALL {
            let hits = self.troubles.get(&trouble).cloned().unwrap_or_default();
            writeln!(
                f,
                "{:32} {:>9} {:>11} {:>15}",
                trouble.name(),
                hits.attempts,
                hits.ended_well,
                hits.ended_in_error
            )?;
        }
        let errors: Vec<String> = self
            .errors
            .iter()
            .map(|(kind, count)| format!("{kind} {count}"))
            .collect();
        writeln!(f, "\nerrors by kind: {}", errors.join(", "))?;
        let repeats = total
            .attempts
            .saturating_sub(total.operations + self.expired);
        writeln!(
            f,
            "repeats {repeats}, waits between attempts {:.1} s in all and {:.2} s at most",
            self.waited.as_secs_f64(),
            self.longest_wait.as_secs_f64()
        )?;
        writeln!(
            f,
            "tokens expired {} times in mid run; {} requests for tokens and logins, of which {} met a fault",
            self.settings.epochs.saturating_sub(1),
            self.token_requests,
            self.token_troubles
        )?;
        writeln!(
            f,
            "seed {}, {} at once, {:.1} s, {:.0} operations a second",
            self.settings.seed,
            self.settings.concurrency,
            self.took.as_secs_f64(),
            total.operations as f64 / self.took.as_secs_f64().max(0.001)
        )?;
        if !self.complaints.is_empty() {
            writeln!(f)?;
        }
        for complaint in &self.complaints {
            writeln!(f, "{complaint}")?;
        }
        Ok(())
    }
}

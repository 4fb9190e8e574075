//! Compares what an operation's caller was told with what the sandbox recorded.

use idweave_transport as transport;

use super::{
    environment::{ATTEMPTS, Environment},
    faults::{Attempt, FaultKind},
    operation::{Effect, Execution, OperationError},
    state::State,
};

/// The verdict on one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A correct result.
    Correct,
    /// A correct error, after all attempts that are allowed.
    Failed(String),
    /// A retry found that an earlier attempt, whose response was lost, had carried it out already.
    Settled,
    /// Dropped by its caller: it was carried out, or not, but never twice.
    Cancelled { carried_out: bool },
    /// Not retried although it could have been, or reported as done but not done.
    Lost(String),
    /// It took effect twice.
    Doubled(String),
    /// An incorrect result or error.
    Wrong(String),
}

/// What an error reports, from either layer.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Reported {
    Status(u16),
    Timeout,
    Transport,
    Unexpected,
    Other(String),
}

/// An error of either layer.
struct Failure {
    reported: Reported,
    operation: Option<String>,
    retryable: bool,
    text: String,
}

pub fn judge(env: &Environment, state: &State, ended: &Execution, attempts: &[Attempt]) -> Verdict {
    let verdict = judge_effects(ended, attempts);
    let verdict = verdict.unwrap_or_else(|| judge_outcome(ended, attempts));
    judge_waits(attempts)
        .or_else(|| judge_state(env, state, ended, attempts, &verdict))
        .unwrap_or(verdict)
}

/// Checks that a call that must not be repeated was sent and carried out at most once.
fn judge_effects(ended: &Execution, attempts: &[Attempt]) -> Option<Verdict> {
    let Effect::Once(once) = ended.kind.effect else {
        return None;
    };
    let sent = attempts.iter().filter(|attempt| attempt.operation == once);
    let effects = sent.clone().filter(|attempt| attempt.effect).count();
    if effects > 1 {
        return Some(Verdict::Doubled(format!(
            "{once} took effect {effects} times"
        )));
    }
    // A call that was rejected for an expired token had no effect and may be sent again.
    let sent = sent.filter(|attempt| !is_rejected_token(attempt)).count();
    (sent > 1).then(|| Verdict::Wrong(format!("{once} was sent {sent} times")))
}

fn is_rejected_token(attempt: &Attempt) -> bool {
    attempt.status == Some(401) && !attempt.effect
}

fn judge_outcome(ended: &Execution, attempts: &[Attempt]) -> Verdict {
    let failure = match &ended.outcome {
        Ok(()) => return judge_success(ended, attempts),
        Err(OperationError::Wrong(what)) => return Verdict::Wrong(what.clone()),
        Err(OperationError::Cancelled(_)) => {
            let carried_out = attempts.iter().any(|attempt| attempt.effect);
            return Verdict::Cancelled { carried_out };
        }
        Err(OperationError::RemovedNothing) => return judge_removal(attempts),
        Err(OperationError::Facade(error)) => from_facade(error),
        Err(OperationError::Low(error)) => from_transport(error),
    };
    let mut attempts_of_operation: Vec<&Attempt> = attempts
        .iter()
        .filter(|attempt| failure.operation.as_deref() == Some(attempt.operation))
        .collect();
    let last = attempts_of_operation.last().copied();
    attempts_of_operation.retain(|attempt| !is_rejected_token(attempt));
    let Some(last) = last else {
        return Verdict::Lost(format!("never sent: {}", failure.text));
    };
    let once = matches!(ended.kind.effect, Effect::Once(_));
    let refused = last.status.filter(|status| *status >= 400 && !last.effect);
    let refusal = refused.is_some_and(|status| failure.reported == Reported::Status(status));
    // The body of the response does not matter once its status has arrived.
    if refusal
        && failure.reported == Reported::Status(404)
        && !once
        && attempts_of_operation.iter().any(|attempt| attempt.effect)
    {
        return Verdict::Settled;
    }
    let Some(fault) = last.fault else {
        return match failure.reported {
            // The machine was too busy for the time limit, which counts as a stall.
            Reported::Timeout => exhausted(once, &attempts_of_operation, &failure),
            _ => Verdict::Wrong(format!("rejected without a fault: {}", failure.text)),
        };
    };
    if failure.reported != expected(fault) && !refusal {
        return Verdict::Wrong(format!("after {}: {}", fault.name(), failure.text));
    }
    if once && last.effect && failure.retryable {
        return Verdict::Wrong(format!("done, but reported as retryable: {}", failure.text));
    }
    exhausted(once, &attempts_of_operation, &failure)
}

/// Checks that a response was lost, which makes it right to report that nothing is there as a success.
fn judge_removal(attempts: &[Attempt]) -> Verdict {
    let lost = attempts.split_last().is_some_and(|(_, earlier)| {
        let mut faults = earlier.iter().filter_map(|attempt| attempt.fault);
        faults.any(FaultKind::loses_response)
    });
    match lost {
        true => Verdict::Correct,
        false => Verdict::Wrong("removed what does not exist".to_owned()),
    }
}

/// Checks that no attempt is left, which makes an error correct.
fn exhausted(once: bool, attempts: &[&Attempt], failure: &Failure) -> Verdict {
    if !once && attempts.len() < ATTEMPTS {
        return Verdict::Lost(format!(
            "after {} attempts: {}",
            attempts.len(),
            failure.text
        ));
    }
    Verdict::Failed(match &failure.reported {
        Reported::Status(status) => status.to_string(),
        Reported::Timeout => "timeout".to_owned(),
        Reported::Transport => "transport".to_owned(),
        Reported::Unexpected => "unexpected response".to_owned(),
        Reported::Other(kind) => kind.clone(),
    })
}

fn judge_success(ended: &Execution, attempts: &[Attempt]) -> Verdict {
    let done = match ended.kind.effect {
        Effect::Read => return Verdict::Correct,
        Effect::Idempotent => attempts.iter().any(|attempt| attempt.effect),
        Effect::Once(once) => attempts
            .iter()
            .any(|attempt| attempt.effect && attempt.operation == once),
    };
    if done {
        Verdict::Correct
    } else {
        Verdict::Wrong("reported as done, but never carried out".to_owned())
    }
}

/// Checks that retries wait for the time of `Retry-After`.
fn judge_waits(attempts: &[Attempt]) -> Option<Verdict> {
    let early = attempts.windows(2).find(|pair| {
        let Some(FaultKind::BusyAfter(seconds)) = pair[0].fault else {
            return false;
        };
        let waited = pair[1].at.duration_since(pair[0].at);
        pair[0].operation == pair[1].operation && waited.as_secs() < seconds
    })?;
    let waited = early[1].at.duration_since(early[0].at);
    Some(Verdict::Wrong(format!(
        "{} was retried after {waited:?}, before Retry-After",
        early[0].operation
    )))
}

/// Checks that the services have the reported effect, once.
fn judge_state(
    env: &Environment,
    state: &State,
    ended: &Execution,
    attempts: &[Attempt],
    verdict: &Verdict,
) -> Option<Verdict> {
    let count = (ended.kind.count?)(env, state, ended.op);
    if count > 1 {
        return Some(Verdict::Doubled(format!(
            "the effect is there {count} times"
        )));
    }
    let is_done = matches!(verdict, Verdict::Correct | Verdict::Settled);
    if is_done && count == 0 {
        return Some(Verdict::Lost(
            "done, but the service does not have the effect".to_owned(),
        ));
    }
    let Effect::Once(once) = ended.kind.effect else {
        return None;
    };
    let effect = attempts
        .iter()
        .any(|attempt| attempt.effect && attempt.operation == once);
    (count != u64::from(effect)).then(|| {
        Verdict::Wrong(format!(
            "carried out: {effect}, but the effect is there {count} times"
        ))
    })
}

/// Returns what an error has to report after the last attempt had a fault.
fn expected(fault: FaultKind) -> Reported {
    match fault {
        FaultKind::Busy | FaultKind::BusyAfter(_) => Reported::Status(429),
        FaultKind::Broken => Reported::Status(500),
        FaultKind::Unavailable => Reported::Status(503),
        FaultKind::BadGatewayPage => Reported::Status(502),
        FaultKind::ResetBefore
        | FaultKind::ResetAfter
        | FaultKind::ResetDuring
        | FaultKind::CutOff => Reported::Transport,
        FaultKind::HalfJson | FaultKind::Page => Reported::Unexpected,
        FaultKind::Stall => Reported::Timeout,
    }
}

fn from_facade(error: &idweave::Error) -> Failure {
    use idweave::ErrorKind;
    let reported = match (error.kind(), error.status()) {
        (ErrorKind::Timeout, None) => Reported::Timeout,
        (ErrorKind::Transport, _) => Reported::Transport,
        (ErrorKind::UnexpectedResponse, _) => Reported::Unexpected,
        (kind, Some(status)) if kind == ErrorKind::from_status(status) => Reported::Status(status),
        (kind, _) => Reported::Other(format!("{kind:?}")),
    };
    Failure {
        reported,
        operation: error.operation().map(str::to_owned),
        retryable: error.is_retryable(),
        text: with_causes(error),
    }
}

fn from_transport(error: &transport::Error) -> Failure {
    use transport::ErrorKind;
    let reported = match (error.kind(), error.status()) {
        (ErrorKind::Timeout, _) => Reported::Timeout,
        (ErrorKind::Transport | ErrorKind::Connect, _) => Reported::Transport,
        (ErrorKind::Decode, _) => Reported::Unexpected,
        (ErrorKind::Status, Some(status)) => Reported::Status(status.as_u16()),
        (kind, _) => Reported::Other(format!("{kind:?}")),
    };
    Failure {
        reported,
        operation: error.operation().map(str::to_owned),
        retryable: error.is_retryable(),
        text: with_causes(error),
    }
}

/// Returns an error with its causes.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(" <- ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chaos::{operation::Operation, operations};
    use std::time::{Duration, Instant};

    fn ended(name: &str, outcome: Result<(), OperationError>) -> Execution {
        let kind = operations::all().into_iter().find(|kind| kind.name == name);
        Execution {
            op: Operation {
                number: 1,
                ordinal: 0,
            },
            kind: kind.unwrap(),
            outcome,
            waited: Duration::ZERO,
        }
    }

    fn attempt(operation: &'static str, effect: bool, fault: Option<FaultKind>) -> Attempt {
        let status = fault.is_none().then_some(200);
        Attempt {
            operation,
            fault,
            effect,
            status,
            at: Instant::now(),
        }
    }

    fn outcome(ended: &Execution, attempts: &[Attempt]) -> Verdict {
        judge_effects(ended, attempts).unwrap_or_else(|| judge_outcome(ended, attempts))
    }

    #[test]
    fn judge_reports_a_second_effect_and_a_second_attempt() {
        let lost_response = attempt("addGroup", true, Some(FaultKind::ResetAfter));
        let done = attempt("addGroup", true, None);
        let unheard = attempt("addGroup", false, Some(FaultKind::ResetBefore));
        let ended = ended("addGroup", Ok(()));
        assert_eq!(outcome(&ended, &[done]), Verdict::Correct);
        let twice = outcome(&ended, &[lost_response, done]);
        assert!(matches!(twice, Verdict::Doubled(_)), "{twice:?}");
        let again = outcome(&ended, &[unheard, done]);
        assert!(matches!(again, Verdict::Wrong(_)), "{again:?}");
        let never = outcome(&ended, &[]);
        assert!(matches!(never, Verdict::Wrong(_)), "{never:?}");
    }

    #[test]
    fn judge_reports_giving_up_early_and_the_wrong_error() {
        let error = || {
            let error = idweave::Error::from(idweave::ErrorKind::Unavailable);
            Err(OperationError::Facade(
                error
                    .with_operation("linkThirdPartyAccount")
                    .with_status(503),
            ))
        };
        let attempt = |fault: FaultKind, status: u16| Attempt {
            status: Some(status),
            ..attempt("linkThirdPartyAccount", false, Some(fault))
        };
        let mut linking = ended("links().link()", error());
        let early = outcome(&linking, &[attempt(FaultKind::Unavailable, 503)]);
        assert!(matches!(early, Verdict::Lost(_)), "{early:?}");
        let all = [attempt(FaultKind::Unavailable, 503); ATTEMPTS];
        assert_eq!(outcome(&linking, &all), Verdict::Failed("503".to_owned()));
        let other = outcome(&linking, &[attempt(FaultKind::Broken, 500); ATTEMPTS]);
        assert!(matches!(other, Verdict::Wrong(_)), "{other:?}");
        linking.outcome = Ok(());
        let claimed = outcome(&linking, &all);
        assert!(matches!(claimed, Verdict::Wrong(_)), "{claimed:?}");
    }

    #[test]
    fn judge_allows_either_outcome_of_a_dropped_call_but_not_both_twice() {
        use crate::chaos::cancellation::Cancellation;
        let dropped = || Err(OperationError::Cancelled(Cancellation::Handled(1)));
        let done = attempt("addGroup", true, None);
        let unheard = attempt("addGroup", false, Some(FaultKind::ResetBefore));
        let call = ended("addGroup", dropped());
        for (attempts, carried_out) in [(&[][..], false), (&[unheard], false), (&[done], true)] {
            assert_eq!(outcome(&call, attempts), Verdict::Cancelled { carried_out });
        }
        let twice = outcome(&call, &[done, done]);
        assert!(matches!(twice, Verdict::Doubled(_)), "{twice:?}");
        let again = outcome(&call, &[unheard, done]);
        assert!(matches!(again, Verdict::Wrong(_)), "{again:?}");
    }

    #[test]
    fn judge_allows_the_removal_of_nothing_only_after_a_lost_response() {
        let removal = ended(
            "links().unlink() of nobody",
            Err(OperationError::RemovedNothing),
        );
        let missing = Attempt {
            status: Some(404),
            ..attempt("disconnectUser", false, None)
        };
        let lost = attempt("disconnectUser", false, Some(FaultKind::ResetBefore));
        let busy = attempt("disconnectUser", false, Some(FaultKind::Unavailable));
        assert_eq!(outcome(&removal, &[lost, missing]), Verdict::Correct);
        for attempts in [&[missing][..], &[busy, missing], &[lost]] {
            let claimed = outcome(&removal, attempts);
            assert!(matches!(claimed, Verdict::Wrong(_)), "{claimed:?}");
        }
    }

    #[test]
    fn judge_reports_a_retry_before_retry_after() {
        let asked = attempt("getUser", false, Some(FaultKind::BusyAfter(1)));
        let early = attempt("getUser", true, None);
        assert!(judge_waits(&[asked, early]).is_some());
        let patient = Attempt {
            at: asked.at + Duration::from_secs(1),
            ..early
        };
        assert!(judge_waits(&[asked, patient]).is_none());
    }
}

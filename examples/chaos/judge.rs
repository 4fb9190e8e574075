//! Whether an operation ended as it may: what its caller was told against what the sandbox saw.

use idweave_transport as transport;

use super::{
    ended::Ended,
    kinds::{Mishap, Nature},
    state::State,
    trouble::{Arrival, Trouble},
    world::{ATTEMPTS, World},
};

/// The judgement of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The right result.
    Right,
    /// An error that says what happened, after all that could be done.
    Failed(String),
    /// A repeat found that an earlier attempt, whose response was lost, had done it already.
    Settled,
    /// It could have been repeated, and was not; or it is said to be done, and is not.
    Lost(String),
    /// It took effect twice.
    Doubled(String),
    /// The result or the error is not the right one.
    Wrong(String),
}

/// What an error says, whichever layer it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Said {
    Status(u16),
    Timeout,
    Transport,
    Unexpected,
    Other(String),
}

/// An error, taken apart.
struct Failure {
    said: Said,
    operation: Option<String>,
    retryable: bool,
    text: String,
}

pub fn judge(world: &World, state: &State, ended: &Ended, arrivals: &[Arrival]) -> Verdict {
    let verdict = judge_effects(ended, arrivals);
    let verdict = verdict.unwrap_or_else(|| judge_outcome(ended, arrivals));
    judge_waits(arrivals)
        .or_else(|| judge_state(world, state, ended, arrivals, &verdict))
        .unwrap_or(verdict)
}

/// What must be done once at most was sent once at most, and done once at most.
fn judge_effects(ended: &Ended, arrivals: &[Arrival]) -> Option<Verdict> {
    let Nature::Once(once) = ended.kind.nature else {
        return None;
    };
    let sent = arrivals.iter().filter(|arrival| arrival.operation == once);
    let effects = sent.clone().filter(|arrival| arrival.effect).count();
    if effects > 1 {
        return Some(Verdict::Doubled(format!(
            "{once} took effect {effects} times"
        )));
    }
    // Turned away for an expired token, it had no effect and may be sent again.
    let sent = sent.filter(|arrival| !is_refused_token(arrival)).count();
    (sent > 1).then(|| Verdict::Wrong(format!("{once} was sent {sent} times")))
}

fn is_refused_token(arrival: &Arrival) -> bool {
    arrival.status == Some(401) && !arrival.effect
}

fn judge_outcome(ended: &Ended, arrivals: &[Arrival]) -> Verdict {
    let failure = match &ended.outcome {
        Ok(()) => return judge_success(ended, arrivals),
        Err(Mishap::Wrong(what)) => return Verdict::Wrong(what.clone()),
        Err(Mishap::Facade(error)) => from_facade(error),
        Err(Mishap::Low(error)) => from_transport(error),
    };
    let mut of_it: Vec<&Arrival> = arrivals
        .iter()
        .filter(|arrival| failure.operation.as_deref() == Some(arrival.operation))
        .collect();
    let last = of_it.last().copied();
    of_it.retain(|arrival| !is_refused_token(arrival));
    let Some(last) = last else {
        return Verdict::Lost(format!("never sent: {}", failure.text));
    };
    let once = matches!(ended.kind.nature, Nature::Once(_));
    let refused = last.status.filter(|status| *status >= 400 && !last.effect);
    let refusal = refused.is_some_and(|status| failure.said == Said::Status(status));
    // What became of the response's body does not matter when its status has arrived.
    if refusal && failure.said == Said::Status(404) && !once && of_it.iter().any(|it| it.effect) {
        return Verdict::Settled;
    }
    let Some(trouble) = last.trouble else {
        return match failure.said {
            // The machine was too busy for the time limit: as good as a stall.
            Said::Timeout => exhausted(once, &of_it, &failure),
            _ => Verdict::Wrong(format!("refused without a fault: {}", failure.text)),
        };
    };
    if failure.said != expected(trouble) && !refusal {
        return Verdict::Wrong(format!("after {}: {}", trouble.name(), failure.text));
    }
    if once && last.effect && failure.retryable {
        return Verdict::Wrong(format!("done, but said to be repeatable: {}", failure.text));
    }
    exhausted(once, &of_it, &failure)
}

/// An error is right once no attempt is left.
fn exhausted(once: bool, attempts: &[&Arrival], failure: &Failure) -> Verdict {
    if !once && attempts.len() < ATTEMPTS {
        return Verdict::Lost(format!(
            "after {} attempts: {}",
            attempts.len(),
            failure.text
        ));
    }
    Verdict::Failed(match &failure.said {
        Said::Status(status) => status.to_string(),
        Said::Timeout => "timeout".to_owned(),
        Said::Transport => "transport".to_owned(),
        Said::Unexpected => "unexpected response".to_owned(),
        Said::Other(kind) => kind.clone(),
    })
}

fn judge_success(ended: &Ended, arrivals: &[Arrival]) -> Verdict {
    let done = match ended.kind.nature {
        Nature::Read => return Verdict::Right,
        Nature::Again => arrivals.iter().any(|arrival| arrival.effect),
        Nature::Once(once) => arrivals
            .iter()
            .any(|arrival| arrival.effect && arrival.operation == once),
    };
    if done {
        Verdict::Right
    } else {
        Verdict::Wrong("reported as done, but never carried out".to_owned())
    }
}

/// Whoever was asked to wait a second has waited one.
fn judge_waits(arrivals: &[Arrival]) -> Option<Verdict> {
    let early = arrivals.windows(2).find(|pair| {
        let Some(Trouble::BusyAfter(seconds)) = pair[0].trouble else {
            return false;
        };
        let waited = pair[1].at.duration_since(pair[0].at);
        pair[0].operation == pair[1].operation && waited.as_secs() < seconds
    })?;
    let waited = early[1].at.duration_since(early[0].at);
    Some(Verdict::Wrong(format!(
        "{} came again after {waited:?}, before the time it was asked to wait",
        early[0].operation
    )))
}

/// The services hold what the operation is said to have done, and that once.
fn judge_state(
    world: &World,
    state: &State,
    ended: &Ended,
    arrivals: &[Arrival],
    verdict: &Verdict,
) -> Option<Verdict> {
    let count = (ended.kind.count?)(world, state, ended.op);
    if count > 1 {
        return Some(Verdict::Doubled(format!("it is there {count} times")));
    }
    let is_done = matches!(verdict, Verdict::Right | Verdict::Settled);
    if is_done && count == 0 {
        return Some(Verdict::Lost(
            "done, but the service does not show it".to_owned(),
        ));
    }
    let Nature::Once(once) = ended.kind.nature else {
        return None;
    };
    let effect = arrivals
        .iter()
        .any(|arrival| arrival.effect && arrival.operation == once);
    (count != u64::from(effect)).then(|| {
        Verdict::Wrong(format!(
            "carried out: {effect}, but it is there {count} times"
        ))
    })
}

/// What an error has to say after its last attempt ended like this.
fn expected(trouble: Trouble) -> Said {
    match trouble {
        Trouble::Busy | Trouble::BusyAfter(_) => Said::Status(429),
        Trouble::Broken => Said::Status(500),
        Trouble::Unavailable => Said::Status(503),
        Trouble::BadGatewayPage => Said::Status(502),
        Trouble::ResetBefore | Trouble::ResetAfter | Trouble::ResetDuring | Trouble::CutOff => {
            Said::Transport
        }
        Trouble::HalfJson | Trouble::Page => Said::Unexpected,
        Trouble::Stall => Said::Timeout,
    }
}

fn from_facade(error: &idweave::Error) -> Failure {
    use idweave::ErrorKind;
    let said = match (error.kind(), error.status()) {
        (ErrorKind::Timeout, None) => Said::Timeout,
        (ErrorKind::Transport, _) => Said::Transport,
        (ErrorKind::UnexpectedResponse, _) => Said::Unexpected,
        (kind, Some(status)) if kind == ErrorKind::from_status(status) => Said::Status(status),
        (kind, _) => Said::Other(format!("{kind:?}")),
    };
    Failure {
        said,
        operation: error.operation().map(str::to_owned),
        retryable: error.is_retryable(),
        text: told(error),
    }
}

fn from_transport(error: &transport::Error) -> Failure {
    use transport::ErrorKind;
    let said = match (error.kind(), error.status()) {
        (ErrorKind::Timeout, _) => Said::Timeout,
        (ErrorKind::Transport | ErrorKind::Connect, _) => Said::Transport,
        (ErrorKind::Decode, _) => Said::Unexpected,
        (ErrorKind::Status, Some(status)) => Said::Status(status.as_u16()),
        (kind, _) => Said::Other(format!("{kind:?}")),
    };
    Failure {
        said,
        operation: error.operation().map(str::to_owned),
        retryable: error.is_retryable(),
        text: told(error),
    }
}

/// The error with all that caused it.
fn told(error: &dyn std::error::Error) -> String {
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
    use crate::chaos::kinds::{self, Op};
    use std::time::{Duration, Instant};

    fn ended(name: &str, outcome: Result<(), Mishap>) -> Ended {
        let kind = kinds::all().into_iter().find(|kind| kind.name == name);
        Ended {
            op: Op {
                number: 1,
                ordinal: 0,
            },
            kind: kind.unwrap(),
            outcome,
            waited: Duration::ZERO,
        }
    }

    fn arrival(operation: &'static str, effect: bool, trouble: Option<Trouble>) -> Arrival {
        let status = trouble.is_none().then_some(200);
        Arrival {
            operation,
            trouble,
            effect,
            status,
            at: Instant::now(),
        }
    }

    fn outcome(ended: &Ended, arrivals: &[Arrival]) -> Verdict {
        judge_effects(ended, arrivals).unwrap_or_else(|| judge_outcome(ended, arrivals))
    }

    #[test]
    fn judge_reports_a_second_effect_and_a_second_attempt() {
        let lost_response = arrival("addGroup", true, Some(Trouble::ResetAfter));
        let done = arrival("addGroup", true, None);
        let unheard = arrival("addGroup", false, Some(Trouble::ResetBefore));
        let ended = ended("addGroup", Ok(()));
        assert_eq!(outcome(&ended, &[done]), Verdict::Right);
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
            Err(Mishap::Facade(
                error
                    .with_operation("linkThirdPartyAccount")
                    .with_status(503),
            ))
        };
        let attempt = |trouble: Trouble, status: u16| Arrival {
            status: Some(status),
            ..arrival("linkThirdPartyAccount", false, Some(trouble))
        };
        let mut linking = ended("links().link()", error());
        let early = outcome(&linking, &[attempt(Trouble::Unavailable, 503)]);
        assert!(matches!(early, Verdict::Lost(_)), "{early:?}");
        let all = [attempt(Trouble::Unavailable, 503); ATTEMPTS];
        assert_eq!(outcome(&linking, &all), Verdict::Failed("503".to_owned()));
        let other = outcome(&linking, &[attempt(Trouble::Broken, 500); ATTEMPTS]);
        assert!(matches!(other, Verdict::Wrong(_)), "{other:?}");
        linking.outcome = Ok(());
        let claimed = outcome(&linking, &all);
        assert!(matches!(claimed, Verdict::Wrong(_)), "{claimed:?}");
    }

    #[test]
    fn judge_reports_a_retry_before_retry_after() {
        let asked = arrival("getUser", false, Some(Trouble::BusyAfter(1)));
        let early = arrival("getUser", true, None);
        assert!(judge_waits(&[asked, early]).is_some());
        let patient = Arrival {
            at: asked.at + Duration::from_secs(1),
            ..early
        };
        assert!(judge_waits(&[asked, patient]).is_none());
    }
}

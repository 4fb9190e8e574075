//! Judges what a difference means for callers: whether a request that was accepted may be refused, or a response may hold what
//! a reader was not written for.

use std::collections::BTreeSet;

use serde::Serialize;

use super::direction::{Direction, is_success};
use crate::specs::compare::Difference;

/// What a change means for callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// A caller of the old document may fail.
    Breaking,
    /// A caller of the old document goes on.
    Compatible,
}

/// Judges a difference of something that is sent this way.
pub(super) fn effect(difference: &Difference, used: Direction) -> Effect {
    let breaking =
        (used.sent && breaks_sender(difference)) || (used.received && breaks_reader(difference));
    if breaking {
        Effect::Breaking
    } else {
        Effect::Compatible
    }
}

/// Tells whether a request that was accepted before may now be refused.
fn breaks_sender(d: &Difference) -> bool {
    let (old, new) = (d.vendor.as_deref(), d.ours.as_deref());
    match d.aspect {
        "present" if d.part.is_empty() => old.is_some(),
        // A new part breaks nothing unless its own `required` says so.
        "present" => old.is_some(),
        "required" => new == Some("yes"),
        "type" | "style" => true,
        "values" => lost(old, new),
        "security" => lost_alternative(old, new),
        "nullable" => new.is_none(),
        "minimum" | "exclusiveMinimum" | "minLength" | "minItems" => {
            tightened(old, new, |o, n| n > o)
        }
        "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" => {
            tightened(old, new, |o, n| n < o)
        }
        "pattern" | "multipleOf" => new.is_some(),
        "servers" | "OpenAPI" | "deprecated" | "default" | "write-only" => false,
        "read-only" => new == Some("yes"),
        _ => false,
    }
}

/// Tells whether a response may now hold what a reader was not written for.
fn breaks_reader(d: &Difference) -> bool {
    let (old, new) = (d.vendor.as_deref(), d.ours.as_deref());
    match d.aspect {
        // Error statuses may change; callers rely on a success.
        "present" => old.is_some() && is_expected(&d.part),
        "required" => new != Some("yes"),
        "type" => is_expected(&d.part),
        "nullable" => new == Some("yes"),
        _ => false,
    }
}

/// Tells whether a caller relies on this part: everything but error statuses and what they contain.
fn is_expected(part: &str) -> bool {
    part.strip_prefix("status ").is_none_or(is_success)
}

fn lost(old: Option<&str>, new: Option<&str>) -> bool {
    match (old, new) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(old), Some(new)) => {
            let new: BTreeSet<&str> = new.split(", ").collect();
            old.split(", ").any(|value| !new.contains(value))
        }
    }
}

fn lost_alternative(old: Option<&str>, new: Option<&str>) -> bool {
    let set = |text: Option<&str>| {
        text.unwrap_or("none")
            .split(" or ")
            .map(str::to_owned)
            .collect::<BTreeSet<_>>()
    };
    let (old, new) = (set(old), set(new));
    !new.contains("none") && old.iter().any(|alternative| !new.contains(alternative))
}

fn tightened(old: Option<&str>, new: Option<&str>, tighter: impl Fn(f64, f64) -> bool) -> bool {
    let number = |text: Option<&str>| text.and_then(|t| t.parse::<f64>().ok());
    match (number(old), number(new)) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(old), Some(new)) => tighter(old, new),
    }
}

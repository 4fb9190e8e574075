//! The end of one operation, which the judge and the report look at.

use std::time::Duration;

use super::kinds::{Kind, Mishap, Op};

/// How one operation ended, as its caller saw it.
pub struct Ended {
    pub op: Op,
    pub kind: &'static Kind,
    pub outcome: Result<(), Mishap>,
    pub waited: Duration,
}

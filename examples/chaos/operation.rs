//! An operation of the run: its call, its effect, and the verification of its result.

use std::{future::Future, pin::Pin, time::Duration};

use super::{
    cancellation::Cancellation,
    environment::{Environment, Failure},
    state::State,
};

/// One operation of the run.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// The number in the run.
    pub number: u64,
    /// The number among operations of the same kind.
    pub ordinal: usize,
}

impl Operation {
    /// Returns a name that is unique in the run.
    pub fn name(self) -> String {
        format!("chaos-{}", self.number)
    }

    /// Returns an e-mail address that is unique in the run.
    pub fn email(self) -> String {
        format!("chaos-{}@acme.io", self.number)
    }
}

/// The error of an operation.
#[derive(Debug)]
pub enum OperationError {
    /// Success with a wrong result.
    Wrong(String),
    /// Success of a removal of what did not exist.
    RemovedNothing,
    /// The caller dropped it.
    Cancelled(Cancellation),
    Facade(idweave::Error),
    Low(idweave_transport::Error),
}

impl From<idweave::Error> for OperationError {
    fn from(error: idweave::Error) -> Self {
        Self::Facade(error)
    }
}

impl From<idweave_transport::Error> for OperationError {
    fn from(error: idweave_transport::Error) -> Self {
        Self::Low(error)
    }
}

/// The effect of an operation on the service, stated here independently of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Changes something, and can be repeated.
    Idempotent,
    /// Changes something at most once, by the vendor's operation.
    Once(&'static str),
}

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
pub type Run = for<'a> fn(&'a Environment, Operation) -> BoxFuture<'a, Result<(), OperationError>>;
pub type Prepare = for<'a> fn(&'a Environment, Operation) -> BoxFuture<'a, Result<String, Failure>>;
/// Returns how often the effect is in the services' state after the run.
pub type Count = fn(&Environment, &State, Operation) -> u64;

/// A kind of operation.
pub struct OperationKind {
    pub service: &'static str,
    pub name: &'static str,
    /// The share of the run.
    pub weight: u64,
    pub effect: Effect,
    pub run: Run,
    pub prepare: Option<Prepare>,
    pub count: Option<Count>,
}

/// The outcome of an operation, as its caller saw it.
pub struct Execution {
    pub op: Operation,
    pub kind: &'static OperationKind,
    pub outcome: Result<(), OperationError>,
    pub waited: Duration,
}

/// Creates a function of the environment and an operation.
macro_rules! task {
    (|$env:ident, $op:ident| $body:expr) => {
        |$env, $op| Box::pin(async move { $body })
    };
}
pub(super) use task;

/// Returns an error unless the result is correct.
pub fn ensure(is_correct: bool, what: &str) -> Result<(), OperationError> {
    if is_correct {
        return Ok(());
    }
    Err(OperationError::Wrong(what.to_owned()))
}

/// Returns an error unless the service returned "not found".
pub fn absent<T>(outcome: Result<T, idweave::Error>) -> Result<(), OperationError> {
    match outcome {
        Ok(_) => Err(OperationError::Wrong(
            "found what does not exist".to_owned(),
        )),
        Err(error) if error.kind() == idweave::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Returns an error unless the service returned "not found" to a removal, or may have lost a response before.
pub fn removed_nothing(outcome: Result<(), idweave::Error>) -> Result<(), OperationError> {
    match outcome {
        Ok(()) => Err(OperationError::RemovedNothing),
        outcome => absent(outcome),
    }
}

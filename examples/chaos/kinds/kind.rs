//! What a kind of operation consists of, and how its result is checked.

use std::{future::Future, pin::Pin};

use super::super::{
    state::State,
    world::{Failure, World},
};

/// One operation of the run.
#[derive(Clone, Copy, Debug)]
pub struct Op {
    /// Its number in the run.
    pub number: u64,
    /// Its number among those of its kind.
    pub ordinal: usize,
}

impl Op {
    /// A name nothing else in the run has.
    pub fn name(self) -> String {
        format!("chaos-{}", self.number)
    }

    /// An address nothing else in the run has.
    pub fn email(self) -> String {
        format!("chaos-{}@acme.io", self.number)
    }
}

/// Why an operation did not end well.
#[derive(Debug)]
pub enum Mishap {
    /// It said it did, but its result is wrong.
    Wrong(String),
    Facade(idweave::Error),
    Low(idweave_transport::Error),
}

impl From<idweave::Error> for Mishap {
    fn from(error: idweave::Error) -> Self {
        Self::Facade(error)
    }
}

impl From<idweave_transport::Error> for Mishap {
    fn from(error: idweave_transport::Error) -> Self {
        Self::Low(error)
    }
}

/// What the operation may do to the service, said here and not taken from the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// Changes nothing.
    Read,
    /// Changes something, and twice is as good as once.
    Again,
    /// Changes something, and must do so once at most: the vendor's operation.
    Once(&'static str),
}

type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
pub type Run = for<'a> fn(&'a World, Op) -> Later<'a, Result<(), Mishap>>;
pub type Prepare = for<'a> fn(&'a World, Op) -> Later<'a, Result<String, Failure>>;
/// How often the effect is in the services' state after the run.
pub type Count = fn(&World, &State, Op) -> u64;

/// One kind of operation.
pub struct Kind {
    pub service: &'static str,
    pub name: &'static str,
    /// Its share of the run.
    pub weight: u64,
    pub nature: Nature,
    pub run: Run,
    pub prepare: Option<Prepare>,
    pub count: Option<Count>,
}

/// A function of the world and an operation.
macro_rules! task {
    (|$world:ident, $op:ident| $body:expr) => {
        |$world, $op| Box::pin(async move { $body })
    };
}
pub(super) use task;

/// Passes when the result is right.
pub(super) fn right(is_right: bool, what: &str) -> Result<(), Mishap> {
    if is_right {
        return Ok(());
    }
    Err(Mishap::Wrong(what.to_owned()))
}

/// Passes when the service said there is no such thing.
pub(super) fn absent<T>(outcome: Result<T, idweave::Error>) -> Result<(), Mishap> {
    match outcome {
        Ok(_) => Err(Mishap::Wrong("found what is not there".to_owned())),
        Err(error) if error.kind() == idweave::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error.into()),
    }
}

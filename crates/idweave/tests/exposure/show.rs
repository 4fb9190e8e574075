//! All that can be printed of a response or an error.

use std::{collections::BTreeSet, fmt::Debug, future::Future};

use idweave_transport::{BoxFuture, Bytes, Call, Error, ResponseValue};

use crate::log::print_error;

/// Sends a call and prints its response.
pub type Show = for<'a> fn(Call<'a>) -> BoxFuture<'a, Result<Print, Error>>;

/// What was printed of a response, and its body, which holds what must not be in there.
pub struct Print {
    pub operation: String,
    pub text: String,
    pub body: Bytes,
}

/// Prints a response of this type in every way there is.
pub async fn show<T: Debug>(
    response: impl Future<Output = Result<ResponseValue<T>, Error>>,
) -> Result<Print, Error> {
    let response = response.await?;
    Ok(Print {
        operation: String::new(),
        text: format!("{response:?}\n{:?}", response.headers()),
        body: response.body().clone(),
    })
}

impl Print {
    /// Prints an error and its causes in every way there is.
    pub fn of_error(error: &Error) -> Self {
        Self {
            operation: String::new(),
            text: print_error(error),
            body: error.body().clone(),
        }
    }

    pub fn of(self, operation: &str) -> Self {
        Self {
            operation: operation.to_owned(),
            ..self
        }
    }
}

/// Returns each line of a log once: most of TRACE is the same for every call.
pub fn distinct_lines(log: &str) -> String {
    let lines = log.lines().map(|line| {
        // A line begins with its time, and a span ends with how long it took.
        let line = line.split_once("Z ").map_or(line, |(_, line)| line);
        line.split_once(" time.busy=")
            .map_or(line, |(line, _)| line)
    });
    let lines: BTreeSet<&str> = lines.collect();
    lines.into_iter().collect::<Vec<_>>().join("\n")
}

//! All that can be printed of a response or an error.

use std::{
    fmt::{Debug, Write as _},
    future::Future,
    io::Write,
    sync::{Arc, Mutex},
};

use idweave_transport::{BoxFuture, Bytes, Call, Error, ResponseValue};

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
        let mut text = format!("{:?}\n", error.detail());
        let mut cause: Option<&dyn std::error::Error> = Some(error);
        while let Some(error) = cause {
            writeln!(text, "{error}\n{error:?}\n{error:#?}").unwrap();
            cause = error.source();
        }
        Self {
            operation: String::new(),
            text,
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

/// Everything that is logged.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Logs at the lowest level, for the whole process.
    pub fn start() -> Self {
        let log = Self::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .init();
        log
    }

    /// Returns what was logged since the last time, each line once: most of TRACE is the same for every call.
    pub fn take(&self) -> String {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap());
        let text = String::from_utf8_lossy(&bytes);
        let lines = text.lines().map(|line| {
            // A line begins with its time, and a span ends with how long it took.
            let line = line.split_once("Z ").map_or(line, |(_, line)| line);
            line.split_once(" time.busy=")
                .map_or(line, |(line, _)| line)
        });
        let lines: std::collections::BTreeSet<&str> = lines.collect();
        lines.into_iter().collect::<Vec<_>>().join("\n")
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

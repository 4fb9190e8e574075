//! All that is logged and all that an error prints, to be searched for what must not be there.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex},
};

use idweave_transport::Error;
use tracing_subscriber::{filter::LevelFilter, fmt::format::FmtSpan};

/// What was printed so far.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Logs everything at the lowest level, for the whole process.
    pub fn start() -> Self {
        let log = Self::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_span_events(FmtSpan::FULL)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .init();
        log
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }

    /// Returns the text, and begins anew.
    pub fn take(&self) -> String {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap());
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Prints an error and its causes in every way there is.
pub fn print_error(error: &Error) -> String {
    let mut text = format!("{}\n", error.detail().unwrap_or_default());
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        writeln!(text, "{error} {error:?} {error:#?}").unwrap();
        cause = error.source();
    }
    text
}

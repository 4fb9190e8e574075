//! Secrets read from files and from what programs print, both within bounds.

use std::{path::Path, process::Stdio, time::Duration};

use tokio::{
    io::AsyncReadExt as _,
    process::{Child, Command},
    time::timeout,
};
use zeroize::Zeroizing;

use crate::{Error, ErrorKind, Secret};

/// The longest secret that is read; a log file given by mistake is not one.
const MAX_SECRET_BYTES: usize = 64 * 1024;

/// How long a program may take that prints a secret, unless set otherwise.
pub(super) const COMMAND_TIME_LIMIT: Duration = Duration::from_secs(60);

/// How long the end of a killed program is waited for.
pub(super) const KILL_TIME: Duration = Duration::from_secs(5);

impl Secret {
    /// Reads a secret from a file; white space around it is not part of it.
    ///
    /// No more than 64 KiB are read.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`] when the file cannot be read, is empty, longer than 64 KiB, or not text.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        use std::io::Read as _;
        let mut bytes = buffer();
        std::fs::File::open(path)
            .and_then(|file| {
                file.take(MAX_SECRET_BYTES as u64 + 1)
                    .read_to_end(&mut bytes)
            })
            .map_err(|error| {
                Error::new(
                    ErrorKind::Credentials,
                    "the file of a secret cannot be read",
                )
                .with_source(error)
            })?;
        text(&bytes, "the file of a secret")
    }

    /// Runs a program, without a shell, and takes what it prints. Blocks until then.
    ///
    /// Its standard error is the caller's own. The program is killed when it has not ended
    /// within a minute, and when it prints more than 64 KiB.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`] when it cannot be run, fails, prints no text or too much, or takes too long.
    pub fn from_command<'a>(
        program: &str,
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, Error> {
        let arguments: Vec<_> = arguments.into_iter().map(str::to_owned).collect();
        let run = || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(|error| not_run().with_source(error))?
                .block_on(read_command(program, &arguments, COMMAND_TIME_LIMIT))
        };
        // The caller's thread may belong to a runtime, which does not allow another one on it.
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new()
                .spawn_scoped(scope, run)
                .map_err(|error| not_run().with_source(error))?;
            thread.join().unwrap_or_else(|_| Err(not_run()))
        })
    }
}

/// Runs a program and takes what it prints; kills it when it prints too much or has not ended in time.
pub(super) async fn read_command(
    program: &str,
    arguments: &[String],
    time_limit: Duration,
) -> Result<Secret, Error> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        // Where the runtime ends before the program does.
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| not_run().with_source(error))?;
    let outcome = timeout(time_limit, read_output(&mut child)).await;
    let outcome = outcome.unwrap_or_else(|_| {
        Err(Error::new(
            ErrorKind::Credentials,
            format!(
                "the command of a secret did not end within {} s",
                time_limit.as_secs_f32()
            ),
        ))
    });
    if outcome.is_err() {
        // Fails where it has ended already. A process that survives the signal is not waited for.
        let _ = timeout(KILL_TIME, child.kill()).await;
    }
    outcome
}

async fn read_output(child: &mut Child) -> Result<Secret, Error> {
    let mut printed = buffer();
    if let Some(output) = child.stdout.take() {
        output
            .take(MAX_SECRET_BYTES as u64 + 1)
            .read_to_end(&mut printed)
            .await
            .map_err(|error| not_run().with_source(error))?;
    }
    if printed.len() <= MAX_SECRET_BYTES {
        let status = child.wait().await;
        let status = status.map_err(|error| not_run().with_source(error))?;
        if !status.success() {
            return Err(Error::new(
                ErrorKind::Credentials,
                format!("the command of a secret failed ({status})"),
            ));
        }
    }
    text(&printed, "the output of a secret's command")
}

fn not_run() -> Error {
    Error::new(
        ErrorKind::Credentials,
        "the command of a secret cannot be run",
    )
}

/// Large enough never to move, which would leave a copy in memory.
fn buffer() -> Zeroizing<Vec<u8>> {
    Zeroizing::new(Vec::with_capacity(MAX_SECRET_BYTES + 64))
}

fn text(bytes: &[u8], what: &str) -> Result<Secret, Error> {
    let wrong = |why: &str| Error::new(ErrorKind::Credentials, format!("{what} {why}"));
    if bytes.len() > MAX_SECRET_BYTES {
        return Err(wrong("is too long to be one"));
    }
    match std::str::from_utf8(bytes).map(str::trim) {
        Ok("") => Err(wrong("is empty")),
        Ok(text) => Ok(text.into()),
        Err(_) => Err(wrong("is not text")),
    }
}

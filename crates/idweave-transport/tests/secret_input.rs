//! Secrets from files and programs: how much is read of them, how long they may take, and what is left behind.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::{
    io::{PipeReader, Write as _},
    os::fd::AsRawFd as _,
    path::Path,
    process::Command,
    time::Duration,
};

use common::{POST, Server, json};
use idweave_transport::{ErrorKind, Secret, TokenCommand, TokenFile};
use tempfile::TempDir;
use tokio::time::Instant;

/// A program that writes its process id to `file` and then runs for longer than any test.
fn endless(file: &Path) -> TokenCommand {
    let script = r#"echo $$ > "$1.new"; mv "$1.new" "$1"; exec sleep 1000"#;
    TokenCommand::new("sh", ["-c", script, "sh", file.to_str().unwrap()])
}

/// Whether there is a process of the id in `file`, be it one that ended and was not waited for.
fn is_running(file: &Path) -> bool {
    let id = std::fs::read_to_string(file).unwrap();
    let outcome = Command::new("kill").args(["-0", id.trim()]).output();
    outcome.unwrap().status.success()
}

#[tokio::test]
async fn token_command_is_killed_and_reaped_at_its_time_limit() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("id");
    let server = Server::start(|_, _| json(200, "{}")).await;
    let session = server
        .builder()
        .credentials(endless(&file).time_limit(Duration::from_millis(500)))
        .build()
        .unwrap();
    let error = session.call(&POST).empty().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert!(error.to_string().contains("within 0.5 s"), "{error}");
    assert_eq!(server.count(), 0);
    assert!(!is_running(&file));
}

#[tokio::test(start_paused = true)]
async fn token_command_has_a_minute_unless_set_otherwise() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(|_, _| json(200, "{}")).await;
    let session = server
        .builder()
        .credentials(endless(&folder.path().join("id")))
        .build()
        .unwrap();
    let started = Instant::now();
    let error = session.call(&POST).empty().await.unwrap_err();
    assert!(error.to_string().contains("within 60 s"), "{error}");
    // And what it takes to end it, for which the clock that stands still may jump ahead.
    let elapsed = started.elapsed().as_secs();
    assert!((60..=70).contains(&elapsed), "{elapsed}");
}

#[tokio::test]
async fn token_command_outlives_a_call_that_is_out_of_time() {
    let folder = TempDir::new().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let server = Server::start(|_, _| json(200, "{}")).await;
    // Prints the token once somebody has written it.
    let command = TokenCommand::new("cat", [pipe.to_str().unwrap()]);
    let hurried = server
        .builder()
        .credentials(command.clone())
        .timeout(Duration::from_millis(200))
        .build()
        .unwrap();
    let error = hurried.call(&POST).empty().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(server.count(), 0);
    let patient = server.builder().credentials(command).build().unwrap();
    let call = tokio::spawn(async move { patient.call(&POST).empty().await.map(drop) });
    // Opening it waits for the program to read.
    let write = move || std::fs::write(pipe, "t0ken\n");
    tokio::task::spawn_blocking(write).await.unwrap().unwrap();
    call.await.unwrap().unwrap();
    let request = server.only();
    assert_eq!(request.header("authorization"), Some("Bearer t0ken"));
}

/// A script that prints a megabyte, and leaves a file behind when all of it was read.
const LONG: &str = r#"head -c 1000000 /dev/zero && echo > "$1""#;

#[tokio::test]
async fn output_of_a_command_is_read_up_to_its_limit() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("all-read");
    let arguments = ["-c", LONG, "sh", file.to_str().unwrap()];
    let error = Secret::from_command("sh", arguments).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert!(error.to_string().contains("too long"), "{error}");
    assert!(!file.exists());

    let server = Server::start(|_, _| json(200, "{}")).await;
    let session = server
        .builder()
        .credentials(TokenCommand::new("sh", arguments))
        .build()
        .unwrap();
    let error = session.call(&POST).empty().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert!(error.to_string().contains("too long"), "{error}");
    assert!(!file.exists());
    assert_eq!(server.count(), 0);
}

#[test]
fn command_of_a_secret_works_within_a_runtime_and_without_one() {
    assert_eq!(
        Secret::from_command("echo", ["t0ken"]).unwrap().expose(),
        "t0ken"
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let secret = Secret::from_command("printf", ["%65536s", "t0ken"]).unwrap();
        assert_eq!(secret.expose(), "t0ken");
    });
    for (program, arguments) in [
        ("false", &[][..]),
        ("true", &[]),
        ("/MARK/none", &[]),
        ("printf", &["\\377"]),
        ("printf", &["%65537s", "t0ken"]),
    ] {
        let error = Secret::from_command(program, arguments.iter().copied()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials, "{program}");
        assert!(!format!("{error} {error:?}").contains("MARK"), "{error:?}");
    }
}

/// Fills a pipe until nobody reads it, and returns how much went in.
fn fill(mut writer: std::io::PipeWriter) -> usize {
    // A reader without a bound must end, too.
    let chunk = [b'x'; 4096];
    (0..2_000)
        .take_while(|_| writer.write_all(&chunk).is_ok())
        .count()
        * chunk.len()
}

fn path_of(reader: &PipeReader) -> String {
    format!("/dev/fd/{}", reader.as_raw_fd())
}

#[tokio::test]
async fn file_of_a_secret_is_read_up_to_its_limit() {
    let (reader, writer) = std::io::pipe().unwrap();
    let written = std::thread::spawn(move || fill(writer));
    let error = Secret::from_file(path_of(&reader)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert!(error.to_string().contains("too long"), "{error}");
    drop(reader);
    // What was read, and what still fits into the pipe.
    assert!(written.join().unwrap() < 1_000_000);

    let (reader, writer) = std::io::pipe().unwrap();
    let written = std::thread::spawn(move || fill(writer));
    let server = Server::start(|_, _| json(200, "{}")).await;
    let session = server
        .builder()
        .credentials(TokenFile::new(path_of(&reader)))
        .build()
        .unwrap();
    let error = session.call(&POST).empty().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    drop(reader);
    assert!(written.join().unwrap() < 1_000_000);
    assert_eq!(server.count(), 0);
}

//! A test run again in a process of its own, with environment variables that the parent sets.
//!
//! Variables of the running process cannot be changed safely, and other tests would see them.

use std::process::{Output, Stdio};

/// Variables that decide which proxy or which root certificates are used.
const INHERITED: &[&str] = &[
    "ALL_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "all_proxy",
    "https_proxy",
    "http_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// Runs one ignored test of this binary, without any inherited setting, and returns what it printed.
pub(crate) async fn run(test: &str, variables: &[(&str, &str)]) -> String {
    let mut command = tokio::process::Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--ignored", "--nocapture"]);
    INHERITED.iter().for_each(|name| {
        command.env_remove(name);
    });
    let Output {
        status,
        stdout,
        stderr,
    } = command
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let stdout = String::from_utf8(stdout).unwrap();
    assert!(
        status.success() && stdout.contains("1 passed"),
        "{test}: {stdout}{}",
        String::from_utf8_lossy(&stderr)
    );
    stdout
}

/// A variable of the parent, or nothing where the test was not started by one.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

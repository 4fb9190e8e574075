//! The sandbox as a program: starts the four services on loopback and prints how to reach them.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser;
use idweave_sandbox::Sandbox;
use tokio::io::AsyncReadExt as _;

/// Emulates ONLYOFFICE DocSpace, Authress, Ostrom and Enhance on loopback.
#[derive(Debug, Parser)]
#[command(name = "idweave-sandbox")]
struct Arguments {
    /// Print the addresses and credentials as one JSON line, and nothing else, on standard output
    #[arg(long)]
    json: bool,
    /// First of five ports in a row; free ports when left out
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Stop when standard input closes
    #[arg(long)]
    until_eof: bool,
    /// Seed of all generated data; without one, credentials differ from start to start
    #[arg(long)]
    seed: Option<u64>,
    /// How many users each service has
    #[arg(long, default_value_t = 25)]
    users: usize,
    /// Reject what the real services only tolerate, and apply their documented limits
    #[arg(long)]
    strict: bool,
    /// Also serve a web page, on a port of its own
    #[arg(long)]
    page: bool,
    /// Respond to requests for this host too: NAME or NAME:PORT, as a tunnel or container sends it
    #[arg(long, value_name = "HOST")]
    allow_host: Vec<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = tokio::runtime::Runtime::new().and_then(|runtime| {
        let result = runtime.block_on(run(arguments));
        // A read of standard input cannot be taken back; do not wait for it.
        runtime.shutdown_background();
        result
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("idweave-sandbox: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> std::io::Result<()> {
    // Before anything is printed: whoever reads that may interrupt at once.
    let interrupted = interruption()?;
    let mut builder = Sandbox::builder()
        .port(arguments.port)
        .users(arguments.users)
        .strict(arguments.strict)
        .page(arguments.page);
    if let Some(seed) = arguments.seed {
        builder = builder.seed(seed);
    }
    for host in arguments.allow_host {
        builder = builder.allow_host(host);
    }
    let sandbox = builder.start().await?;
    {
        let mut out = std::io::stdout().lock();
        if arguments.json {
            let mut line = serde_json::to_value(sandbox.access()).map_err(std::io::Error::other)?;
            if let (Some(page), Some(fields)) = (sandbox.page_url(), line.as_object_mut()) {
                fields.insert("page".to_owned(), page.into());
            }
            writeln!(out, "{line}")?;
        } else {
            print_access(&mut out, &sandbox)?;
        }
        out.flush()?;
    }
    if arguments.until_eof {
        tokio::select! {
            () = interrupted => {}
            () = end_of_input() => {}
        }
    } else {
        interrupted.await;
    }
    sandbox.stop().await;
    Ok(())
}

/// Waits until the program is interrupted: Ctrl-C, or on Unix also a termination signal.
#[cfg(unix)]
fn interruption() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Waits until the program is interrupted.
#[cfg(windows)]
fn interruption() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}

/// Reads standard input until it closes, and ignores what it reads.
async fn end_of_input() {
    let mut input = tokio::io::stdin();
    let mut buffer = [0; 1_024];
    while let Ok(1..) = input.read(&mut buffer).await {}
}

/// Prints one block for each service: its base URL and credentials.
fn print_access(out: &mut impl std::io::Write, sandbox: &Sandbox) -> std::io::Result<()> {
    let access = serde_json::to_value(sandbox.access()).map_err(std::io::Error::other)?;
    for name in ["docspace", "authress", "ostrom", "enhance"] {
        writeln!(out, "{name}")?;
        let Some(fields) = access[name].as_object() else {
            continue;
        };
        for (field, value) in fields {
            match value {
                serde_json::Value::String(text) => writeln!(out, "  {field:24} {text}")?,
                serde_json::Value::Object(inner) => {
                    for (name, value) in inner {
                        writeln!(
                            out,
                            "  {:24} {}",
                            format!("{field}.{name}"),
                            value.as_str().unwrap_or_default()
                        )?;
                    }
                }
                other => writeln!(out, "  {field:24} {other}")?,
            }
        }
    }
    if let Some(page) = sandbox.page_url() {
        writeln!(out, "page\n  {page}")?;
    }
    writeln!(out, "Ctrl-C ends it.")
}

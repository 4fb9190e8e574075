//! How much the sandbox takes: `cargo run --release -p idweave-sandbox --example load -- [users] [seconds]`.
//!
//! Client and services share the process and its cores; each line is one kind of request over
//! keep-alive connections, with the processor time of client and service together, which a busy
//! machine does not spoil. That and the peak memory are read from the kernel (Linux).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use idweave_sandbox::Sandbox;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const CONNECTIONS: usize = 32;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args()
        .skip(1)
        .filter_map(|text| text.parse::<u64>().ok());
    let users = usize::try_from(arguments.next().unwrap_or(10_000)).unwrap_or(10_000);
    let seconds = arguments.next().unwrap_or(3);
    let start = Instant::now();
    let sandbox = Sandbox::builder().users(users).start().await?;
    println!(
        "{users} users in four services, started in {:?}",
        start.elapsed()
    );
    let (docspace, authress, enhance) = (sandbox.docspace(), sandbox.authress(), sandbox.enhance());
    let api = enhance.base_url.trim_end_matches("/api");
    let members = format!("/api/orgs/{}/members?limit=10", enhance.org_id);
    let user = authress.user_id.replace('|', "%7C");
    for (what, base, path, token) in [
        (
            "DocSpace portal/userscount",
            &*docspace.base_url,
            "/api/2.0/portal/userscount",
            &docspace.api_key,
        ),
        (
            "DocSpace people?count=100",
            &docspace.base_url,
            "/api/2.0/people?count=100",
            &docspace.api_key,
        ),
        (
            "Authress users/{id}",
            &authress.base_url,
            &*format!("/v1/users/{user}"),
            &authress.access_key,
        ),
        (
            "Authress users?limit=100",
            &authress.base_url,
            "/v1/users?limit=100",
            &authress.access_key,
        ),
        (
            "Enhance members?limit=10",
            api,
            &members,
            &enhance.access_token,
        ),
        (
            "Enhance version",
            api,
            "/api/version",
            &enhance.access_token,
        ),
    ] {
        let rate = measure(base, path, token, Duration::from_secs(seconds)).await?;
        let (rate, each) = rate;
        println!("{what:28} {rate:>9.0} requests/s {each:>9.1} us of processor each");
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(peak) = status.lines().find(|line| line.starts_with("VmHWM")) {
        println!("{peak}");
    }
    sandbox.stop().await;
    Ok(())
}

/// Requests returned with 200 a second, and microseconds of processor time for each.
async fn measure(
    base: &str,
    path: &str,
    token: &str,
    time: Duration,
) -> std::io::Result<(f64, f64)> {
    let host = base.trim_start_matches("http://").to_owned();
    let request: Arc<[u8]> =
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n")
            .into_bytes()
            .into();
    let (count, stop) = (
        Arc::new(AtomicU64::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let mut tasks = Vec::new();
    for _ in 0..CONNECTIONS {
        let (request, count, stop) = (request.clone(), count.clone(), stop.clone());
        let mut stream = TcpStream::connect(&host).await?;
        stream.set_nodelay(true)?;
        tasks.push(tokio::spawn(async move {
            let mut buffer = vec![0; 1 << 18];
            while !stop.load(Ordering::Relaxed) {
                stream.write_all(&request).await?;
                response(&mut stream, &mut buffer).await?;
                count.fetch_add(1, Ordering::Relaxed);
            }
            Ok::<_, std::io::Error>(())
        }));
    }
    let (start, spent) = (Instant::now(), processor_seconds());
    tokio::time::sleep(time).await;
    let done = count.load(Ordering::Relaxed);
    let elapsed = start.elapsed().as_secs_f64();
    let spent = processor_seconds() - spent;
    stop.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await.map_err(std::io::Error::other)??;
    }
    Ok((done as f64 / elapsed, spent * 1e6 / done as f64))
}

/// Reads one whole response, which must be a 200.
async fn response(stream: &mut TcpStream, buffer: &mut [u8]) -> std::io::Result<()> {
    let mut read = 0;
    loop {
        read += stream.read(&mut buffer[read..]).await?;
        let Some(head) = buffer[..read]
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
        else {
            continue;
        };
        let text = String::from_utf8_lossy(&buffer[..head]).to_ascii_lowercase();
        if !text.starts_with("http/1.1 200") {
            return Err(std::io::Error::other(text));
        }
        let length = text
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| rest.lines().next()?.parse::<usize>().ok());
        if read >= head + 4 + length.unwrap_or(0) {
            return Ok(());
        }
    }
}

/// What this process has used of the processors so far, in and for itself.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
    // Fields 14 and 15, in ticks of a hundredth of a second; two are before the bracket.
    fields
        .skip(11)
        .take(2)
        .filter_map(|text| text.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}

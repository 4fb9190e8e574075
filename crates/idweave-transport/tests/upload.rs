//! Large bodies on slow connections: an upload that makes progress goes on, one that does not ends.
//!
//! The server runs on a thread that the stopped clock waits for, and the clock is moved by hand
//! between its reads.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::Duration,
};

use idweave_transport::{Error, ErrorKind, Method, Operation, ResponseValue, Session};
use tokio::{sync::mpsc as events, task::JoinHandle, time::Instant};

static UPLOAD: Operation = Operation::new("upload", Method::PUT, "/file");

const IDLE: Duration = Duration::from_secs(30);
/// More than the buffers of both ends of a connection take.
const ROUND: usize = 24 * 1024 * 1024;
const ROUNDS: usize = 6;

/// A server that reads what it is told to, and says when it has.
struct SlowServer {
    url: String,
    read: mpsc::Sender<usize>,
    done: events::UnboundedReceiver<()>,
    thread: JoinHandle<()>,
}

impl SlowServer {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (read, orders) = mpsc::channel();
        let (events, done) = events::unbounded_channel();
        let thread = tokio::task::spawn_blocking(move || {
            let (mut stream, _) = listener.accept().unwrap();
            skip_head(&mut stream);
            let mut buffer = vec![0; 256 * 1024];
            events.send(()).unwrap();
            for bytes in orders {
                let mut left: usize = bytes;
                while left > 0 {
                    let most = left.min(buffer.len());
                    match stream.read(&mut buffer[..most]).unwrap() {
                        // The client has given up; the test hears it by the channel's end.
                        0 => return,
                        read => left -= read,
                    }
                }
                if events.send(()).is_err() {
                    return;
                }
            }
            let response = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
            stream.write_all(response.as_bytes()).unwrap();
        });
        Self {
            url,
            read,
            done,
            thread,
        }
    }

    async fn wait(&mut self) {
        self.done.recv().await.unwrap();
    }

    async fn read(&mut self, bytes: usize) {
        self.read.send(bytes).unwrap();
        self.wait().await;
    }

    /// A call that sends all that the server is going to read.
    fn call(&self, bytes: usize) -> JoinHandle<Result<ResponseValue<()>, Error>> {
        let session = Session::builder(&self.url)
            .idle_timeout(IDLE)
            .timeout(Duration::from_secs(3_600))
            .without_retry()
            .build()
            .unwrap();
        tokio::spawn(async move {
            session
                .call(&UPLOAD)
                .raw_body(vec![b'x'; bytes])
                .empty()
                .await
        })
    }
}

fn skip_head(stream: &mut TcpStream) {
    let mut end = [0; 4];
    while end != *b"\r\n\r\n" {
        end.rotate_left(1);
        stream.read_exact(&mut end[3..]).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn upload_that_makes_progress_is_not_ended_by_the_idle_timeout() {
    let mut server = SlowServer::start();
    let started = Instant::now();
    let call = server.call(ROUNDS * ROUND);
    server.wait().await;
    for _ in 0..ROUNDS {
        tokio::time::advance(IDLE * 2 / 3).await;
        server.read(ROUND).await;
    }
    let SlowServer { read, thread, .. } = server;
    drop(read);
    call.await.unwrap().unwrap();
    thread.await.unwrap();
    assert!(started.elapsed() > IDLE * 3, "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn upload_that_nobody_reads_is_ended_by_the_idle_timeout() {
    let mut server = SlowServer::start();
    let started = Instant::now();
    let call = server.call(ROUNDS * ROUND);
    server.wait().await;
    server.read(ROUND).await;
    // The first time, more may have been sent since the call began.
    for _ in 0..3 {
        tokio::time::advance(IDLE).await;
        tokio::task::yield_now().await;
    }
    let error = call.await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Timeout, None));
    assert!(started.elapsed() <= IDLE * 3, "{:?}", started.elapsed());
    assert!(error.to_string().contains("no byte"), "{error}");
    drop(server.read);
    let _ = server.thread.await;
}

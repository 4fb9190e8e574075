//! Every operation travels: to its own path, by its own method, and its refusal comes back whole.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

use @LIB@::{Client, ErrorKind, operations};

/// A server that answers 404 to everything and tells the request lines it read.
fn refusing_server() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (told, lines) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut request_line = String::new();
            let _ = reader.read_line(&mut request_line);
            let mut header = String::new();
            while reader.read_line(&mut header).is_ok_and(|n| n > 2) {
                header.clear();
            }
            let answer =
                "HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
            let _ = stream.write_all(answer.as_bytes());
            if told.send(request_line).is_err() {
                break;
            }
        }
    });
    (url, lines)
}

/// The path of a template whose parameters are all `x`; nothing when percent-encoding would change it.
fn filled(template: &str) -> Option<String> {
    let mut path = String::new();
    for part in template.split('{') {
        path.push_str(
            part.split_once('}')
                .map_or_else(|| part.to_owned(), |(_, rest)| format!("x{rest}"))
                .as_str(),
        );
    }
    let path = path.split('?').next().unwrap_or_default().to_owned();
    path.chars()
        .all(|c| c.is_ascii_alphanumeric() || "/-._~@:".contains(c))
        .then_some(path)
}

#[tokio::test]
async fn every_operation_goes_to_its_own_path_and_keeps_the_refusal() {
    let (url, lines) = refusing_server();
    let client = Client::builder(url).build().unwrap();
    assert!(!operations::ALL.is_empty());
    for operation in operations::ALL {
        let mut call = client.session().call(operation);
        for name in operation
            .path()
            .split('{')
            .skip(1)
            .filter_map(|part| part.split('}').next())
        {
            call = call.path(name, "x");
        }
        let error = call.empty().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Status, "{}", operation.id());
        assert_eq!(error.operation(), Some(operation.id()));
        assert_eq!(
            error.body().as_ref(),
            if operation.method() == "HEAD" {
                b"".as_slice()
            } else {
                b"{}"
            }
        );
        let line = lines.recv().unwrap();
        let mut words = line.split(' ');
        assert_eq!(words.next(), Some(operation.method().as_str()));
        let sent = words
            .next()
            .and_then(|target| target.split('?').next())
            .unwrap_or_default();
        if let Some(path) = filled(operation.path()) {
            assert_eq!(sent, path, "{}", operation.id());
        }
    }
}

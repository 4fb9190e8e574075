//! Names of this machine are resolved by the client, never by DNS (RFC 6761, section 6.3).

use idweave_transport::{Bearer, Session};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::common::{GET, Server, json};

#[tokio::test]
async fn localhost_name_is_reached_on_loopback_without_dns() {
    let server = Server::start(|_, _| json(200, "{}")).await;
    let port = server.url.rsplit(':').next().unwrap();
    for host in ["localhost", "x.localhost", "a.b.localhost", "X.LocalHost"] {
        let session = Session::builder(format!("http://{host}:{port}"))
            .credentials(Bearer::new("token").unwrap())
            .without_retry()
            .build()
            .unwrap();
        session.call(&GET).path("id", 1).empty().await.expect(host);
    }
    assert_eq!(server.count(), 4);
}

#[tokio::test]
async fn localhost_name_is_reached_on_loopback_by_ipv6() {
    let Ok(listener) = TcpListener::bind("[::1]:0").await else {
        // No IPv6 on this machine.
        return;
    };
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await;
        let response = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        stream.write_all(response).await.unwrap();
    });
    let session = Session::builder(format!("http://x.localhost:{port}"))
        .credentials(Bearer::new("token").unwrap())
        .without_retry()
        .build()
        .unwrap();
    session.call(&GET).path("id", 1).empty().await.unwrap();
}

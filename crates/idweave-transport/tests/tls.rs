//! TLS without a process-wide provider: whom the client trusts, and how it proves itself.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::sync::Arc;

use common::PUBLIC;
use idweave_transport::{ClientBuilder, ErrorKind, Session};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
};
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    server::WebPkiClientVerifier,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

/// A certificate authority of the test's own.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    fn issue(&self, name: &str, purpose: ExtendedKeyUsagePurpose) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.extended_key_usages = vec![purpose];
        (params.signed_by(&key, &self.0).unwrap(), key)
    }
}

/// A service at `https://localhost`, which asks for a client certificate of `clients` if there is one.
async fn service(authority: &Authority, clients: Option<&Authority>) -> String {
    let (certificate, key) = authority.issue("localhost", ExtendedKeyUsagePurpose::ServerAuth);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(clients) => {
            let mut roots = RootCertStore::empty();
            roots.add(clients.0.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider)
                .build()
                .unwrap();
            builder.with_client_cert_verifier(verifier)
        }
    };
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = builder
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream
                    .write_all(
                        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}",
                    )
                    .await;
                let _ = stream.shutdown().await;
            });
        }
    });
    format!("https://localhost:{port}")
}

fn builder(url: &str) -> ClientBuilder<Session> {
    Session::builder(url).without_proxy().without_retry()
}

#[tokio::test]
async fn tls_trusts_a_given_root_and_no_other() {
    let authority = Authority::new();
    let url = service(&authority, None).await;
    let trusting = builder(&url)
        .root_certificate(authority.pem())
        .build()
        .unwrap();
    trusting.call(&PUBLIC).empty().await.unwrap();
    for distrusting in [
        builder(&url),
        builder(&url).root_certificate(Authority::new().pem()),
    ] {
        let error = distrusting
            .build()
            .unwrap()
            .call(&PUBLIC)
            .empty()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect);
    }
}

#[tokio::test]
async fn a_certificate_of_another_name_is_refused() {
    let authority = Authority::new();
    let url = service(&authority, None)
        .await
        .replace("localhost", "127.0.0.1");
    let session = builder(&url)
        .root_certificate(authority.pem())
        .build()
        .unwrap();
    assert_eq!(
        session.call(&PUBLIC).empty().await.unwrap_err().kind(),
        ErrorKind::Connect
    );
}

#[tokio::test]
async fn a_client_certificate_is_shown_where_it_is_asked_for() {
    let (authority, clients) = (Authority::new(), Authority::new());
    let url = service(&authority, Some(&clients)).await;
    let (certificate, key) = clients.issue("payroll", ExtendedKeyUsagePurpose::ClientAuth);
    let with = builder(&url)
        .root_certificate(authority.pem())
        .client_certificate(certificate.pem(), key.serialize_pem())
        .build()
        .unwrap();
    with.call(&PUBLIC).empty().await.unwrap();
    let without = builder(&url)
        .root_certificate(authority.pem())
        .build()
        .unwrap();
    assert!(without.call(&PUBLIC).empty().await.is_err());
}

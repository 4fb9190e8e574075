//! TLS without a process-wide provider: whom the client trusts, and how it proves itself.

use idweave_transport::{ClientBuilder, ErrorKind, Session};
use rcgen::ExtendedKeyUsagePurpose;

use crate::{
    authority::{Authority, serve},
    child,
    common::PUBLIC,
};

/// A service at `https://localhost`, which asks for a client certificate of `clients` if there is one.
async fn service(authority: &Authority, clients: Option<&Authority>) -> String {
    let port = serve(authority.acceptor("localhost", &[], clients)).await;
    format!("https://localhost:{port}")
}

fn builder(url: &str) -> ClientBuilder<Session> {
    Session::builder(url).without_retry()
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

/// Calls a service whose authority is added to the platform's roots only after the first call.
#[tokio::test]
#[ignore = "run by other tests, with their environment"]
async fn child_calls_before_and_after_the_roots_can_be_read() {
    let Some(file) = child::variable("SSL_CERT_FILE") else {
        return;
    };
    let authority = Authority::new();
    let url = service(&authority, None).await;
    let mut builder = builder(&url);
    if child::variable("IDWEAVE_TEST_OWN_ROOT").is_some() {
        builder = builder.root_certificate(Authority::new().pem());
    }
    let session = builder.build().unwrap();
    let error = session.call(&PUBLIC).empty().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    std::fs::write(file, authority.pem()).unwrap();
    session.call(&PUBLIC).empty().await.unwrap();
}

#[tokio::test]
async fn failed_load_of_the_platforms_roots_is_tried_again() {
    for own_root in [None, Some(("IDWEAVE_TEST_OWN_ROOT", "1"))] {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("roots.pem");
        let mut variables = vec![("SSL_CERT_FILE", file.to_str().unwrap())];
        variables.extend(own_root);
        let test = "tls::child_calls_before_and_after_the_roots_can_be_read";
        child::run(test, &variables).await;
    }
}

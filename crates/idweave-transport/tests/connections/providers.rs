//! Which TLS provider is used, and that an application with a reqwest of its own works beside it.

use std::{path::Path, process::Stdio};

use idweave_transport::Session;

use crate::{
    authority::{Authority, serve},
    child,
    common::{PUBLIC, Server, json},
};

const MANIFEST: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/connections/application/Cargo.toml"
);

/// Builds the application with these features, runs it against services of this process, and gives
/// what it printed.
async fn application(features: &[&str], https: &str, http: &str, roots: &Path) -> String {
    let output = tokio::process::Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--manifest-path", MANIFEST])
        .arg("--target-dir")
        .arg(concat!(env!("CARGO_TARGET_TMPDIR"), "/application"))
        .args(["--features", &features.join(",")])
        .env("APPLICATION_HTTPS", https)
        .env("APPLICATION_HTTP", http)
        .env("SSL_CERT_FILE", roots)
        .env("NO_PROXY", "*")
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{features:?}: {printed}{complaint}"
    );
    printed
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "builds an application with eighteen sets of features, in minutes; .ci/full runs it"]
async fn application_with_its_own_reqwest_works_whatever_the_provider() {
    let authority = Authority::new();
    let directory = tempfile::tempdir().unwrap();
    let roots = directory.path().join("roots.pem");
    std::fs::write(&roots, authority.pem()).unwrap();
    let https = format!(
        "https://localhost:{}",
        serve(authority.acceptor("localhost", &[], None)).await
    );
    let plain = Server::start(|_, _| json(200, "{}")).await;

    let providers: &[&[&str]] = &[
        &["ring"],
        &["aws-lc-rs"],
        &["ring", "aws-lc-rs"],
        &["install-ring"],
        &["install-aws-lc-rs"],
    ];
    for own in ["", "reqwest", "reqwest-default", "reqwest-no-provider"] {
        for provider in providers {
            let installed = provider[0].starts_with("install");
            if own == "reqwest-no-provider" && !installed {
                // This reqwest asks its application for one, with or without idweave.
                continue;
            }
            let mut features = provider.to_vec();
            features.extend(Some(own).filter(|own| !own.is_empty()));
            let printed = application(&features, &https, &plain.url, &roots).await;
            assert_eq!(printed, "called\n", "{features:?}");
        }
    }
    let printed = application(&["reqwest"], &https, &plain.url, &roots).await;
    assert!(printed.starts_with("refused: "), "{printed}");
    assert!(printed.contains("`ring` or `aws-lc-rs`"), "{printed}");
}

/// What a client offers a TLS service: its cipher suites and key exchanges, which its provider decides.
async fn offer() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let session = Session::builder(format!("https://localhost:{port}"))
        .without_retry()
        .build()
        .unwrap();
    let service = async {
        let (stream, _) = listener.accept().await.unwrap();
        let start = tokio_rustls::LazyConfigAcceptor::new(Default::default(), stream)
            .await
            .unwrap();
        let hello = start.client_hello();
        format!(
            "{:?} {:?}",
            hello.cipher_suites(),
            hello.named_groups().unwrap_or_default()
        )
    };
    let (offer, call) = tokio::join!(service, session.call(&PUBLIC).empty());
    call.expect_err("the service goes away");
    offer
}

#[cfg(feature = "ring")]
#[tokio::test]
async fn ring_is_used_even_if_aws_lc_rs_is_built_too() {
    // Only aws-lc-rs has this key exchange.
    assert!(!offer().await.contains("MLKEM"));
}

#[cfg(all(feature = "aws-lc-rs", not(feature = "ring")))]
#[tokio::test]
async fn aws_lc_rs_is_used_where_it_is_the_only_one() {
    assert!(offer().await.contains("MLKEM"));
}

/// Builds a client after the application has installed a provider with one suite for its process.
#[tokio::test]
#[ignore = "run by other tests, in a process of its own"]
async fn child_offers_what_the_installed_provider_has() {
    let mut provider = rustls::crypto::ring::default_provider();
    provider.cipher_suites =
        vec![rustls::crypto::ring::cipher_suite::TLS13_CHACHA20_POLY1305_SHA256];
    provider.install_default().unwrap();
    println!("offer: {}", offer().await);
}

#[tokio::test]
async fn installed_provider_is_used_before_a_built_in_one() {
    let test = "providers::child_offers_what_the_installed_provider_has";
    let printed = child::run(test, &[]).await;
    assert!(
        printed.contains("TLS13_CHACHA20_POLY1305_SHA256") && !printed.contains("AES"),
        "{printed}"
    );
    assert!(offer().await.contains("AES"));
}

//! An application that calls services by idweave, and others by a reqwest of its own.
//!
//! Started by `../providers.rs` with the address of an https and of an http service. The https
//! service's authority is in `SSL_CERT_FILE`.

use idweave::{IdentityService as _, services::Authress};
use idweave_transport::{ErrorKind, Method, Operation, Session};

static GET: Operation = Operation::new("get", Method::GET, "/");

#[tokio::main(flavor = "current_thread")]
async fn main() {
    #[cfg(feature = "install-ring")]
    rustls::crypto::ring::default_provider()
        .install_default()
        .expect("nobody installs one before");
    #[cfg(feature = "install-aws-lc-rs")]
    rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .expect("nobody installs one before");

    // Before idweave is called: it must not be needed to make this one work.
    #[cfg(feature = "reqwest")]
    let own = reqwest::Client::new();

    let https = std::env::var("APPLICATION_HTTPS").expect("started by the test");
    let session = match Session::builder(&https).without_retry().build() {
        Ok(session) => session,
        Err(error) if error.kind() == ErrorKind::InvalidRequest => {
            println!("refused: {error}");
            return;
        }
        Err(error) => panic!("{error}"),
    };
    session.call(&GET).empty().await.expect("a low-level call");
    let service = Authress::new(&https).expect("a usable address").token("t");
    // `{}` is not a user, but it came.
    let error = service.get_user("u").await.expect_err("not a user");
    assert_eq!(error.status(), Some(200), "{error}");

    #[cfg(feature = "reqwest")]
    {
        let http = std::env::var("APPLICATION_HTTP").expect("started by the test");
        own.get(http).send().await.expect("a plain call of its own");
        #[cfg(any(feature = "reqwest-default", feature = "reqwest-no-provider"))]
        own.get(https).send().await.expect("a TLS call of its own");
    }
    println!("called");
}

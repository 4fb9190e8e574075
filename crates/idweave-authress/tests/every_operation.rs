//! Every operation of the service through every kind of response: each is sent as its template and security say,
//! and nothing secret is printed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../idweave-transport/tests/common/mod.rs"]
mod common;
#[path = "../../idweave-transport/tests/common/every.rs"]
mod every;

#[tokio::test]
async fn every_operation_fits_and_shows_no_secret() {
    every::every_operation(idweave_authress::operations::ALL).await;
}

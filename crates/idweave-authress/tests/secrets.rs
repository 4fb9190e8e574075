//! Nothing secret is ever printed: the access key and every kind of failure
//! at trace level, with everything searched for the marks they carry.
//!
//! One test in a process of its own: the subscriber is the process's.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../idweave-transport/tests/common/mod.rs"]
mod common;
#[path = "../../idweave-transport/tests/common/secrets.rs"]
mod secrets;

use std::sync::Arc;

use common::{Recorded, Reply};
use idweave_authress::{AccessKey, Credentials};

/// The key of RFC 8032 section 7.1 test 1; the mark is the start of its base64.
const ACCESS_KEY: &str =
    "client.key.account.MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g";

fn endpoints(_: &Recorded) -> Option<Reply> {
    None
}

fn credentials(_: &str) -> Vec<Arc<dyn Credentials>> {
    vec![Arc::new(AccessKey::parse(ACCESS_KEY).unwrap())]
}

#[tokio::test]
async fn secrets_are_never_printed() {
    secrets::assert_secrets_are_never_printed(endpoints, credentials, |log| {
        secrets::tell(log, &AccessKey::parse("SECRET.b.c.SECRET").unwrap_err());
    })
    .await;
}

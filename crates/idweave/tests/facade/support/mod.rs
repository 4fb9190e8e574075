//! What the tests of the facade share: a server that records requests, and the nineteen operations as data.

pub mod live;
mod nineteen;
mod recorder;

pub use nineteen::{NINETEEN, Operation};
pub use recorder::{Recorder, Response};

use idweave::{
    Service,
    services::{Authress, DocSpace, Enhance, Ostrom},
};

/// An organization id for Enhance.
pub const ORG: &str = "6c5bb468-14b2-4183-baf2-06d523e03bd3";
/// An id in the form of a GUID.
pub const GUID: &str = "5b0f2d6a-9f2c-4c3e-8f67-7a4a5f0f8b11";
/// A well-formed Authress access key of a key pair made for these tests.
pub const ACCESS_KEY: &str = concat!(
    "client_1.key_1.acc_1.",
    "MC4CAQAwBQYDK2VwBCIEIBqxdYwfrUgzhJE5OON/UcIU7WXm73giR6aI70piBLHO"
);

/// A service that calls a server and does not retry.
pub fn service(service_type: &str, base_url: &str) -> Service {
    let builder = idweave::Hub::builder();
    let builder = match service_type {
        "docspace" => builder.service(docspace(base_url)),
        "authress" => builder.service(authress(base_url)),
        "ostrom" => builder.service(ostrom(base_url)),
        "enhance" => builder.service(enhance(base_url)),
        other => panic!("unknown service {other}"),
    };
    builder
        .build()
        .unwrap()
        .service(service_type)
        .unwrap()
        .clone()
}

pub fn docspace(base_url: &str) -> DocSpace {
    DocSpace::new(base_url)
        .unwrap()
        .api_key("sk-MARK-key")
        .with_retry(false)
}

pub fn authress(base_url: &str) -> Authress {
    Authress::new(base_url)
        .unwrap()
        .access_key(ACCESS_KEY)
        .unwrap()
        .with_retry(false)
}

pub fn ostrom(base_url: &str) -> Ostrom {
    Ostrom::with_urls(base_url, base_url)
        .unwrap()
        .client_credentials("client", "MARK-secret")
        .with_retry(false)
}

pub fn enhance(base_url: &str) -> Enhance {
    Enhance::new(base_url)
        .unwrap()
        .access_token(ORG, "MARK-token")
        .with_retry(false)
}

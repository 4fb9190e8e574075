//! One request out, one whole response in: the only place that knows the HTTP client and TLS.

mod client;
mod response;
mod tls;

pub use self::response::ResponseValue;
pub(crate) use self::{
    client::{HttpClient, Limits, deadline_exceeded},
    response::RawResponse,
    tls::TlsOptions,
};

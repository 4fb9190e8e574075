//! One request out, one whole response in: the only place that knows the HTTP client and TLS.

mod body;
mod client;
mod collected_body;
mod connector;
#[cfg(feature = "gzip")]
mod gzip;
mod proxy;
mod resolver;
mod response;
mod tls;
mod upload;

pub use self::response::ResponseValue;
pub(crate) use self::{
    client::{HttpClient, Limits, deadline_exceeded},
    connector::Connector,
    proxy::ProxySetting,
    response::RawResponse,
    tls::{NO_PROVIDER, TlsOptions},
};

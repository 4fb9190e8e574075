//! A request put together, ready to be sent as often as need be.

use ::http::{HeaderName, HeaderValue};
use bytes::Bytes;

/// What does not change between the attempts of one call.
pub(crate) struct RequestParts {
    pub(crate) url: String,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Option<Body>,
    /// Whether no credentials go along.
    pub(crate) anonymous: bool,
}

/// A body and its media type.
pub(crate) struct Body {
    pub(crate) content: Bytes,
    pub(crate) content_type: HeaderValue,
}

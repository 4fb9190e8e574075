//! What a request is made of: the operation, its path, query, headers and body.

mod multipart;
mod operation;
mod parts;
mod patch;
mod path;
mod percent;
mod query;

pub use self::{
    multipart::Multipart,
    operation::{Operation, Scheme},
    patch::Patch,
    percent::encode_segment,
};
pub(crate) use self::{
    parts::{Body, RequestParts},
    path::Path,
    percent::{append, append_pair},
    query::{Unsupported, fields, scalars},
};

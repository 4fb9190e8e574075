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
};
pub(crate) use self::{
    parts::{Body, RequestParts},
    path::Path,
    percent::{RESERVED, append, append_pair},
    query::{Unsupported, fields, scalars},
};

//! What an application and a generated client hold: the builder, the session and the call.

mod builder;
mod call;
mod session;

pub use self::{
    builder::{ClientBuilder, SessionBuilder},
    call::{Call, ObjectStyle},
    session::Session,
};

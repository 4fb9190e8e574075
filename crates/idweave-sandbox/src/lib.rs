//! ONLYOFFICE DocSpace, Authress, Ostrom and Enhance, emulated in process on loopback.
//!
//! For tests, examples and benchmarks that need services which remember: what one call changes,
//! the next one sees. Each service responds as the real one does (status codes, envelopes, omitted
//! fields, error bodies, permissions), which is not always what its document says. The sandbox
//! stands on the other side of the wire and depends on no other idweave crate, so that client and
//! emulator cannot share a mistake.
//!
//! ```
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! use idweave_sandbox::{Fault, Sandbox};
//!
//! let sandbox = Sandbox::start().await?;
//! let base_url = &sandbox.authress().base_url;      // point any HTTP client there
//! sandbox.fault(Fault::on("authress").operation("getUsers").status(503).retry_after(1).times(2));
//! sandbox.clock().advance(std::time::Duration::from_secs(86_400));
//! assert!(sandbox.requests().is_empty());
//! sandbox.stop().await;
//! # Ok::<(), std::io::Error>(()) }).unwrap();
//! ```

mod access;
mod control;
mod data;
mod engine;
mod page;
mod sandbox;
mod services;

pub use access::{
    Access, AuthressAccess, ClientPair, DocSpaceAccess, EnhanceAccess, Login, OstromAccess,
};
pub use engine::clock::Clock;
pub use engine::fault::Fault;
pub use engine::hooks::{CallInfo, CallOutcome, FaultController};
pub use engine::journal::RecordedRequest;
pub use engine::outbox::Mail;
pub use sandbox::{Builder, DocSpaceInvite, Sandbox};

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(test)]
mod tests {
    mod mutations;
}

//! What the four emulators run on: requests and responses, faults, clock, recording, listeners.

pub(crate) mod clock;
pub(crate) mod env;
pub(crate) mod fault;
pub(crate) mod hooks;
pub(crate) mod journal;
pub(crate) mod outbox;
pub(crate) mod router;
pub(crate) mod server;
pub(crate) mod wire;

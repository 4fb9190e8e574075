//! What the four emulators run on, from the bottom up: requests and replies (`wire`), tables of
//! operations, clock, outbox, recorded requests, faults and hooks; the environment that holds them;
//! the emulator of one service; the connections and the router in front of it.

pub(crate) mod clock;
pub(crate) mod control;
pub(crate) mod delivery;
pub(crate) mod emulator;
pub(crate) mod env;
pub(crate) mod fault;
pub(crate) mod hooks;
pub(crate) mod host;
pub(crate) mod journal;
pub(crate) mod operation;
pub(crate) mod outbox;
pub(crate) mod redact;
pub(crate) mod router;
pub(crate) mod server;
pub(crate) mod wire;

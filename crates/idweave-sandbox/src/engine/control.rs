//! The interface of the control API (`/_sandbox/…`), which every listener serves.

use crate::engine::wire::{Reply, Request};

/// Responds to requests for the sandbox's own paths.
pub(crate) trait ControlApi: Send + Sync + 'static {
    fn respond(&self, request: &Request) -> Reply;
}

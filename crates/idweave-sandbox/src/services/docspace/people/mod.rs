//! Users of the portal: created, changed, listed, found and removed.

pub(super) mod list;
pub(super) mod members;
pub(super) mod photos;
pub(super) mod profiles;
pub(super) mod search;
pub(super) mod self_service;
pub(super) mod status;
pub(super) mod validate;

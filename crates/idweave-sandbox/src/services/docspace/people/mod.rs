//! Users of the portal: made, changed, listed, found and removed.

pub(super) mod members;
pub(super) mod photos;
pub(super) mod profiles;
pub(super) mod search;
pub(super) mod self_service;
pub(super) mod status;

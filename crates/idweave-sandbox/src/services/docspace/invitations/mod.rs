//! Invitation links, and the confirm links that arrive by e-mail.

pub(super) mod confirm;
pub(super) mod links;

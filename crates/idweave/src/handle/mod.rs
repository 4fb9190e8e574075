//! The handle on one service of a hub: what applications call.
//!
//! Every call goes the same way: is the ability there, is the id one of this service, the call itself, and at last the
//! hub's name for the service written into whatever comes back.

mod groups;
mod invites;
mod links;
mod list;
mod service;
mod users;

pub use groups::Groups;
pub use invites::Invites;
pub use links::Links;
pub use list::{GroupList, UserList};
pub use service::Service;
pub use users::Users;

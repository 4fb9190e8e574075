//! The handle on one service of a hub, which applications call.
//!
//! Every call takes the same steps: require the ability, resolve ids, call the service, and write the hub's name for
//! the service into what it returns.

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

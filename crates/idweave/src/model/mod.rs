//! The model that services have in common.
//!
//! Every type is `#[non_exhaustive]`; what services return serializes to JSON and, with the feature `schemars`, has a
//! JSON schema. Secrets are never serialized and never shown by `Debug`; nor does `Debug` show names and addresses.

mod group;
mod invite;
mod link;
mod page;
mod person;
mod provider;
mod role;
mod session;
mod sign_up;
mod timestamp;
mod user;

pub use group::Group;
pub use invite::{AcceptInvite, Invite, InviteCheck, InviteLink, InviteRequest, InviteToken};
pub use link::{ConsentRequest, Link, LinkRequest, LinkState};
pub use page::{Cursor, GroupQuery, Page, UserQuery};
pub use person::{OffboardOutcome, OffboardReport, OffboardStatus, Person, PersonMatches};
pub use provider::{SignInProvider, SignInProviderQuery};
pub use role::Role;
pub use session::{OpenedSession, SessionCookie};
pub use sign_up::SignUpRequest;
pub use timestamp::Timestamp;
pub use user::{CurrentUser, Deletion, User, UserStatus};

/// Setters of optional fields, each named as its field.
macro_rules! setters {
    ($($(#[$doc:meta])* $field:ident: $type:ty,)*) => {
        $(
            $(#[$doc])*
            #[must_use]
            pub fn $field(mut self, $field: impl Into<$type>) -> Self {
                self.$field = Some($field.into());
                self
            }
        )*
    };
}
use setters;

/// The service's own record, kept beside the fields read from it.
macro_rules! raw_record {
    () => {
        /// Returns the service's own record as it was sent, or `null` if there is none.
        pub fn raw(&self) -> &serde_json::Value {
            &self.raw
        }

        /// Adds the service's own record.
        #[must_use]
        pub fn with_raw(mut self, raw: serde_json::Value) -> Self {
            self.raw = raw;
            self
        }
    };
}
use raw_record;

/// Returns the first text that is not blank.
fn first_non_blank<'a>(texts: impl IntoIterator<Item = Option<&'a str>>) -> Option<&'a str> {
    texts
        .into_iter()
        .flatten()
        .map(str::trim)
        .find(|text| !text.is_empty())
}

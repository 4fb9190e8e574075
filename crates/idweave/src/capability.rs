//! What a service can do, as plain data: read by callers, by the tests that choose themselves, and by the matrix in
//! the documentation.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

/// How far a service supports one ability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Support {
    /// The service has an operation for it.
    Native,
    /// Made from other operations of the service; the service's page says from which and at what cost.
    Emulated,
    /// The service cannot do it.
    #[default]
    Unsupported,
    /// The service can; idweave does not offer it yet.
    Planned,
}

impl Support {
    /// Whether calling the ability sends anything.
    pub fn is_available(self) -> bool {
        matches!(self, Self::Native | Self::Emulated)
    }
}

impl fmt::Display for Support {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Native => "native",
            Self::Emulated => "emulated",
            Self::Unsupported => "unsupported",
            Self::Planned => "planned",
        })
    }
}

/// One field of [`Capability`] per ability, one variant of [`Ability`] per field: written once, here.
macro_rules! abilities {
    ($($(#[$doc:meta])* $field:ident, $variant:ident, $call:literal;)*) => {
        /// What a service can do: one field an ability.
        ///
        /// Calling an ability that is not [available](Support::is_available) fails with
        /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) before anything is sent.
        ///
        /// ```
        /// use idweave::{IdentityService, Support, services::Ostrom};
        ///
        /// let ostrom = Ostrom::sandbox().client_credentials("id", "secret");
        /// assert_eq!(ostrom.capability().link_account, Support::Native);
        /// assert_eq!(ostrom.capability().list_users, Support::Unsupported);
        /// ```
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
        #[non_exhaustive]
        pub struct Capability {
            $($(#[$doc])* pub $field: Support,)*
        }

        impl Capability {
            /// The support for one ability.
            pub fn get(&self, ability: Ability) -> Support {
                match ability {
                    $(Ability::$variant => self.$field,)*
                }
            }

            /// This capability with one ability changed, for services of your own.
            #[must_use]
            pub fn with(mut self, ability: Ability, support: Support) -> Self {
                match ability {
                    $(Ability::$variant => self.$field = support,)*
                }
                self
            }

            /// Every ability with its support, in a fixed order.
            pub fn iter(&self) -> impl Iterator<Item = (Ability, Support)> + use<> {
                let this = *self;
                Ability::ALL.iter().map(move |ability| (*ability, this.get(*ability)))
            }
        }

        /// The name of one ability; the fields of [`Capability`] as data.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Ability {
            $($(#[$doc])* $variant,)*
        }

        impl Ability {
            /// All abilities, in the order of the fields of [`Capability`].
            pub const ALL: &'static [Ability] = &[$(Ability::$variant,)*];

            /// The field of [`Capability`] that holds it: `list_users`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($field),)*
                }
            }

            /// How it is spelled on a service's handle: `users().list()`.
            pub fn call(self) -> &'static str {
                match self {
                    $(Self::$variant => $call,)*
                }
            }
        }
    };
}

abilities! {
    /// `users().list()`: walk through the users.
    list_users, ListUsers, "users().list()";
    /// `users().get(id)`: one user by id.
    get_user, GetUser, "users().get()";
    /// `users().count()`: how many there are.
    count_users, CountUsers, "users().count()";
    /// `users().delete(id)`: remove a user.
    delete_user, DeleteUser, "users().delete()";
    /// `invites().create(request)`: invite a person by e-mail.
    create_invite, CreateInvite, "invites().create()";
    /// `invites().validate(token)`: ask whether an invite still holds.
    validate_invite, ValidateInvite, "invites().validate()";
    /// `invites().accept(token, request)`: take an invite up.
    accept_invite, AcceptInvite, "invites().accept()";
    /// `invites().share_link(role)`: a link with which anyone may join.
    share_link, ShareLink, "invites().share_link()";
    /// `links().link(request)`: tie an outside account to a user.
    link_account, LinkAccount, "links().link()";
    /// `links().unlink(key)`: untie it.
    unlink_account, UnlinkAccount, "links().unlink()";
    /// `groups().list()`: walk through groups, teams or tenants.
    list_groups, ListGroups, "groups().list()";
    /// `groups().add_member(group, user)`: put a user in a group.
    add_group_member, AddGroupMember, "groups().add_member()";
    /// `sign_in_providers()`: the ways in besides a password.
    sign_in_providers, SignInProviders, "sign_in_providers()";
    /// `current_user()`: whose credentials are these.
    current_user, CurrentUser, "current_user()";
    /// `sign_up(request)`: join with an outside account.
    sign_up, SignUp, "sign_up()";
}

impl fmt::Display for Ability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.call())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_an_ability_changes_that_one_only() {
        let capability = Capability::default().with(Ability::GetUser, Support::Native);
        for (ability, support) in capability.iter() {
            let expected = if ability == Ability::GetUser {
                Support::Native
            } else {
                Support::Unsupported
            };
            assert_eq!(support, expected, "{ability}");
        }
    }

    #[test]
    fn ability_names_are_the_fields() {
        let json = serde_json::to_value(Capability::default()).unwrap_or_default();
        for ability in Ability::ALL {
            assert!(json.get(ability.name()).is_some(), "{ability}");
        }
    }
}

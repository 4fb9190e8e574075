//! What a service supports, as plain data for callers, tests and documentation.

use std::fmt;

use serde::Serialize;

/// Whether and how a service supports an ability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Support {
    /// The service has an operation for it.
    Native,
    /// Composed of other operations; the documentation of the service says which, and at what cost.
    Emulated,
    /// Not supported by the service.
    #[default]
    Unsupported,
    /// Supported by the service, but not by idweave yet.
    Planned,
}

impl Support {
    /// Returns whether the ability can be called.
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

/// Defines one field of [`Capability`] and one variant of [`Ability`] for each ability.
macro_rules! abilities {
    ($($(#[$doc:meta])* $field:ident, $variant:ident, $call:literal;)*) => {
        /// What a service supports: one field for each ability.
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
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[non_exhaustive]
        pub struct Capability {
            $($(#[$doc])* pub $field: Support,)*
        }

        impl Capability {
            /// Returns the support for an ability.
            pub fn get(&self, ability: Ability) -> Support {
                match ability {
                    $(Ability::$variant => self.$field,)*
                }
            }

            /// Sets the support for an ability, for services of your own.
            #[must_use]
            pub fn with(mut self, ability: Ability, support: Support) -> Self {
                match ability {
                    $(Ability::$variant => self.$field = support,)*
                }
                self
            }

            /// Iterates over all abilities and their support, in a fixed order.
            pub fn iter(&self) -> impl Iterator<Item = (Ability, Support)> + use<> {
                let this = *self;
                Ability::ALL.iter().map(move |ability| (*ability, this.get(*ability)))
            }
        }

        /// An ability: a field of [`Capability`] as data.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Ability {
            $($(#[$doc])* $variant,)*
        }

        impl Ability {
            /// All abilities, in the order of the fields of [`Capability`].
            pub const ALL: &'static [Ability] = &[$(Ability::$variant,)*];

            /// Returns the field of [`Capability`] for this ability, such as `list_users`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($field),)*
                }
            }

            /// Returns the call on a service's handle, such as `users().list()`.
            pub fn call(self) -> &'static str {
                match self {
                    $(Self::$variant => $call,)*
                }
            }
        }
    };
}

abilities! {
    /// `users().list()`: list the users.
    list_users, ListUsers, "users().list()";
    /// `users().get(id)`: get a user by id.
    get_user, GetUser, "users().get()";
    /// `users().count()`: count the users.
    count_users, CountUsers, "users().count()";
    /// `users().delete(id)`: delete a user.
    delete_user, DeleteUser, "users().delete()";
    /// `invites().create(request)`: invite a person by e-mail.
    create_invite, CreateInvite, "invites().create()";
    /// `invites().validate(token)`: check whether an invite is still valid.
    validate_invite, ValidateInvite, "invites().validate()";
    /// `invites().accept(token, request)`: accept an invite.
    accept_invite, AcceptInvite, "invites().accept()";
    /// `invites().share_link(role)`: get a link with which anyone may join.
    share_link, ShareLink, "invites().share_link()";
    /// `links().link(request)`: link an external account to a user.
    link_account, LinkAccount, "links().link()";
    /// `links().unlink(key)`: unlink an external account.
    unlink_account, UnlinkAccount, "links().unlink()";
    /// `groups().list()`: list groups, teams or tenants.
    list_groups, ListGroups, "groups().list()";
    /// `groups().add_member(group, user)`: add a user to a group.
    add_group_member, AddGroupMember, "groups().add_member()";
    /// `sign_in_providers()`: list the sign-in providers.
    sign_in_providers, SignInProviders, "sign_in_providers()";
    /// `current_user()`: get the user whose credentials are in use.
    current_user, CurrentUser, "current_user()";
    /// `sign_up(request)`: sign up with an external account.
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
    fn capability_with_changes_one_ability_only() {
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

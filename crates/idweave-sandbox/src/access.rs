//! Base URLs and credentials of the services: the JSON line of the program.

use serde::Serialize;
use serde_json::Value;

/// An e-mail address and a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Login {
    /// The address to log in with.
    pub email: String,
    /// The password.
    pub password: String,
    /// The id of the user (DocSpace) or login (Enhance).
    pub user_id: String,
}

/// An OAuth2 client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ClientPair {
    /// Client id.
    pub client_id: String,
    /// Client secret.
    pub client_secret: String,
}

/// The DocSpace portal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DocSpaceAccess {
    /// Origin of the portal.
    pub base_url: String,
    /// An API key of the owner with every permission.
    pub api_key: String,
    /// The owner's address.
    pub email: String,
    /// The owner's password.
    pub password: String,
    /// The owner's id.
    pub user_id: String,
    /// An API key of the owner that may only read accounts.
    pub read_only_api_key: String,
    /// A DocSpace admin who is not the owner.
    pub admin: Login,
    /// A plain user.
    pub user: Login,
    /// A guest.
    pub guest: Login,
    /// A user whose account is disabled.
    pub disabled: Login,
    /// A user who logs in with a second factor: the code is in the outbox.
    pub two_factor: Login,
}

/// The Authress account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AuthressAccess {
    /// The custom domain.
    pub base_url: String,
    /// The access key of a service client that may do everything.
    pub access_key: String,
    /// A user.
    pub user_id: String,
    /// A tenant.
    pub tenant_id: String,
    /// The account.
    pub account_id: String,
    /// The access key of a service client without account permissions.
    pub restricted_access_key: String,
    /// An application.
    pub application_id: String,
    /// A connection.
    pub connection_id: String,
}

/// The Ostrom API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OstromAccess {
    /// Origin of the API.
    pub base_url: String,
    /// Origin of the token endpoint.
    pub auth_url: String,
    /// A client of role USER.
    pub user: ClientPair,
    /// A client of role PARTNER.
    pub partner: ClientPair,
    /// The partner's id of a user who has consented.
    pub external_user_id: String,
}

/// The Enhance panel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EnhanceAccess {
    /// Base of the API, ending in `/api`.
    pub base_url: String,
    /// The master organisation.
    pub org_id: String,
    /// A token of the master organisation with role SuperAdmin.
    pub access_token: String,
    /// The owner's address.
    pub email: String,
    /// The owner's password.
    pub password: String,
    /// A token of the master organisation with role Support only.
    pub support_access_token: String,
    /// A token that may be used from 192.0.2.1 only.
    pub restricted_access_token: String,
    /// A customer of the master organisation.
    pub customer_org_id: String,
    /// A token of that customer with role SuperAdmin.
    pub customer_access_token: String,
    /// A website id.
    pub website_id: String,
    /// A member of role Support.
    pub member: Login,
    /// A member who logs in with a pin by e-mail: the pin is in the outbox.
    pub two_factor: Login,
}

/// The base URLs and credentials of all four services.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Access {
    /// ONLYOFFICE DocSpace.
    pub docspace: DocSpaceAccess,
    /// Authress.
    pub authress: AuthressAccess,
    /// Ostrom.
    pub ostrom: OstromAccess,
    /// Enhance.
    pub enhance: EnhanceAccess,
}

impl Access {
    /// Lists the values of the fields that hold a key, a token, a password or a client's secret.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let mut found = Vec::new();
        if let Ok(value) = serde_json::to_value(self) {
            collect_secrets("", &value, &mut found);
        }
        found
    }
}

fn collect_secrets(name: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                collect_secrets(name, value, found);
            }
        }
        Value::String(text) => {
            let kinds = ["key", "token", "password", "secret"];
            if kinds.iter().any(|kind| name.ends_with(kind)) {
                found.push(text.clone());
            }
        }
        _ => {}
    }
}

//! The records of the account: users, service clients and their keys, pending changes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use crate::engine::clock::rfc3339;
use crate::engine::wire::without_nulls;

/// Items by id, in the order of their ids.
pub(crate) type Items = BTreeMap<String, Value>;

/// A user, as the identity provider described them.
#[derive(Clone, Debug)]
pub(crate) struct UserRecord {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) picture: Option<String>,
    pub(crate) tenant: Option<String>,
    pub(crate) token_configuration: Option<Value>,
    /// The identities at connections: connection and user id there.
    pub(crate) linked: Vec<(String, String)>,
}

impl UserRecord {
    pub(crate) fn show(&self) -> Value {
        without_nulls(json!({
            "userId": self.id,
            "name": self.name,
            "picture": self.picture,
            "email": self.email,
            "linkedIdentities": self.linked.iter().map(|(connection, user)| {
                json!({"connection": {"connectionId": connection, "userId": user}})
            }).collect::<Vec<_>>(),
            "tokenConfiguration": self.token_configuration,
        }))
    }

    /// Returns whether one of the text fields contains the (lower-case) filter.
    pub(crate) fn matches(&self, filter: &str) -> bool {
        [Some(&self.id), self.name.as_ref(), self.email.as_ref()]
            .into_iter()
            .flatten()
            .any(|text| text.to_lowercase().contains(filter))
    }
}

/// A key of a service client; only its public half is stored.
#[derive(Clone, Debug)]
pub(crate) struct AccessKey {
    pub(crate) id: String,
    pub(crate) public: Vec<u8>,
    pub(crate) secret: String,
    pub(crate) generated: Timestamp,
    /// The whole access key, to recognise it when it is sent as a bearer token.
    pub(crate) raw: Option<String>,
}

impl AccessKey {
    /// Creates a key from its secret half; returns it with the whole access key. `None` never
    /// happens, as every 32 bytes are a key.
    pub(crate) fn from_secret(
        client: &str,
        account: &str,
        id: String,
        secret: &[u8; 32],
        now: Timestamp,
    ) -> Option<(Self, String)> {
        let pair = Ed25519KeyPair::from_seed_unchecked(secret).ok()?;
        let raw = format!("{client}.{id}.{account}.{}", pkcs8(secret));
        let key = Self {
            id,
            public: pair.public_key().as_ref().to_vec(),
            secret: STANDARD.encode(secret),
            generated: now,
            raw: Some(raw.clone()),
        };
        Some((key, raw))
    }
}

/// Encodes the 32 bytes of an Ed25519 key as PKCS#8 (RFC 8410).
fn pkcs8(secret: &[u8; 32]) -> String {
    let mut der = vec![
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    der.extend_from_slice(secret);
    STANDARD.encode(der)
}

#[derive(Clone, Debug)]
pub(crate) struct ServiceClient {
    pub(crate) value: Value,
    pub(crate) keys: Vec<AccessKey>,
    /// May do everything in the account from the start.
    pub(crate) admin: bool,
}

/// A change that was accepted and completes later.
#[derive(Clone, Debug)]
pub(crate) enum PendingChange {
    DeleteUser(usize),
    UpdateRecord(String, Value),
}

/// An authorization code of a login.
#[derive(Clone, Debug)]
pub(crate) struct AuthorizationCode {
    pub(crate) client: String,
    pub(crate) challenge: String,
    pub(crate) expires: Timestamp,
}

/// An item of a collection, which the API can show.
pub(crate) trait Show {
    fn show(&self) -> Cow<'_, Value>;
}

impl Show for Value {
    fn show(&self) -> Cow<'_, Value> {
        Cow::Borrowed(self)
    }
}

impl Show for ServiceClient {
    fn show(&self) -> Cow<'_, Value> {
        let mut value = self.value.clone();
        let keys: Vec<Value> = self
            .keys
            .iter()
            .map(|key| {
                json!({
                    "keyId": key.id,
                    "clientId": value["clientId"],
                    "generationDate": rfc3339(key.generated),
                })
            })
            .collect();
        value["verificationKeys"] = json!(keys);
        Cow::Owned(value)
    }
}

//! What the account knows.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use crate::access::AuthressAccess;
use crate::data::ids::IdGenerator;
use crate::data::population::{FromSeed, Population};
use crate::data::seed::Seed;
use crate::engine::clock::rfc3339;
use crate::engine::env::Env;

/// A user, as the identity provider described her.
#[derive(Clone, Debug)]
pub(crate) struct UserRecord {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) picture: Option<String>,
    pub(crate) tenant: Option<String>,
    pub(crate) token_configuration: Option<Value>,
    pub(crate) linked: Vec<(String, String)>,
}

/// A key of a service client; only its public half is kept.
#[derive(Clone, Debug)]
pub(crate) struct AccessKey {
    pub(crate) id: String,
    pub(crate) public: Vec<u8>,
    pub(crate) secret: String,
    pub(crate) generated: Timestamp,
    /// A raw access key as bearer is compared to this.
    pub(crate) raw: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct ServiceClient {
    pub(crate) value: Value,
    pub(crate) keys: Vec<AccessKey>,
    /// May do everything in the account from the start.
    pub(crate) admin: bool,
}

/// A change that was accepted and finishes later.
#[derive(Clone, Debug)]
pub(crate) enum Pending {
    DeleteUser(usize),
    Record(String, Value),
}

/// An authorization code of a login.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) client: String,
    pub(crate) challenge: String,
    pub(crate) expires: Timestamp,
}

/// Things by id, in the order of their ids.
pub(crate) type Shelf = BTreeMap<String, Value>;

/// The state of the Authress emulator.
pub(crate) struct Authress {
    pub(crate) env: Arc<Env>,
    pub(crate) ids: IdGenerator,
    pub(crate) account: String,
    pub(crate) users: Population<UserRecord>,
    pub(crate) pending: Vec<(Timestamp, Pending)>,
    pub(crate) clients: BTreeMap<String, ServiceClient>,
    pub(crate) tenants: Shelf,
    pub(crate) groups: Shelf,
    pub(crate) roles: Shelf,
    pub(crate) records: Shelf,
    pub(crate) requests: Shelf,
    pub(crate) invites: Shelf,
    pub(crate) connections: Shelf,
    pub(crate) applications: Shelf,
    pub(crate) extensions: Shelf,
    pub(crate) resources: Shelf,
    pub(crate) identities: Vec<Value>,
    pub(crate) codes: HashMap<String, Code>,
    /// Whose the tokens are that this account has signed and not revoked, by their id.
    pub(crate) issued: HashMap<String, String>,
}

const USER_KIND: u64 = 0x20;

pub(crate) const TENANTS: [&str; 3] = ["acme", "globex", "initech"];

impl FromSeed for UserRecord {
    fn from_seed(seed: &Seed, index: usize) -> Self {
        let person = seed.person(index);
        let id = format!("auth0|{}", seed.short_of(USER_KIND, index));
        // A user is in one tenant at most; some are in none, and some profiles are bare.
        let tenant = TENANTS
            .get((seed.mix(30, index) % 4) as usize)
            .map(|name| (*name).to_owned());
        let bare = index > 0 && index.is_multiple_of(13);
        Self {
            name: (!bare).then(|| format!("{} {}", person.first, person.last)),
            email: Some(person.email),
            picture: (!bare).then(|| format!("https://example.com/people/{index}.png")),
            tenant: if index == 0 {
                Some(TENANTS[0].to_owned())
            } else {
                tenant
            },
            token_configuration: None,
            linked: vec![("con_acme".to_owned(), id.clone())],
            id,
        }
    }

    fn index_of(seed: &Seed, id: &str) -> Option<usize> {
        seed.index_of_short(USER_KIND, id.strip_prefix("auth0|")?)
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn email(&self) -> Option<&str> {
        self.email.as_deref()
    }
}

impl UserRecord {
    pub(crate) fn show(&self) -> Value {
        crate::engine::wire::without_nulls(json!({
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

    /// Whether one of the text fields holds the (lower-case) filter.
    pub(crate) fn matches(&self, filter: &str) -> bool {
        [Some(&self.id), self.name.as_ref(), self.email.as_ref()]
            .into_iter()
            .flatten()
            .any(|text| text.to_lowercase().contains(filter))
    }
}

fn account_id(seed: &Seed) -> String {
    format!("acc_{}", &seed.hex("authress/account")[..12])
}

/// PKCS#8 (RFC 8410) around the 32 bytes of an Ed25519 key.
pub(crate) fn pkcs8(secret: &[u8; 32]) -> String {
    let mut der = vec![
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    der.extend_from_slice(secret);
    STANDARD.encode(der)
}

/// A key from its secret half; none never happens, as every 32 bytes are a key.
pub(crate) fn access_key(
    client: &str,
    account: &str,
    id: String,
    secret: &[u8; 32],
    now: Timestamp,
) -> Option<(AccessKey, String)> {
    let pair = Ed25519KeyPair::from_seed_unchecked(secret).ok()?;
    let raw = format!("{client}.{id}.{account}.{}", pkcs8(secret));
    let key = AccessKey {
        id,
        public: pair.public_key().as_ref().to_vec(),
        secret: STANDARD.encode(secret),
        generated: now,
        raw: Some(raw.clone()),
    };
    Some((key, raw))
}

fn seeded_key(seed: &Seed, name: &str) -> Option<(String, AccessKey, String)> {
    let client = format!("sc_{}", &seed.hex(&format!("authress/client/{name}"))[..12]);
    let id = seed.hex(&format!("authress/key-id/{name}"))[..4].to_owned();
    let secret = seed.bytes(&format!("authress/key/{name}"));
    let (key, raw) = access_key(&client, &account_id(seed), id, &secret, start())?;
    Some((client, key, raw))
}

fn start() -> Timestamp {
    Timestamp::from_second(1_704_067_200).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// What opens the seeded account.
pub(crate) fn access(env: &Env) -> AuthressAccess {
    let seed = &env.seed;
    let key = |name: &str| {
        seeded_key(seed, name)
            .map(|(_, _, raw)| raw)
            .unwrap_or_default()
    };
    AuthressAccess {
        base_url: env.base_urls.authress.to_string(),
        access_key: key("admin"),
        user_id: UserRecord::from_seed(seed, 0).id,
        tenant_id: TENANTS[0].to_owned(),
        account_id: account_id(seed),
        restricted_access_key: key("restricted"),
        application_id: "app_default".to_owned(),
        connection_id: "con_acme".to_owned(),
    }
}

pub(crate) fn seed(env: Arc<Env>) -> Authress {
    let seed = &env.seed;
    let created = rfc3339(start());
    let base = env.base_urls.authress.to_string();
    let user = |index: usize| json!({"userId": UserRecord::from_seed(seed, index).id});
    let shelf = |items: Vec<(&str, Value)>| {
        items
            .into_iter()
            .map(|(id, value)| (id.to_owned(), value))
            .collect()
    };
    let link = |path: &str| json!({"self": {"href": format!("{base}{path}")}});
    let account = account_id(seed);

    let clients = ["admin", "restricted"]
        .iter()
        .filter_map(|name| {
            let (id, key, _) = seeded_key(seed, name)?;
            let value = json!({
                "clientId": id, "createdTime": created, "name": format!("Sandbox {name}"),
                "options": {"grantUserPermissionsAccess": *name == "admin", "grantTokenGeneration": *name == "admin"},
            });
            Some((id, ServiceClient { value, keys: vec![key], admin: *name == "admin" }))
        })
        .collect();

    let tenants = TENANTS
        .iter()
        .enumerate()
        .map(|(at, id)| {
            let name = ["Acme", "Globex", "Initech"][at];
            (
                (*id).to_owned(),
                json!({
                    "tenantId": id, "tenantLookupIdentifier": id, "data": {"name": name},
                    "connection": {"connectionId": format!("con_{id}")}, "createdTime": created,
                }),
            )
        })
        .collect();
    let connections = TENANTS
        .iter()
        .map(|id| {
            let id = format!("con_{id}");
            (id.clone(), json!({
                "connectionId": id, "type": "OAUTH2", "authenticationUrl": "https://idp.example.com/authorize",
                "tokenUrl": "https://idp.example.com/token", "clientId": "idp-client", "createdTime": created,
                "data": {"name": id, "supportedContentType": "application/json"},
            }))
        })
        .collect();
    let permission = |action: &str, all: bool| json!({"action": action, "allow": true, "grant": all, "delegate": all});
    let role = |id: &str, name: &str, permissions: Vec<Value>| json!({"roleId": id, "name": name, "description": "", "permissions": permissions});
    let statement = json!({"roles": ["ro_editor"], "resources": [{"resourceUri": "documents/*"}]});
    Authress {
        ids: IdGenerator::new(seed, "authress"),
        users: Population::new(seed, env.options.users),
        pending: Vec::new(),
        clients,
        tenants,
        groups: shelf(vec![(
            "grp_engineering",
            json!({
                "groupId": "grp_engineering", "name": "Engineering", "lastUpdated": created,
                "users": [user(0), user(1), user(2)], "admins": [user(0)], "links": link("/v1/groups/grp_engineering"),
            }),
        )]),
        roles: shelf(vec![
            (
                "Authress:Owner",
                role("Authress:Owner", "Owner", vec![permission("*", true)]),
            ),
            (
                "ro_editor",
                role(
                    "ro_editor",
                    "Editor",
                    vec![
                        permission("documents:read", false),
                        permission("documents:write", false),
                    ],
                ),
            ),
            (
                "ro_viewer",
                role(
                    "ro_viewer",
                    "Viewer",
                    vec![permission("documents:read", false)],
                ),
            ),
        ]),
        records: shelf(vec![(
            "rec_documents",
            json!({
                "recordId": "rec_documents", "name": "Documents", "status": "ACTIVE", "capacity": 0.01,
                "lastUpdated": created, "account": {"accountId": account}, "users": [], "admins": [user(0)],
                "groups": [{"groupId": "grp_engineering"}], "statements": [statement],
                "links": link("/v1/records/rec_documents"),
            }),
        )]),
        requests: Shelf::new(),
        invites: Shelf::new(),
        connections,
        applications: shelf(vec![(
            "app_default",
            json!({
                "applicationId": "app_default", "name": "Acme App", "redirectUrls": ["http://127.0.0.1/callback"],
                "audiences": [], "createdTime": created, "isActiveApplication": true,
            }),
        )]),
        extensions: Shelf::new(),
        resources: Shelf::new(),
        identities: Vec::new(),
        codes: HashMap::new(),
        issued: HashMap::new(),
        account,
        env,
    }
}

impl Authress {
    pub(crate) fn href(&self, path: &str) -> Value {
        json!({"self": {"href": format!("{}{path}", self.env.base_urls.authress)}})
    }

    /// Accepts a change that takes effect after the sandbox's settling time.
    pub(crate) fn later(&mut self, now: Timestamp, change: Pending) {
        self.pending.push((
            crate::engine::clock::later(now, self.env.options.async_delay),
            change,
        ));
    }

    pub(crate) fn finish_pending(&mut self, now: Timestamp) {
        if self.pending.iter().all(|(due, _)| *due > now) {
            return;
        }
        let (due, waiting) = std::mem::take(&mut self.pending)
            .into_iter()
            .partition(|(due, _)| *due <= now);
        self.pending = waiting;
        let due: Vec<(Timestamp, Pending)> = due;
        for (_, change) in due {
            match change {
                Pending::DeleteUser(position) => self.delete_user(position),
                Pending::Record(id, value) => {
                    if self.records.contains_key(&id) {
                        self.records.insert(id, value);
                    }
                }
            }
        }
    }

    /// Removes the user and what she was granted.
    fn delete_user(&mut self, position: usize) {
        let Some(id) = self.users.get(position).map(|user| user.id.clone()) else {
            return;
        };
        self.users.remove(position);
        let is_user = |value: &Value| value["userId"] == id.as_str();
        for value in self.groups.values_mut().chain(self.records.values_mut()) {
            for field in ["users", "admins"] {
                if let Some(users) = value.get_mut(field).and_then(Value::as_array_mut) {
                    users.retain(|user| !is_user(user));
                }
            }
            for statement in value
                .get_mut("statements")
                .and_then(Value::as_array_mut)
                .into_iter()
                .flatten()
            {
                if let Some(users) = statement.get_mut("users").and_then(Value::as_array_mut) {
                    users.retain(|user| !is_user(user));
                }
            }
        }
    }

    pub(crate) fn describe(&self) -> Value {
        json!({
            "accountId": self.account,
            "users": self.users.iter_from(0).take(1_000).map(|(_, user)| {
                let mut value = user.show();
                value["tenantId"] = json!(user.tenant);
                value
            }).collect::<Vec<_>>(),
            "usersTotal": self.users.len(),
            "pending": self.pending.len(),
            "tenants": self.tenants.values().collect::<Vec<_>>(),
            "groups": self.groups.values().collect::<Vec<_>>(),
            "roles": self.roles.values().collect::<Vec<_>>(),
            "records": self.records.values().collect::<Vec<_>>(),
            "invites": self.invites.values().collect::<Vec<_>>(),
            "requests": self.requests.values().collect::<Vec<_>>(),
            "clients": self.clients.values().map(|client| &client.value).collect::<Vec<_>>(),
        })
    }
}

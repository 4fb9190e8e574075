//! What the account holds from the start: users, service clients, tenants, groups, roles, records.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::model::{AccessKey, Items, ServiceClient, UserRecord};
use crate::access::AuthressAccess;
use crate::data::population::FromSeed;
use crate::data::seed::Seed;
use crate::engine::clock::rfc3339;
use crate::engine::env::Env;

const USER_KIND: u64 = 0x20;

const TENANTS: [&str; 3] = ["acme", "globex", "initech"];

/// The connection that seeded users have logged in through.
pub(crate) const CONNECTION: &str = "con_acme";

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
            linked: vec![(CONNECTION.to_owned(), id.clone())],
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

/// Returns the base URL and credentials of the seeded account.
pub(crate) fn access(env: &Env) -> AuthressAccess {
    let seed = &env.seed;
    let key = |name: &str| {
        access_key(seed, name)
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
        connection_id: CONNECTION.to_owned(),
    }
}

/// When everything seeded was created.
fn start() -> Timestamp {
    Timestamp::from_second(1_704_067_200).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn created() -> String {
    rfc3339(start())
}

pub(crate) fn account_id(seed: &Seed) -> String {
    format!("acc_{}", &seed.hex("authress/account")[..12])
}

/// Returns the id of a seeded service client, its key, and the whole access key.
fn access_key(seed: &Seed, name: &str) -> Option<(String, AccessKey, String)> {
    let client = format!("sc_{}", &seed.hex(&format!("authress/client/{name}"))[..12]);
    let id = seed.hex(&format!("authress/key-id/{name}"))[..4].to_owned();
    let secret = seed.bytes(&format!("authress/key/{name}"));
    let (key, raw) = AccessKey::from_secret(&client, &account_id(seed), id, &secret, start())?;
    Some((client, key, raw))
}

pub(crate) fn clients(seed: &Seed) -> BTreeMap<String, ServiceClient> {
    let client = |name: &str| {
        let (id, key, _) = access_key(seed, name)?;
        let admin = name == "admin";
        let value = json!({
            "clientId": id,
            "createdTime": created(),
            "name": format!("Sandbox {name}"),
            "options": {"grantUserPermissionsAccess": admin, "grantTokenGeneration": admin},
        });
        let keys = vec![key];
        Some((id, ServiceClient { value, keys, admin }))
    };
    ["admin", "restricted"]
        .into_iter()
        .filter_map(client)
        .collect()
}

pub(crate) fn tenants() -> Items {
    let tenant = |(id, name): (&str, &str)| {
        let value = json!({
            "tenantId": id,
            "tenantLookupIdentifier": id,
            "data": {"name": name},
            "connection": {"connectionId": format!("con_{id}")},
            "createdTime": created(),
        });
        (id.to_owned(), value)
    };
    TENANTS
        .into_iter()
        .zip(["Acme", "Globex", "Initech"])
        .map(tenant)
        .collect()
}

pub(crate) fn connections() -> Items {
    let connection = |tenant: &str| {
        let id = format!("con_{tenant}");
        let value = json!({
            "connectionId": id,
            "type": "OAUTH2",
            "authenticationUrl": "https://idp.example.com/authorize",
            "tokenUrl": "https://idp.example.com/token",
            "clientId": "idp-client",
            "createdTime": created(),
            "data": {"name": id, "supportedContentType": "application/json"},
        });
        (id, value)
    };
    TENANTS.into_iter().map(connection).collect()
}

pub(crate) fn applications() -> Items {
    items([(
        "app_default",
        json!({
            "applicationId": "app_default",
            "name": "Acme App",
            "redirectUrls": ["http://127.0.0.1/callback"],
            "audiences": [],
            "createdTime": created(),
            "isActiveApplication": true,
        }),
    )])
}

pub(crate) fn groups(env: &Env) -> Items {
    items([(
        "grp_engineering",
        json!({
            "groupId": "grp_engineering",
            "name": "Engineering",
            "lastUpdated": created(),
            "users": [user(env, 0), user(env, 1), user(env, 2)],
            "admins": [user(env, 0)],
            "links": links(env, "/v1/groups/grp_engineering"),
        }),
    )])
}

pub(crate) fn roles() -> Items {
    let permission = |action: &str, all: bool| json!({"action": action, "allow": true, "grant": all, "delegate": all});
    let role = |id: &'static str, name: &str, permissions: Vec<Value>| {
        let value =
            json!({"roleId": id, "name": name, "description": "", "permissions": permissions});
        (id, value)
    };
    let (read, write) = (
        permission("documents:read", false),
        permission("documents:write", false),
    );
    items([
        role("Authress:Owner", "Owner", vec![permission("*", true)]),
        role("ro_editor", "Editor", vec![read.clone(), write]),
        role("ro_viewer", "Viewer", vec![read]),
    ])
}

pub(crate) fn records(env: &Env) -> Items {
    let statement = json!({"roles": ["ro_editor"], "resources": [{"resourceUri": "documents/*"}]});
    items([(
        "rec_documents",
        json!({
            "recordId": "rec_documents",
            "name": "Documents",
            "status": "ACTIVE",
            "capacity": 0.01,
            "lastUpdated": created(),
            "account": {"accountId": account_id(&env.seed)},
            "users": [],
            "admins": [user(env, 0)],
            "groups": [{"groupId": "grp_engineering"}],
            "statements": [statement],
            "links": links(env, "/v1/records/rec_documents"),
        }),
    )])
}

fn items<const N: usize>(items: [(&str, Value); N]) -> Items {
    items
        .into_iter()
        .map(|(id, value)| (id.to_owned(), value))
        .collect()
}

fn user(env: &Env, index: usize) -> Value {
    json!({"userId": UserRecord::from_seed(&env.seed, index).id})
}

fn links(env: &Env, path: &str) -> Value {
    json!({"self": {"href": format!("{}{path}", env.base_urls.authress)}})
}

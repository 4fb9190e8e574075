//! What the portal holds from the start: users, API keys, a group.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::model::{
    ACTIVE, ApiKey, Group, PENDING, Password, SERVICE, TERMINATED, UserRecord, UserType,
};
use crate::access::{DocSpaceAccess, Login};
use crate::data::population::FromSeed;
use crate::data::seed::Seed;
use crate::engine::env::Env;

const USER_KIND: u64 = 0x30;

/// The seeded positions with a role in tests.
pub(crate) const OWNER: usize = 0;
pub(crate) const ADMIN: usize = 1;
const ROOM_ADMIN: usize = 2;
const USER: usize = 3;
const GUEST: usize = 4;
const DISABLED: usize = 5;
const INVITED: usize = 6;
const TWO_FACTOR: usize = 7;

/// How many users there are at least: those with a role in tests.
pub(crate) const MIN_USERS: usize = TWO_FACTOR + 1;

/// Returns the state a user is seeded with; cheap, for counts over millions.
pub(crate) fn status(seed: &Seed, index: usize) -> u8 {
    match index {
        DISABLED => TERMINATED,
        INVITED => PENDING,
        OWNER..=TWO_FACTOR => ACTIVE,
        _ => match seed.mix(40, index) % 16 {
            0 => TERMINATED,
            1 => PENDING,
            _ => ACTIVE,
        },
    }
}

impl FromSeed for UserRecord {
    fn from_seed(seed: &Seed, index: usize) -> Self {
        let person = seed.person(index);
        let user_type = match index {
            OWNER | ADMIN => UserType::DocSpaceAdmin,
            ROOM_ADMIN => UserType::RoomAdmin,
            USER | DISABLED | INVITED | TWO_FACTOR => UserType::User,
            GUEST => UserType::Guest,
            _ => [
                UserType::User,
                UserType::User,
                UserType::RoomAdmin,
                UserType::Guest,
            ][(seed.mix(41, index) % 4) as usize],
        };
        let status = status(seed, index);
        let created = Timestamp::from_second(1_704_103_200 + (index as i64 % 600_000) * 60)
            .unwrap_or(Timestamp::UNIX_EPOCH);
        let (local_part, _) = person.email.split_once('@').unwrap_or_default();
        Self {
            id: seed.uuid_of(USER_KIND, index),
            user_name: local_part.to_owned(),
            first: person.first.to_owned(),
            last: person.last.to_owned(),
            email: person.email,
            user_type,
            owner: index == OWNER,
            status,
            activation: u8::from(status != PENDING),
            created,
            modified: created,
            terminated: (status == TERMINATED).then_some(created),
            created_by: (index != OWNER).then(|| seed.uuid_of(USER_KIND, OWNER)),
            culture: None,
            location: None,
            notes: None,
            contacts: Vec::new(),
            mobile: None,
            theme: "Base",
            photo: None,
            password: if status == PENDING {
                Password::None
            } else {
                Password::Seeded(index)
            },
            quota: None,
            two_factor: index == TWO_FACTOR,
            links: if index == ADMIN {
                BTreeMap::from([("google".to_owned(), "seeded".to_owned())])
            } else {
                BTreeMap::new()
            },
            spam: false,
        }
    }

    fn index_of(seed: &Seed, id: &str) -> Option<usize> {
        seed.index_of_uuid(USER_KIND, id)
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn email(&self) -> Option<&str> {
        Some(&self.email)
    }
}

/// Returns the base URL and credentials of the seeded portal.
pub(crate) fn access(env: &Env) -> DocSpaceAccess {
    let seed = &env.seed;
    let login = |index: usize| {
        let user = UserRecord::from_seed(seed, index);
        Login {
            email: user.email,
            password: seed.password(SERVICE, index),
            user_id: user.id,
        }
    };
    let owner = login(OWNER);
    DocSpaceAccess {
        base_url: env.base_urls.docspace.to_string(),
        api_key: api_key(seed, "owner"),
        email: owner.email,
        password: owner.password,
        user_id: owner.user_id,
        read_only_api_key: api_key(seed, "reader"),
        admin: login(ADMIN),
        user: login(USER),
        guest: login(GUEST),
        disabled: login(DISABLED),
        two_factor: login(TWO_FACTOR),
    }
}

fn api_key(seed: &Seed, name: &str) -> String {
    format!("sk-{}", seed.hex(&format!("docspace/key/{name}")))
}

/// Returns the API keys of the owner.
pub(crate) fn keys(seed: &Seed) -> Vec<ApiKey> {
    let key = |name: &str, permission: &str| ApiKey {
        id: seed.uuid(&format!("docspace/key/{name}")),
        name: name.to_owned(),
        key: api_key(seed, name),
        permissions: vec![permission.to_owned()],
        owner: OWNER,
        created: Timestamp::from_second(1_704_067_200).unwrap_or(Timestamp::UNIX_EPOCH),
        used: None,
        expires: None,
        active: true,
    };
    vec![key("owner", "*"), key("reader", "accounts:read")]
}

/// Returns the groups, by id.
pub(crate) fn groups(seed: &Seed) -> BTreeMap<String, Group> {
    let id = seed.uuid("docspace/group");
    let user = |index: usize| UserRecord::from_seed(seed, index).id;
    let group = Group {
        id: id.clone(),
        name: "Engineering".to_owned(),
        manager: Some(user(OWNER)),
        members: (0..4).map(user).collect(),
    };
    BTreeMap::from([(id, group)])
}

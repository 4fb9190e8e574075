//! What the panel holds from the start: logins, members, organisations, access tokens.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::model::{AuthMethod, LoginRecord, MemberRecord, Org, Password, Role, SERVICE, Token};
use crate::access::{EnhanceAccess, Login};
use crate::data::population::FromSeed;
use crate::data::seed::Seed;
use crate::engine::env::Env;

const LOGIN_KIND: u64 = 0x10;
const MEMBER_KIND: u64 = 0x11;

/// The seeded positions with a role in tests.
const OWNER: usize = 0;
const SUPPORT: usize = 3;
const TWO_FACTOR: usize = 5;

/// Returns when a seeded person joined, one after another from the start of 2024.
fn joined(index: usize) -> Timestamp {
    Timestamp::from_second(1_704_103_200 + (index as i64 % 600_000) * 60)
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

impl FromSeed for LoginRecord {
    fn from_seed(seed: &Seed, index: usize) -> Self {
        let person = seed.person(index);
        Self {
            id: seed.uuid_of(LOGIN_KIND, index),
            realm: seed.enhance_master().to_owned(),
            name: format!("{} {}", person.first, person.last),
            email: person.email,
            password: Password::Seeded(index),
            method: if index == TWO_FACTOR {
                AuthMethod::Email
            } else {
                AuthMethod::Basic
            },
            otp_secret: None,
            locale: "en".to_owned(),
            registered: joined(index),
            password_changed: None,
            avatar: None,
            preferences: None,
        }
    }

    fn index_of(seed: &Seed, id: &str) -> Option<usize> {
        seed.index_of_uuid(LOGIN_KIND, id)
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn email(&self) -> Option<&str> {
        Some(&self.email)
    }
}

impl FromSeed for MemberRecord {
    fn from_seed(seed: &Seed, index: usize) -> Self {
        let role = match index {
            OWNER => Role::Owner,
            1 => Role::SuperAdmin,
            2 => Role::Sysadmin,
            SUPPORT => Role::Support,
            4 => Role::Business,
            _ => [
                Role::Support,
                Role::Business,
                Role::SiteAccess,
                Role::Support,
            ][(seed.mix(20, index) % 4) as usize],
        };
        Self {
            id: seed.uuid_of(MEMBER_KIND, index),
            login_id: seed.uuid_of(LOGIN_KIND, index),
            org: seed.enhance_master().to_owned(),
            active: true,
            sites: if role == Role::SiteAccess {
                vec![website_id(seed)]
            } else {
                Vec::new()
            },
            roles: vec![role],
            notifications: Vec::new(),
            joined: joined(index),
        }
    }

    fn index_of(seed: &Seed, id: &str) -> Option<usize> {
        seed.index_of_uuid(MEMBER_KIND, id)
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn email(&self) -> Option<&str> {
        None
    }
}

/// Returns the base URL and credentials of the seeded panel.
pub(crate) fn access(env: &Env) -> EnhanceAccess {
    let seed = &env.seed;
    let login = |index: usize| {
        let record = LoginRecord::from_seed(seed, index);
        Login {
            email: record.email,
            password: seed.password(SERVICE, index),
            user_id: record.id,
        }
    };
    let owner = login(OWNER);
    EnhanceAccess {
        base_url: format!("{}/api", env.base_urls.enhance),
        org_id: seed.enhance_master().to_owned(),
        access_token: secret(seed, "master"),
        email: owner.email,
        password: owner.password,
        support_access_token: secret(seed, "support"),
        restricted_access_token: secret(seed, "restricted"),
        customer_org_id: customer_id(seed, 0),
        customer_access_token: secret(seed, "customer"),
        website_id: website_id(seed),
        member: login(SUPPORT),
        two_factor: login(TWO_FACTOR),
    }
}

pub(crate) fn website_id(seed: &Seed) -> String {
    seed.uuid("enhance/website")
}

fn customer_id(seed: &Seed, nth: usize) -> String {
    seed.uuid(&format!("enhance/org/customer/{nth}"))
}

/// Returns the organisations, by id: the master, a reseller, customers of both.
pub(crate) fn orgs(seed: &Seed) -> BTreeMap<String, Org> {
    let start = Timestamp::from_second(1_704_067_200).unwrap_or(Timestamp::UNIX_EPOCH);
    let master = seed.enhance_master();
    let reseller = seed.uuid("enhance/org/reseller");
    let customer = |nth: usize| customer_id(seed, nth);
    [
        Org::new(master.to_owned(), None, "Acme Hosting", start),
        Org::new(reseller.clone(), Some(master), "Northwind Reselling", start),
        Org::new(customer(0), Some(master), "Customer One", start),
        Org::new(customer(1), Some(master), "Customer Two", start),
        Org::new(
            customer(2),
            Some(&reseller),
            "Customer of the Reseller",
            start,
        ),
    ]
    .into_iter()
    .map(|org| (org.id.clone(), org))
    .collect()
}

fn secret(seed: &Seed, name: &str) -> String {
    seed.hex(&format!("enhance/token/{name}"))
}

/// Returns the access tokens of the organisations.
pub(crate) fn tokens(seed: &Seed) -> Vec<Token> {
    let token = |name: &str, org: &str, role: Role, ips: Vec<String>| Token {
        id: seed.uuid(&format!("enhance/token/{name}")),
        org: org.to_owned(),
        secret: secret(seed, name),
        roles: vec![role],
        expires: None,
        friendly: Some(name.to_owned()),
        restricted: !ips.is_empty(),
        ips,
    };
    let (master, elsewhere) = (seed.enhance_master(), vec!["192.0.2.1".to_owned()]);
    vec![
        token("master", master, Role::SuperAdmin, vec![]),
        token("support", master, Role::Support, vec![]),
        token("restricted", master, Role::SuperAdmin, elsewhere),
        token("customer", &customer_id(seed, 0), Role::SuperAdmin, vec![]),
    ]
}

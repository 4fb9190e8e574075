//! What the API holds from the start: two clients, and a customer who has consented.

use std::collections::BTreeMap;

use super::model::{Client, LinkedCustomer, READ_CONTRACTS, READ_ORDERS, Role};
use crate::access::{ClientPair, OstromAccess};
use crate::data::seed::Seed;
use crate::engine::env::Env;

/// The partner's id of a customer who has consented from the start.
const CONSENTED_USER: &str = "customer-1001";

/// Returns the base URLs and credentials of the seeded API.
pub(crate) fn access(env: &Env) -> OstromAccess {
    OstromAccess {
        base_url: env.base_urls.ostrom.to_string(),
        auth_url: env.base_urls.ostrom_auth.to_string(),
        user: pair(&env.seed, "user"),
        partner: pair(&env.seed, "partner"),
        external_user_id: CONSENTED_USER.to_owned(),
    }
}

fn pair(seed: &Seed, role: &str) -> ClientPair {
    ClientPair {
        client_id: seed.hex(&format!("ostrom/{role}/id"))[..32].to_owned(),
        client_secret: seed.text(&format!("ostrom/{role}/secret"), 40),
    }
}

/// Returns the clients: one of role USER, one of role PARTNER.
pub(crate) fn clients(seed: &Seed) -> Vec<Client> {
    let client = |role: Role, name: &str| Client {
        pair: pair(seed, name),
        role,
    };
    vec![client(Role::User, "user"), client(Role::Partner, "partner")]
}

/// Returns the linked customers, by the partner's id.
pub(crate) fn customers(seed: &Seed) -> BTreeMap<String, LinkedCustomer> {
    let customer = LinkedCustomer {
        consented: true,
        language: "de-DE".to_owned(),
        redirect_url: "http://127.0.0.1/linked".to_owned(),
        scopes: vec![READ_ORDERS.to_owned(), READ_CONTRACTS.to_owned()],
        link_id: seed.text("ostrom/link", 40),
    };
    BTreeMap::from([(CONSENTED_USER.to_owned(), customer)])
}

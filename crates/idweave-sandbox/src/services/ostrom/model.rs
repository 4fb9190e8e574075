//! The records of the API: clients and their tokens, linked customers, webhooks, rate windows.

use jiff::Timestamp;

use crate::access::ClientPair;

/// The half of the API that a client may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    User,
    Partner,
}

#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) pair: ClientPair,
    pub(crate) role: Role,
}

/// An access token of the client at this position.
#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) client: usize,
    pub(crate) expires: Timestamp,
}

/// A customer that a partner has requested to link.
#[derive(Clone, Debug)]
pub(crate) struct LinkedCustomer {
    pub(crate) consented: bool,
    pub(crate) language: String,
    pub(crate) redirect_url: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) link_id: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    pub(crate) url: String,
    pub(crate) secret: String,
    pub(crate) deliveries: u64,
}

/// A rate window of one minute.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RateWindow {
    pub(crate) start: Timestamp,
    pub(crate) used: u32,
}

/// The scopes a customer can consent to.
pub(crate) const READ_ORDERS: &str = "order:read:data";
pub(crate) const READ_CONTRACTS: &str = "contract:read:data";

//! Contracts, orders and consumption: plausible numbers that repeat with the seed.

use serde_json::{Value, json};

use super::error::{ApiError, HandlerResult, bad_request, forbidden, not_found, ok};
use super::model::{READ_CONTRACTS, READ_ORDERS};
use super::series::steps;
use super::state::Ostrom;
use crate::engine::clock::rfc3339;
use crate::engine::wire::Request;

crate::engine::operation::operations! { Ostrom;
    "getContracts" GET "/contracts" => own_contracts;
    "getContractEnergyConsumption" GET "/contracts/{contractId}/energy-consumption" => own_consumption;
    "getContractsByExternalUserId" GET "/users/{externalUserId}/contracts" => contracts;
    "getContractByExternalUserId" GET "/users/{externalUserId}/contracts/{contractId}" => contract;
    "getContractEnergyConsumptionByExternalUserId" GET "/users/{externalUserId}/contracts/{contractId}/energy-consumption" => consumption;
    "getOrdersByExternalUserId" GET "/users/{externalUserId}/orders" => orders;
    "getOrderByExternalUserId" GET "/users/{externalUserId}/orders/{orderId}" => order;
}

/// Returns a number for the owner of data: the caller, or an external user.
fn household(owner: &str) -> u64 {
    owner.bytes().fold(7, |sum: u64, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(byte))
    })
}

fn contracts_of(state: &Ostrom, owner: &str) -> Vec<Value> {
    let mixed = state.env.seed.mix(11, household(owner) as usize);
    (0..1 + mixed % 2)
        .map(|nth| {
            json!({
                "id": (100_000_000 + mixed % 800_000_000 + nth).to_string(),
                "type": if nth == 0 { "ELECTRICITY" } else { "GAS" },
                "productCode": if nth == 0 { "SIMPLY_DYNAMIC" } else { "basisProdukt" },
                "status": "ACTIVE",
                "customerFirstName": "Max",
                "customerLastName": "Mustermann",
                "startDate": "2024-03-22",
                // A number on the wire, whatever the document says.
                "currentMonthlyDepositAmount": 60 + mixed % 120,
                "address": address(mixed),
            })
        })
        .collect()
}

fn address(mixed: u64) -> Value {
    json!({"zip": "22083", "city": "Hamburg", "street": "Mozartstr.", "houseNumber": (1 + mixed % 90).to_string()})
}

fn orders_of(state: &Ostrom, owner: &str) -> Vec<Value> {
    let mixed = state.env.seed.mix(12, household(owner) as usize);
    vec![json!({
        "id": (300_000_000 + mixed % 600_000_000).to_string(),
        "type": "ELECTRICITY",
        "productCode": "SIMPLY_DYNAMIC",
        "status": "VERIFIED",
        "customerFirstName": "Max",
        "customerLastName": "Mustermann",
        "address": address(mixed),
    })]
}

fn find_by_id(items: Vec<Value>, id: &str, what: &str) -> Result<Value, ApiError> {
    if id.parse::<u64>().is_err() {
        return Err(bad_request(format!("{what} must be a number")));
    }
    items
        .into_iter()
        .find(|item| item["id"] == id)
        .ok_or_else(|| not_found(format!("There is no such {what}.")))
}

impl Ostrom {
    /// Requires the external user of the path to have consented to this scope; returns their id.
    fn require_consent(&self, request: &Request, scope: &str) -> Result<String, ApiError> {
        self.require_partner(request)?;
        let id = request.param("externalUserId");
        let customer = self
            .customers
            .get(id)
            .filter(|customer| customer.consented)
            .ok_or_else(|| not_found("There is no linked user with this id."))?;
        if !customer.scopes.iter().any(|other| other == scope) {
            return Err(forbidden("The user has not agreed to this scope."));
        }
        Ok(id.to_owned())
    }
}

fn own_contracts(state: &mut Ostrom, request: &Request) -> HandlerResult {
    state.require_user(request)?;
    ok(&json!({"data": contracts_of(state, "")}))
}

fn contracts(state: &mut Ostrom, request: &Request) -> HandlerResult {
    let owner = state.require_consent(request, READ_CONTRACTS)?;
    ok(&json!({"data": contracts_of(state, &owner)}))
}

fn contract(state: &mut Ostrom, request: &Request) -> HandlerResult {
    let owner = state.require_consent(request, READ_CONTRACTS)?;
    ok(&find_by_id(
        contracts_of(state, &owner),
        request.param("contractId"),
        "contractId",
    )?)
}

fn orders(state: &mut Ostrom, request: &Request) -> HandlerResult {
    let owner = state.require_consent(request, READ_ORDERS)?;
    ok(&json!({"data": orders_of(state, &owner)}))
}

fn order(state: &mut Ostrom, request: &Request) -> HandlerResult {
    let owner = state.require_consent(request, READ_ORDERS)?;
    ok(&find_by_id(
        orders_of(state, &owner),
        request.param("orderId"),
        "orderId",
    )?)
}

fn own_consumption(state: &mut Ostrom, request: &Request) -> HandlerResult {
    state.require_user(request)?;
    find_by_id(
        contracts_of(state, ""),
        request.param("contractId"),
        "contractId",
    )?;
    consumption_series(state, request, "")
}

fn consumption(state: &mut Ostrom, request: &Request) -> HandlerResult {
    let owner = state.require_consent(request, READ_CONTRACTS)?;
    find_by_id(
        contracts_of(state, &owner),
        request.param("contractId"),
        "contractId",
    )?;
    consumption_series(state, request, &owner)
}

fn consumption_series(state: &Ostrom, request: &Request, owner: &str) -> HandlerResult {
    let steps = steps(request, &["HOUR", "DAY", "MONTH"], request.now)?;
    let salt = household(owner);
    let data: Vec<Value> = steps
        .iter()
        .map(|(at, hours)| {
            let mixed = state.env.seed.mix(13 ^ salt, at.as_second() as usize);
            let kwh = (15 + mixed % 45) as f64 / 100.0 * hours;
            json!({"date": rfc3339(*at), "kWh": (kwh * 100.0).round() / 100.0})
        })
        .collect();
    ok(&json!({"data": data}))
}

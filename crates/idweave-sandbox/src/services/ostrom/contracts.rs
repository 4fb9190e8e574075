//! Contracts, orders, consumption, prices: plausible numbers that repeat with the seed.

use http::StatusCode;
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde_json::{Value, json};

use super::{Answer, Linked, Ostrom, Refused, Role, bad_request, error, not_found, ok};
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
    "getSpotPrices" GET "/spot-prices" => spot_prices;
    "getProductPrices" GET "/products" => products;
}

const CONTRACTS: &str = "contract:read:data";
const ORDERS: &str = "order:read:data";

/// Whose data: the caller's own, or an external user's.
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

fn by_id(items: Vec<Value>, id: &str, what: &str) -> Result<Value, Refused> {
    if id.parse::<u64>().is_err() {
        return Err(bad_request(format!("{what} must be a number")));
    }
    items
        .into_iter()
        .find(|item| item["id"] == id)
        .ok_or_else(|| not_found(format!("There is no such {what}.")))
}

impl Ostrom {
    /// The external user of the path, once she has consented to this scope.
    fn consented(&self, request: &Request, scope: &str) -> Result<String, Refused> {
        self.authorize(request, Some(Role::Partner))?;
        let id = request.param("externalUserId");
        let Some(Linked { scopes, .. }) = self.linked.get(id).filter(|linked| linked.consented)
        else {
            return Err(not_found("There is no linked user with this id."));
        };
        if !scopes.iter().any(|own| own == scope) {
            return Err(Refused(error(
                StatusCode::FORBIDDEN,
                "The user has not agreed to this scope.",
            )));
        }
        Ok(id.to_owned())
    }
}

fn own_contracts(state: &mut Ostrom, request: &Request) -> Answer {
    state.authorize(request, Some(Role::User))?;
    ok(&json!({"data": contracts_of(state, "")}))
}

fn contracts(state: &mut Ostrom, request: &Request) -> Answer {
    let owner = state.consented(request, CONTRACTS)?;
    ok(&json!({"data": contracts_of(state, &owner)}))
}

fn contract(state: &mut Ostrom, request: &Request) -> Answer {
    let owner = state.consented(request, CONTRACTS)?;
    ok(&by_id(
        contracts_of(state, &owner),
        request.param("contractId"),
        "contractId",
    )?)
}

fn orders(state: &mut Ostrom, request: &Request) -> Answer {
    let owner = state.consented(request, ORDERS)?;
    ok(&json!({"data": orders_of(state, &owner)}))
}

fn order(state: &mut Ostrom, request: &Request) -> Answer {
    let owner = state.consented(request, ORDERS)?;
    ok(&by_id(
        orders_of(state, &owner),
        request.param("orderId"),
        "orderId",
    )?)
}

fn own_consumption(state: &mut Ostrom, request: &Request) -> Answer {
    state.authorize(request, Some(Role::User))?;
    by_id(
        contracts_of(state, ""),
        request.param("contractId"),
        "contractId",
    )?;
    consumption_series(state, request, "")
}

fn consumption(state: &mut Ostrom, request: &Request) -> Answer {
    let owner = state.consented(request, CONTRACTS)?;
    by_id(
        contracts_of(state, &owner),
        request.param("contractId"),
        "contractId",
    )?;
    consumption_series(state, request, &owner)
}

fn consumption_series(state: &Ostrom, request: &Request, owner: &str) -> Answer {
    let series = series(request, &["HOUR", "DAY", "MONTH"], request.now)?;
    let salt = household(owner);
    let data: Vec<Value> = series
        .steps
        .iter()
        .map(|(at, hours)| {
            let mixed = state.env.seed.mix(13 ^ salt, at.as_second() as usize);
            let kwh = (15 + mixed % 45) as f64 / 100.0 * hours;
            json!({"date": rfc3339(*at), "kWh": (kwh * 100.0).round() / 100.0})
        })
        .collect();
    ok(&json!({"data": data}))
}

fn spot_prices(state: &mut Ostrom, request: &Request) -> Answer {
    state.authorize(request, None)?;
    // The next day's prices are known from about 14:00 on.
    let today = request.now.to_zoned(TimeZone::UTC);
    let days = if today.hour() >= 14 { 2 } else { 1 };
    let horizon = today
        .start_of_day()
        .ok()
        .map_or(request.now, |start| start.timestamp());
    let horizon = horizon
        .checked_add(SignedDuration::from_hours(24 * days))
        .unwrap_or(request.now);
    let series = series(request, &["HOUR"], horizon)?;
    let local = request.query("zip").text().is_some();
    let fee = |value: f64| if local { value } else { 0.0 };
    let cents = |value: f64| (value * 100.0).round() / 100.0;
    let data: Vec<Value> = series
        .steps
        .iter()
        .map(|(at, _)| {
            let mixed = state.env.seed.mix(14, at.as_second() as usize);
            let net = 4.0 + (mixed % 1_600) as f64 / 100.0;
            json!({
                "date": rfc3339(*at),
                "netMwhPrice": cents(net * 10.0),
                "netKwhPrice": cents(net),
                "grossKwhPrice": cents(net * 1.19),
                "netKwhTaxAndLevies": fee(16.2),
                "grossKwhTaxAndLevies": fee(19.28),
                "netMonthlyOstromBaseFee": fee(5.04),
                "grossMonthlyOstromBaseFee": fee(6.0),
                "netMonthlyGridFees": fee(3.84),
                "grossMonthlyGridFees": fee(4.57),
            })
        })
        .collect();
    ok(&json!({"data": data}))
}

fn products(state: &mut Ostrom, request: &Request) -> Answer {
    state.authorize(request, Some(Role::Partner))?;
    let zip = request
        .query("zip")
        .text()
        .ok_or_else(|| bad_request("zip is required"))?;
    if zip.len() != 5 || !zip.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(bad_request("zip must have five digits"));
    }
    let number = |name: &str, default: f64| match request.query(name).text() {
        None => Ok(default),
        Some(text) => text
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite() && *number > 0.0)
            .ok_or_else(|| bad_request(format!("{name} must be a positive number"))),
    };
    number("numberOfResidents", 1.0)?;
    let consumption = number("yearlyConsumption", 1_400.0)?;
    let data: Vec<Value> = ["SIMPLY_DYNAMIC", "SIMPLY_FAIR"]
        .iter()
        .enumerate()
        .map(|(nth, code)| {
            let unit = 28.0 + nth as f64 * 3.0;
            json!({
                "code": code,
                "netKwhPrice": 9.8, "grossKwhPrice": 11.66,
                "netKwhTaxAndLevies": 16.2, "grossKwhTaxAndLevies": 19.28,
                "netMonthlyOstromBaseFee": 5.04, "grossMonthlyOstromBaseFee": 6.0,
                "netMonthlyGridFees": 3.84, "grossMonthlyGridFees": 4.57,
                "netKwhUnitPrice": unit, "grossKwhUnitPrice": (unit * 119.0).round() / 100.0,
                "monthlyDeposit": (consumption * unit / 1_200.0).round(),
                "yearlyComsumption": consumption,
            })
        })
        .collect();
    ok(&json!({"data": data}))
}

/// The steps of a series, each with the hours it covers.
struct Series {
    steps: Vec<(Timestamp, f64)>,
}

/// More steps than this are refused; a year of hours fits.
const STEPS: usize = 10_000;

fn series(request: &Request, resolutions: &[&str], horizon: Timestamp) -> Result<Series, Refused> {
    let date = |name: &str| {
        let text = request
            .query(name)
            .text()
            .ok_or_else(|| bad_request(format!("{name} is required")))?;
        let parsed = text.parse::<Timestamp>().ok().or_else(|| {
            let day = text.parse::<Date>().ok()?;
            Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
        });
        parsed.ok_or_else(|| bad_request(format!("{name} must be an ISO 8601 date")))
    };
    let (start, end) = (date("startDate")?, date("endDate")?);
    let resolution = request
        .query("resolution")
        .text()
        .ok_or_else(|| bad_request("resolution is required"))?;
    if !resolutions.contains(&resolution) {
        return Err(bad_request(format!(
            "resolution must be one of {}",
            resolutions.join(", ")
        )));
    }
    if end < start {
        return Err(bad_request("endDate must not be before startDate"));
    }
    let mut steps = Vec::new();
    let mut at = start;
    while at < end && at < horizon {
        let next = match resolution {
            "HOUR" => at.checked_add(SignedDuration::from_hours(1)),
            "DAY" => at.checked_add(SignedDuration::from_hours(24)),
            _ => at
                .to_zoned(TimeZone::UTC)
                .checked_add(jiff::Span::new().months(1))
                .map(|next| next.timestamp()),
        };
        let Ok(next) = next else { break };
        steps.push((at, next.duration_since(at).as_secs_f64() / 3_600.0));
        if steps.len() > STEPS {
            return Err(bad_request("the period is too long for this resolution"));
        }
        at = next;
    }
    Ok(Series { steps })
}

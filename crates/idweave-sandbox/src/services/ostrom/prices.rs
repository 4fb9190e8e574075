//! Spot prices and products: plausible numbers that repeat with the seed.

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::error::{HandlerResult, bad_request, ok};
use super::series::steps;
use super::state::Ostrom;
use crate::engine::clock::rfc3339;
use crate::engine::wire::Request;

crate::engine::operation::operations! { Ostrom;
    "getSpotPrices" GET "/spot-prices" => spot_prices;
    "getProductPrices" GET "/products" => products;
}

fn spot_prices(state: &mut Ostrom, request: &Request) -> HandlerResult {
    state.require(request, None)?;
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
    let steps = steps(request, &["HOUR"], horizon)?;
    let local = request.query("zip").text().is_some();
    let fee = |value: f64| if local { value } else { 0.0 };
    let cents = |value: f64| (value * 100.0).round() / 100.0;
    let data: Vec<Value> = steps
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

fn products(state: &mut Ostrom, request: &Request) -> HandlerResult {
    state.require_partner(request)?;
    let zip = request.query("zip").required()?;
    if zip.len() != 5 || !zip.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(bad_request("zip must have five digits"));
    }
    let number = |name: &str, default: f64| {
        let reason = "must be a positive number";
        let number: Option<f64> = request.query(name).parse(reason)?;
        match number.unwrap_or(default) {
            number if number.is_finite() && number > 0.0 => Ok(number),
            _ => Err(bad_request(format!("{name} {reason}"))),
        }
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

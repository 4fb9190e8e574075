//! Thousands of mutated requests, passed to every operation: none may panic, and none may lead to a
//! server error that its service does not have.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use serde_json::{Map, Value, json};

use crate::data::seed::Seed;
use crate::engine::emulator::{Emulator, Service};
use crate::engine::env::{BaseUrls, Env, Options};
use crate::engine::wire::Request;
use crate::services::authress::Authress;
use crate::services::docspace::DocSpace;
use crate::services::enhance::Enhance;
use crate::services::ostrom::Ostrom;

/// A generator of choices, the same in every run (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        (self.next() % most as u64) as usize
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let at = self.below(from.len());
        &from[at]
    }
}

fn env() -> Arc<Env> {
    let base = |port: u16| Arc::<str>::from(format!("http://127.0.0.1:{port}"));
    let base_urls = BaseUrls {
        docspace: base(1),
        authress: base(2),
        ostrom: base(3),
        ostrom_auth: base(4),
        enhance: base(5),
    };
    Arc::new(Env::new(Options::default(), Seed::new(1), base_urls))
}

/// Texts that are hard to parse.
const ODD: [&str; 24] = [
    "",
    "0",
    "-1",
    "1",
    "99999999999999999999",
    "1e308",
    "NaN",
    "null",
    "true",
    "..",
    "a/b",
    "%",
    "\u{0}",
    "😀",
    "ß\u{301}",
    "someone@example.com",
    "@",
    "2024-02-30T25:61:61Z",
    "9999-12-31T23:59:59Z",
    "-009999-01-01T00:00:00Z",
    "User",
    "Owner",
    "00000000-0000-0000-0000-000000000000",
    "' OR 1=1 --",
];

/// Names that some operation reads.
const NAMES: [&str; 48] = [
    "email",
    "name",
    "roles",
    "userId",
    "userIds",
    "users",
    "statements",
    "resources",
    "resourceUri",
    "permissions",
    "action",
    "allow",
    "password",
    "passwordHash",
    "key",
    "type",
    "employeeType",
    "expiration",
    "maxUseCount",
    "id",
    "members",
    "groupName",
    "limit",
    "offset",
    "cursor",
    "filter",
    "startIndex",
    "count",
    "sortBy",
    "sortOrder",
    "startDate",
    "endDate",
    "resolution",
    "zip",
    "scopes",
    "externalUserId",
    "redirectUrl",
    "language",
    "url",
    "secret",
    "tokenExpires",
    "allowedIps",
    "serializedProfile",
    "theme",
    "quota",
    "code",
    "access",
    "status",
];

fn value(random: &mut Random, known: &[String], depth: usize) -> Value {
    match random.below(if depth == 0 { 6 } else { 8 }) {
        0 => Value::Null,
        1 => json!(random.next() as i64),
        2 => json!(random.below(3) == 0),
        3 | 4 => json!(text(random, known)),
        5 => json!("x".repeat(1 << random.below(14))),
        6 => (0..random.below(4))
            .map(|_| value(random, known, depth - 1))
            .collect(),
        _ => object(random, known, depth - 1),
    }
}

fn object(random: &mut Random, known: &[String], depth: usize) -> Value {
    let fields = (0..random.below(9)).map(|_| {
        (
            (*random.pick(&NAMES)).to_owned(),
            value(random, known, depth),
        )
    });
    Value::Object(fields.collect::<Map<_, _>>())
}

fn text(random: &mut Random, known: &[String]) -> String {
    if random.below(2) == 0 {
        random.pick(known).clone()
    } else {
        (*random.pick(&ODD)).to_owned()
    }
}

fn body(random: &mut Random, known: &[String]) -> Bytes {
    match random.below(8) {
        0 => Bytes::new(),
        1 => Bytes::from_static(b"{\"a\":"),
        2 => Bytes::from_static(b"\xff\xfe\x00"),
        3 => Bytes::from("[".repeat(500)),
        4 => Bytes::from(value(random, known, 2).to_string()),
        _ => Bytes::from(object(random, known, 3).to_string()),
    }
}

/// Passes `rounds` requests to each operation.
fn send_mutated<S: Service>(
    base: &str,
    credentials: &[(&'static str, String)],
    known: &[String],
    rounds: usize,
) {
    let env = env();
    let emulator = Emulator::<S>::new(env.clone());
    let mut random = Random(u64::from(S::NAME.as_bytes()[0]));
    for round in 0..rounds {
        for operation in &emulator.operations {
            let mut headers = HeaderMap::new();
            let (name, credential) = random.pick(credentials);
            headers.insert(*name, HeaderValue::from_str(credential).unwrap());
            let kinds = [
                "application/json",
                "multipart/form-data; boundary=b",
                "application/x-www-form-urlencoded",
                "text/plain",
            ];
            headers.insert(
                "content-type",
                HeaderValue::from_static(random.pick::<&str>(&kinds)),
            );
            if random.below(4) == 0 {
                headers.insert(
                    "confirm",
                    HeaderValue::from_static("type=LinkInvite&key=x&uid=y&emplType=9"),
                );
            }
            if random.below(4) == 0 {
                headers.insert(
                    "if-unmodified-since",
                    HeaderValue::from_static("Mon, 32 Foo 2024 99:99:99 GMT"),
                );
            }
            let names = operation
                .template
                .split('/')
                .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
            let params = names
                .map(|name| (name.to_owned(), text(&mut random, known)))
                .collect();
            let query = (0..random.below(5))
                .map(|_| ((*random.pick(&NAMES)).to_owned(), text(&mut random, known)))
                .collect();
            let request = Request {
                method: operation.method.clone(),
                path: operation.template.to_owned(),
                query,
                raw_query: String::new(),
                headers,
                body: body(&mut random, known),
                params,
                now: env.clock.now(),
                base_url: base.into(),
                peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
                page_shift: *random.pick(&[0, -1, 1]),
                credential: None.into(),
            };
            let mut state = emulator.lock();
            state.complete_due(request.now);
            let reply = (operation.run)(&mut state, &request);
            let what = format!(
                "{} {} in round {round}: {}",
                S::NAME,
                operation.id,
                String::from_utf8_lossy(&reply.body)
            );
            // DocSpace responds so to some wrong arguments.
            assert!(
                reply.status.as_u16() < 500
                    || S::NAME == "docspace" && reply.status.as_u16() == 500,
                "{what}"
            );
            let json = reply
                .headers
                .get("content-type")
                .is_some_and(|kind| kind.to_str().unwrap().contains("json"));
            assert!(
                !json || serde_json::from_slice::<Value>(&reply.body).is_ok(),
                "{what}"
            );
            if round % 16 == 15 {
                env.clock.advance(std::time::Duration::from_millis(500));
            }
        }
    }
    // The state can still be read.
    assert!(emulator.lock().snapshot().is_object());
}

const ROUNDS: usize = 60;

fn texts(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.push(text.clone()),
        Value::Object(map) => map.values().for_each(|value| texts(value, into)),
        Value::Array(items) => items.iter().for_each(|value| texts(value, into)),
        _ => {}
    }
}

/// Lists every text in the seeded state and its credentials: ids above all.
fn known<S: Service>(access: &impl serde::Serialize) -> Vec<String> {
    let mut known = Vec::new();
    texts(&serde_json::to_value(access).unwrap(), &mut known);
    texts(&Emulator::<S>::new(env()).lock().snapshot(), &mut known);
    known.dedup();
    known
}

#[test]
fn docspace_handles_mutated_requests() {
    let access = crate::services::docspace::access(&env());
    let credentials = [
        ("authorization", format!("Bearer {}", access.api_key)),
        (
            "authorization",
            format!("Bearer {}", access.read_only_api_key),
        ),
        ("authorization", "Basic ####".to_owned()),
        ("x-signature", "none".to_owned()),
    ];
    send_mutated::<DocSpace>(
        "http://127.0.0.1:1",
        &credentials,
        &known::<DocSpace>(&access),
        ROUNDS,
    );
}

#[test]
fn authress_handles_mutated_requests() {
    let access = crate::services::authress::access(&env());
    let credentials = [
        ("authorization", format!("Bearer {}", access.access_key)),
        (
            "authorization",
            format!("Bearer {}", access.restricted_access_key),
        ),
        ("authorization", "Bearer a.b.c".to_owned()),
    ];
    send_mutated::<Authress>(
        "http://127.0.0.1:2",
        &credentials,
        &known::<Authress>(&access),
        ROUNDS,
    );
}

#[test]
fn ostrom_handles_mutated_requests() {
    let access = crate::services::ostrom::access(&env());
    let (user, partner) = (access.user, access.partner);
    // Tokens are generated in the same order in every sandbox of a seed.
    let token = crate::data::ids::IdGenerator::new(&env().seed, "ostrom").text(43);
    let basic = |pair: &crate::access::ClientPair| {
        use base64::Engine as _;
        let pair = format!("{}:{}", pair.client_id, pair.client_secret);
        format!(
            "Basic {}",
            base64::engine::general_purpose::STANDARD.encode(pair)
        )
    };
    let credentials = [
        ("authorization", basic(&user)),
        ("authorization", basic(&partner)),
        ("authorization", format!("Bearer {token}")),
    ];
    let known = known::<Ostrom>(&user);
    send_mutated::<Ostrom>("http://127.0.0.1:4", &credentials, &known, ROUNDS);
    send_mutated::<Ostrom>("http://127.0.0.1:3", &credentials, &known, ROUNDS);
}

#[test]
fn enhance_handles_mutated_requests() {
    let access = crate::services::enhance::access(&env());
    let credentials = [
        ("authorization", format!("Bearer {}", access.access_token)),
        (
            "authorization",
            format!("Bearer {}", access.support_access_token),
        ),
        ("cookie", "id0=a.b.c".to_owned()),
    ];
    send_mutated::<Enhance>(
        "http://127.0.0.1:5",
        &credentials,
        &known::<Enhance>(&access),
        ROUNDS,
    );
}

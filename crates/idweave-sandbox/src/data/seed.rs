//! Generated data: people and their ids follow from a number, everything else from a key.
//!
//! With a seed the key follows from the number too. Without one it is random, so that no program and
//! no web page knows the credentials of a sandbox that it was not told.
//!
//! The index of a person can be read back from their e-mail address and ids, so that a million
//! people need no table: their records are generated on access (see `population`).

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use ring::rand::{SecureRandom as _, SystemRandom};

/// The seed of a sandbox, as a key everything else is derived from.
#[derive(Clone, Debug)]
pub(crate) struct Seed {
    number: u64,
    key: hmac::Key,
    /// The id of the organisation that all seeded Enhance logins belong to: needed for each, so
    /// computed once.
    enhance_master: Arc<str>,
    secrets: Arc<Mutex<VecDeque<String>>>,
}

/// How many of the secrets made are kept: the newest.
const MAX_SECRETS: usize = 10_000;

/// A generated person, the same in every service.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) first: &'static str,
    pub(crate) last: &'static str,
    pub(crate) email: String,
}

const FIRST: [&str; 32] = [
    "Ann", "Bob", "Carla", "Dmitri", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kaia",
    "Liam", "Mei", "Noor", "Olga", "Pablo", "Quinn", "Rosa", "Sven", "Tara", "Umar", "Vera", "Wen",
    "Ximena", "Yusuf", "Zoe", "Amara", "Bruno", "Chiara", "Dario", "Emma", "Finn",
];
const LAST: [&str; 32] = [
    "Miller", "Okafor", "Rossi", "Sato", "Novak", "Berg", "Costa", "Dubois", "Engel", "Fischer",
    "Garcia", "Haddad", "Ivanov", "Jensen", "Kaya", "Lopez", "Meyer", "Nguyen", "Olsen", "Park",
    "Quist", "Ricci", "Silva", "Tanaka", "Ueda", "Vogel", "Weber", "Xu", "Yilmaz", "Zhang",
    "Abbott", "Brandt",
];

/// The domain of every seeded address; reserved for examples by RFC 2606.
pub(crate) const DOMAIN: &str = "example.com";

/// The people of a sandbox without a seed: the same after every start, so that tests and examples
/// can rely on them.
const DEFAULT_NUMBER: u64 = 1;

impl Seed {
    pub(crate) fn new(number: u64) -> Self {
        Self::with_key(number, &number.to_be_bytes())
    }

    /// Creates a seed whose keys, secrets and made ids nobody can foresee.
    pub(crate) fn random() -> std::io::Result<Self> {
        let mut key = [0; 32];
        let filled = SystemRandom::new().fill(&mut key);
        filled.map_err(|_| std::io::Error::other("the system has no random numbers"))?;
        Ok(Self::with_key(DEFAULT_NUMBER, &key))
    }

    fn with_key(number: u64, key: &[u8]) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        let mut seed = Self {
            number,
            key,
            enhance_master: "".into(),
            secrets: Arc::default(),
        };
        seed.enhance_master = seed.uuid("enhance/org/master").into();
        seed
    }

    /// Keeps a secret that a service gives away, for tests that search their output for it.
    pub(crate) fn keep_secret(&self, secret: impl Into<String>) {
        let mut secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        if secrets.len() == MAX_SECRETS {
            secrets.pop_front();
        }
        secrets.push_back(secret.into());
    }

    /// Lists the secrets kept, oldest first.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.iter().cloned().collect()
    }

    /// Returns the id of Enhance's master organisation.
    pub(crate) fn enhance_master(&self) -> &str {
        &self.enhance_master
    }

    /// Derives 32 bytes from the seed and a label, for keys and secrets.
    pub(crate) fn bytes(&self, label: &str) -> [u8; 32] {
        let mut out = [0; 32];
        out.copy_from_slice(hmac::sign(&self.key, label.as_bytes()).as_ref());
        out
    }

    /// Returns [`Seed::bytes`] as lowercase hex.
    pub(crate) fn hex(&self, label: &str) -> String {
        hex(&self.bytes(label))
    }

    /// Derives `length` letters and digits, at most 43.
    pub(crate) fn text(&self, label: &str, length: usize) -> String {
        let text = URL_SAFE_NO_PAD.encode(self.bytes(label));
        text.chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { 'x' })
            .take(length)
            .collect()
    }

    /// Derives a version 4 UUID.
    pub(crate) fn uuid(&self, label: &str) -> String {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&self.bytes(label)[..16]);
        uuid_from(bytes)
    }

    /// Derives the password that a seeded person has at a service.
    pub(crate) fn password(&self, service: &str, index: usize) -> String {
        format!(
            "Pw-{}",
            self.text(&format!("{service}/password/{index}"), 16)
        )
    }

    /// Hashes a person's index cheaply, for choices that need no secrecy.
    pub(crate) fn mix(&self, kind: u64, index: usize) -> u64 {
        mix(self.number ^ mix(kind) ^ (index as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// Returns the person with this index; 0 is the owner everywhere.
    pub(crate) fn person(&self, index: usize) -> Person {
        let choice = self.mix(1, index);
        let first = FIRST[(choice % 32) as usize];
        let last = LAST[(choice / 32 % 32) as usize];
        let email = if index == 0 {
            format!("owner@{DOMAIN}")
        } else {
            format!(
                "{}.{}.{index}@{DOMAIN}",
                first.to_ascii_lowercase(),
                last.to_ascii_lowercase()
            )
        };
        Person { first, last, email }
    }

    /// Returns the index of the person a seeded address belongs to.
    pub(crate) fn person_index(&self, email: &str) -> Option<usize> {
        let (local, domain) = email.split_once('@')?;
        if !domain.eq_ignore_ascii_case(DOMAIN) {
            return None;
        }
        if local.eq_ignore_ascii_case("owner") {
            return Some(0);
        }
        let index = local.rsplit_once('.')?.1.parse().ok()?;
        self.person(index)
            .email
            .eq_ignore_ascii_case(email)
            .then_some(index)
    }

    /// Derives a UUID that a person's index can be read back from with [`Seed::index_of_uuid`].
    pub(crate) fn uuid_of(&self, kind: u64, index: usize) -> String {
        let low = scramble(index as u32, (self.number ^ kind) as u32);
        let rest = self.mix(kind ^ 2, index);
        let more = self.mix(kind ^ 3, index);
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&low.to_be_bytes());
        bytes[4..12].copy_from_slice(&rest.to_be_bytes());
        bytes[12..].copy_from_slice(&more.to_be_bytes()[..4]);
        uuid_from(bytes)
    }

    /// Returns the index that a UUID of [`Seed::uuid_of`] was derived from.
    pub(crate) fn index_of_uuid(&self, kind: u64, id: &str) -> Option<usize> {
        let low = u32::from_str_radix(id.get(..8)?, 16).ok()?;
        let index = unscramble(low, (self.number ^ kind) as u32) as usize;
        self.uuid_of(kind, index)
            .eq_ignore_ascii_case(id)
            .then_some(index)
    }

    /// Derives eight hex digits that a person's index can be read back from.
    pub(crate) fn short_of(&self, kind: u64, index: usize) -> String {
        format!(
            "{:08x}",
            scramble(index as u32, (self.number ^ kind) as u32)
        )
    }

    /// Returns the index that eight hex digits of [`Seed::short_of`] were derived from.
    pub(crate) fn index_of_short(&self, kind: u64, text: &str) -> Option<usize> {
        let low = (text.len() == 8).then(|| u32::from_str_radix(text, 16).ok())??;
        Some(unscramble(low, (self.number ^ kind) as u32) as usize)
    }
}

/// Formats bytes as lowercase hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
}

fn uuid_from(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex(&bytes);
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

// Odd multiplier and its inverse modulo 2^32: a bijection, so that ids never collide.
const MULTIPLIER: u32 = 0x9e37_79b1;

fn scramble(index: u32, salt: u32) -> u32 {
    (index ^ salt).wrapping_mul(MULTIPLIER)
}

fn unscramble(low: u32, salt: u32) -> u32 {
    low.wrapping_mul(inverse(MULTIPLIER)) ^ salt
}

const fn inverse(odd: u32) -> u32 {
    let mut x = odd;
    let mut step = 0;
    while step < 5 {
        x = x.wrapping_mul(2u32.wrapping_sub(odd.wrapping_mul(x)));
        step += 1;
    }
    x
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn seed_reads_an_index_back_from_every_id_and_address() {
        let seed = Seed::new(7);
        for index in [0, 1, 17, 999_999] {
            assert_eq!(seed.index_of_uuid(9, &seed.uuid_of(9, index)), Some(index));
            assert_eq!(
                seed.index_of_short(4, &seed.short_of(4, index)),
                Some(index)
            );
            assert_eq!(seed.person_index(&seed.person(index).email), Some(index));
        }
        assert_eq!(seed.index_of_uuid(9, &Seed::new(8).uuid_of(9, 1)), None);
        assert_eq!(seed.person_index("nobody.at.all.3@example.com"), None);
    }
}

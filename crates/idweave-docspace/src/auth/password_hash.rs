//! The password hash that a portal asks for: PBKDF2-HMAC-SHA256.

use std::num::NonZeroU32;

use idweave_transport::{Error, ErrorKind, Secret};
use serde::Deserialize;
use zeroize::Zeroizing;

/// More iterations than this are taken for an attempt to keep the client busy.
const MAX_ITERATIONS: u32 = 10_000_000;

/// How the portal wants passwords hashed.
#[derive(Deserialize)]
#[serde(default)]
pub(super) struct Hashing {
    size: u32,
    iterations: u32,
    salt: String,
}

impl Default for Hashing {
    fn default() -> Self {
        Self {
            size: 256,
            iterations: 100_000,
            salt: String::new(),
        }
    }
}

/// Lowercase hex of PBKDF2-HMAC-SHA256, on a thread that may take its time.
pub(super) async fn hash(password: Secret, hashing: Hashing) -> Result<Secret, Error> {
    let broken = || {
        Error::new(
            ErrorKind::Credentials,
            "the portal asks for an impossible password hash",
        )
    };
    let iterations = NonZeroU32::new(hashing.iterations)
        .filter(|n| n.get() <= MAX_ITERATIONS)
        .ok_or_else(broken)?;
    if hashing.size == 0 || !hashing.size.is_multiple_of(8) || hashing.size > 4096 {
        return Err(broken());
    }
    let work = move || {
        let mut bytes = Zeroizing::new(vec![0; hashing.size as usize / 8]);
        ring::pbkdf2::derive(
            ring::pbkdf2::PBKDF2_HMAC_SHA256,
            iterations,
            hashing.salt.as_bytes(),
            password.expose().as_bytes(),
            &mut bytes,
        );
        let mut hex = String::with_capacity(bytes.len() * 2);
        for byte in bytes.iter() {
            for digit in [byte >> 4, byte & 15] {
                hex.extend(char::from_digit(digit.into(), 16));
            }
        }
        Secret::new(hex)
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Error::new(ErrorKind::Credentials, "the password hash was not finished"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn passwords_are_hashed_as_the_portal_asks() {
        // RFC 7914 section 11, PBKDF2-HMAC-SHA-256 with one iteration.
        let hashing = Hashing {
            size: 512,
            iterations: 1,
            salt: "salt".to_owned(),
        };
        assert_eq!(
            hash("passwd".into(), hashing).await.unwrap().expose(),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc\
             49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783"
        );
    }

    #[tokio::test]
    async fn password_hash_rejects_unusable_settings() {
        for (size, iterations) in [(256, 0), (256, u32::MAX), (0, 1), (12, 1), (1 << 20, 8)] {
            assert!(
                hash(
                    "x".into(),
                    Hashing {
                        size,
                        iterations,
                        salt: String::new()
                    }
                )
                .await
                .is_err()
            );
        }
    }
}

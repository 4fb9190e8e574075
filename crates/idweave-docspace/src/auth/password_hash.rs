//! The password hash that a portal asks for: PBKDF2-HMAC-SHA256.

use std::num::NonZeroU32;

use idweave_transport::{Error, ErrorKind, Secret};
use serde::Deserialize;
use zeroize::Zeroizing;

/// More work than this is taken for an attempt to keep the client busy: each block of the hash
/// costs all iterations anew (RFC 8018 section 5.2). It is twenty times what portals ask for,
/// and about a second.
const MAX_BLOCK_ITERATIONS: u64 = 2_000_000;

/// The bits of a block: the output of SHA-256.
const BLOCK_BITS: u32 = 256;

/// The largest hash in bits.
const MAX_SIZE: u32 = 4096;

/// The longest salt in bytes.
const MAX_SALT: usize = 1024;

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

impl Hashing {
    /// The iterations of all blocks together.
    fn work(&self) -> u64 {
        u64::from(self.iterations) * u64::from(self.size.div_ceil(BLOCK_BITS))
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
    let iterations = NonZeroU32::new(hashing.iterations).ok_or_else(broken)?;
    if hashing.size == 0 || !hashing.size.is_multiple_of(8) || hashing.size > MAX_SIZE {
        return Err(broken());
    }
    if hashing.salt.len() > MAX_SALT || hashing.work() > MAX_BLOCK_ITERATIONS {
        return Err(Error::new(
            ErrorKind::Credentials,
            "the portal asks for a password hash that costs too much to compute",
        ));
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
        for (size, iterations, salt) in [
            (256, 0, 0),
            (0, 1, 0),
            (12, 1, 0),
            (1 << 20, 8, 0),
            (256, u32::MAX, 0),
            (256, 2_000_001, 0),
            // Sixteen blocks.
            (4096, 125_001, 0),
            (264, 1_000_001, 0),
            (256, 1, 1025),
        ] {
            let hashing = Hashing {
                size,
                iterations,
                salt: "s".repeat(salt),
            };
            let error = hash("x".into(), hashing).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Credentials, "{size} {iterations}");
        }
    }

    #[test]
    fn work_of_a_password_hash_counts_all_its_blocks() {
        for (size, iterations, work) in [
            (256, 2_000_000, 2_000_000),
            (8, 7, 7),
            (264, 7, 14),
            (4096, 125_000, 2_000_000),
            (u32::MAX, u32::MAX, u64::from(u32::MAX) << 24),
        ] {
            let hashing = Hashing {
                size,
                iterations,
                salt: String::new(),
            };
            assert_eq!(hashing.work(), work, "{size} {iterations}");
        }
    }
}

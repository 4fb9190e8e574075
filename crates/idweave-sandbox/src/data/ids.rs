//! Ids of what is created while the sandbox runs, and the form of UUIDs.

use crate::data::seed::Seed;

/// Generates values for what is created while the sandbox runs: the same sequence after every reset,
/// and after every start with the same seed.
#[derive(Debug)]
pub(crate) struct IdGenerator {
    seed: Seed,
    label: &'static str,
    count: u64,
}

impl IdGenerator {
    pub(crate) fn new(seed: &Seed, label: &'static str) -> Self {
        Self {
            seed: seed.clone(),
            label,
            count: 0,
        }
    }

    fn next_label(&mut self, kind: &str) -> String {
        self.count += 1;
        format!("{}/{kind}/{}", self.label, self.count)
    }

    pub(crate) fn uuid(&mut self) -> String {
        let label = self.next_label("uuid");
        self.seed.uuid(&label)
    }

    pub(crate) fn hex(&mut self) -> String {
        let label = self.next_label("hex");
        self.seed.hex(&label)
    }

    pub(crate) fn text(&mut self, length: usize) -> String {
        let label = self.next_label("text");
        self.seed.text(&label, length)
    }

    pub(crate) fn bytes(&mut self) -> [u8; 32] {
        let label = self.next_label("bytes");
        self.seed.bytes(&label)
    }

    /// Generates a text that opens something: a token, a code, a password. Whoever has it may use it.
    pub(crate) fn secret(&mut self, length: usize) -> String {
        let secret = self.text(length);
        self.kept(secret)
    }

    /// As [`IdGenerator::secret`], in hex.
    pub(crate) fn secret_hex(&mut self) -> String {
        let secret = self.hex();
        self.kept(secret)
    }

    /// As [`IdGenerator::secret`], in the form of a UUID.
    pub(crate) fn secret_uuid(&mut self) -> String {
        let secret = self.uuid();
        self.kept(secret)
    }

    /// Generates a pin of six digits.
    pub(crate) fn pin(&mut self) -> String {
        let bytes = self.bytes();
        let number = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        self.kept(format!("{:06}", number % 1_000_000))
    }

    fn kept(&self, secret: String) -> String {
        self.seed.keep_secret(secret.as_str());
        secret
    }

    /// Returns a number that is higher than every one before.
    pub(crate) fn number(&mut self) -> u64 {
        self.count += 1;
        self.count
    }
}

/// Returns whether the text has the form of a UUID.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(at, c)| match at {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seed_derives_version_four_uuids_that_repeat() {
        let id = Seed::new(1).uuid("x");
        assert!(is_uuid(&id));
        assert_eq!(id.as_bytes()[14], b'4');
        assert_eq!(id, Seed::new(1).uuid("x"));
        assert_ne!(id, Seed::new(2).uuid("x"));
    }
}

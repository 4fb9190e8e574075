//! The e-mails the services would have sent, for following invitation and recovery links.

use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// One e-mail that was not sent.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Mail {
    /// Which service wrote it: `docspace`, `authress`, `ostrom` or `enhance`.
    pub service: &'static str,
    /// Its purpose: `invite`, `congratulations`, `password-recovery`, `pin`, …
    pub kind: &'static str,
    /// The address it goes to.
    pub to: String,
    /// Its subject line.
    pub subject: String,
    /// The links in it, in order.
    pub links: Vec<String>,
    /// Its text; a pin is the last word of it.
    pub text: String,
    /// When it was written, by the sandbox's clock.
    pub at: String,
}

/// The mails of a sandbox, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    mails: Mutex<Vec<Mail>>,
}

/// The oldest mails go first once there are this many.
const MAX_MAILS: usize = 10_000;

impl Outbox {
    pub(crate) fn push(&self, mail: Mail) {
        let mut mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        if mails.len() >= MAX_MAILS {
            mails.drain(..MAX_MAILS / 10);
        }
        mails.push(mail);
    }

    pub(crate) fn all(&self) -> Vec<Mail> {
        self.mails
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn len(&self) -> usize {
        self.mails
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }

    pub(crate) fn clear(&self) {
        self.mails
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

//! What the four emulators share: options, clock, faults, inspection, outbox, addresses.

use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use crate::data::seed::Seed;
use crate::engine::clock::Clock;
use crate::engine::fault::Faults;
use crate::engine::hooks::Hooks;
use crate::engine::journal::Journal;
use crate::engine::outbox::{Mail, Outbox};
use crate::engine::server::Desk;

/// What a sandbox is started with.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) users: usize,
    pub(crate) seed: u64,
    pub(crate) strict: bool,
    pub(crate) async_delay: Duration,
    pub(crate) ostrom_requests_per_minute: Option<u32>,
    pub(crate) third_party: bool,
    pub(crate) paid_users: Option<usize>,
    pub(crate) invitations: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            users: 25,
            seed: 1,
            strict: false,
            async_delay: Duration::from_secs(2),
            ostrom_requests_per_minute: None,
            third_party: true,
            paid_users: None,
            invitations: true,
        }
    }
}

/// Origins of the listeners, without a trailing slash.
#[derive(Clone, Debug)]
pub(crate) struct Bases {
    pub(crate) docspace: Arc<str>,
    pub(crate) authress: Arc<str>,
    pub(crate) ostrom: Arc<str>,
    pub(crate) ostrom_auth: Arc<str>,
    pub(crate) enhance: Arc<str>,
}

pub(crate) struct World {
    pub(crate) options: Options,
    pub(crate) seed: Seed,
    pub(crate) bases: Bases,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    pub(crate) hooks: Hooks,
    pub(crate) journal: Journal,
    pub(crate) outbox: Outbox,
    pub(crate) desk: OnceLock<Weak<dyn Desk>>,
}

impl World {
    pub(crate) fn new(options: Options, bases: Bases) -> Self {
        Self {
            seed: Seed::new(options.seed),
            options,
            bases,
            clock: Clock::default(),
            faults: Faults::default(),
            hooks: Hooks::default(),
            journal: Journal::default(),
            outbox: Outbox::default(),
            desk: OnceLock::new(),
        }
    }

    pub(crate) fn desk(&self) -> Option<Arc<dyn Desk>> {
        self.desk.get()?.upgrade()
    }

    /// Puts a mail in the outbox.
    pub(crate) fn mail(
        &self,
        service: &'static str,
        kind: &'static str,
        to: &str,
        subject: &str,
        links: Vec<String>,
        text: String,
    ) {
        let at = crate::engine::clock::rfc3339(self.clock.now());
        let (to, subject) = (to.to_owned(), subject.to_owned());
        self.outbox.push(Mail {
            service,
            kind,
            to,
            subject,
            links,
            text,
            at,
        });
    }
}

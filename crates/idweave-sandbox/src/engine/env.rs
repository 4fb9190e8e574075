//! What the four emulators share: options, base URLs, clock, faults, recorded requests, outbox.

use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use crate::data::seed::Seed;
use crate::engine::clock::{Clock, rfc3339};
use crate::engine::control::ControlApi;
use crate::engine::fault::Faults;
use crate::engine::hooks::Hooks;
use crate::engine::journal::Journal;
use crate::engine::outbox::{Mail, Outbox};

/// The settings a sandbox is started with.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) users: usize,
    pub(crate) strict: bool,
    pub(crate) async_delay: Duration,
    pub(crate) ostrom_requests_per_minute: Option<u32>,
    pub(crate) docspace_third_party: bool,
    pub(crate) docspace_paid_users: Option<usize>,
    pub(crate) docspace_invitations: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            users: 25,
            strict: false,
            async_delay: Duration::from_secs(2),
            ostrom_requests_per_minute: None,
            docspace_third_party: true,
            docspace_paid_users: None,
            docspace_invitations: true,
        }
    }
}

/// Origins of the listeners, without a trailing slash.
#[derive(Clone, Debug)]
pub(crate) struct BaseUrls {
    pub(crate) docspace: Arc<str>,
    pub(crate) authress: Arc<str>,
    pub(crate) ostrom: Arc<str>,
    pub(crate) ostrom_auth: Arc<str>,
    pub(crate) enhance: Arc<str>,
}

/// The environment of the emulators.
pub(crate) struct Env {
    pub(crate) options: Options,
    pub(crate) seed: Seed,
    pub(crate) base_urls: BaseUrls,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    pub(crate) hooks: Hooks,
    pub(crate) journal: Journal,
    pub(crate) outbox: Outbox,
    control: OnceLock<Weak<dyn ControlApi>>,
}

impl Env {
    pub(crate) fn new(options: Options, seed: Seed, base_urls: BaseUrls) -> Self {
        Self {
            options,
            seed,
            base_urls,
            clock: Clock::default(),
            faults: Faults::default(),
            hooks: Hooks::default(),
            journal: Journal::default(),
            outbox: Outbox::default(),
            control: OnceLock::new(),
        }
    }

    /// Sets the control API; the first one stays.
    pub(crate) fn set_control(&self, control: Weak<dyn ControlApi>) {
        let _ = self.control.set(control);
    }

    /// Returns the control API while the sandbox runs.
    pub(crate) fn control(&self) -> Option<Arc<dyn ControlApi>> {
        self.control.get()?.upgrade()
    }

    /// Puts a mail into the outbox.
    pub(crate) fn mail(
        &self,
        service: &'static str,
        kind: &'static str,
        to: &str,
        subject: &str,
        links: Vec<String>,
        text: String,
    ) {
        let at = rfc3339(self.clock.now());
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

    /// Sets clock, faults, recorded requests and outbox back to the start.
    pub(crate) fn reset(&self) {
        self.clock.reset();
        self.faults.clear();
        self.journal.clear();
        self.outbox.clear();
    }
}

//! The sandbox as a value: started, asked, stopped.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::access::{Access, AuthressAccess, DocSpaceAccess, EnhanceAccess, OstromAccess};
use crate::engine::clock::Clock;
use crate::engine::env::{Bases, Options, World};
use crate::engine::fault::Fault;
use crate::engine::hooks::FaultController;
use crate::engine::journal::RecordedRequest;
use crate::engine::outbox::Mail;
use crate::engine::router::router;
use crate::engine::server::{Desk, Emulator, listen, serve};
use crate::services::authress::{self, Authress};
use crate::services::docspace::{self, DocSpace};
use crate::services::enhance::{self, Enhance};
use crate::services::ostrom::{self, Ostrom};

/// What a sandbox is started with; see [`Sandbox::builder`].
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Builder {
    options: Options,
    port: u16,
    page: bool,
}

impl Builder {
    /// How many users each service has: 25 unless said otherwise, 10 at least, up to a million
    /// and beyond.
    pub fn users(mut self, users: usize) -> Self {
        self.options.users = users.clamp(10, 4_000_000);
        self
    }

    /// What everything made up follows from: names, ids, keys, secrets.
    pub fn seed(mut self, seed: u64) -> Self {
        self.options.seed = seed;
        self
    }

    /// Refuses what the real services only tolerate (an Authress access key sent whole) and keeps
    /// their documented limits (50 requests a minute at Ostrom).
    pub fn strict(mut self, strict: bool) -> Self {
        self.options.strict = strict;
        self
    }

    /// The first of five ports in a row; 0, the default, takes free ones.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// How long a change that was only accepted, or a background job, takes to finish by the
    /// sandbox's clock: 2 s by default.
    pub fn async_delay(mut self, delay: Duration) -> Self {
        self.options.async_delay = delay;
        self
    }

    /// How many requests a minute Ostrom accepts from each client.
    pub fn ostrom_requests_per_minute(mut self, requests: u32) -> Self {
        self.options.ostrom_requests_per_minute = Some(requests);
        self
    }

    /// Whether the DocSpace portal's plan includes third-party accounts; it does by default.
    pub fn docspace_third_party(mut self, included: bool) -> Self {
        self.options.third_party = included;
        self
    }

    /// How many admins and room admins the DocSpace portal's plan pays for; any number by default.
    pub fn docspace_paid_users(mut self, limit: usize) -> Self {
        self.options.paid_users = Some(limit);
        self
    }

    /// Whether members may be invited to the DocSpace portal by link; they may by default.
    pub fn docspace_invitations(mut self, allowed: bool) -> Self {
        self.options.invitations = allowed;
        self
    }

    /// Also serves the page for people, on a port of its own.
    pub fn page(mut self, page: bool) -> Self {
        self.page = page;
        self
    }

    /// Starts the services in the current Tokio runtime.
    ///
    /// # Errors
    ///
    /// When a port cannot be bound.
    pub async fn start(self) -> std::io::Result<Sandbox> {
        let port = |nth: u16| {
            if self.port == 0 {
                0
            } else {
                self.port.saturating_add(nth)
            }
        };
        let (docspace_port, docspace_base) = listen(port(0)).await?;
        let (authress_port, authress_base) = listen(port(1)).await?;
        let (ostrom_port, ostrom_base) = listen(port(2)).await?;
        let (ostrom_auth_port, ostrom_auth_base) = listen(port(3)).await?;
        let (enhance_port, enhance_base) = listen(port(4)).await?;
        let bases = Bases {
            docspace: docspace_base.clone(),
            authress: authress_base.clone(),
            ostrom: ostrom_base.clone(),
            ostrom_auth: ostrom_auth_base.clone(),
            enhance: enhance_base.clone(),
        };
        let world = Arc::new(World::new(self.options, bases));
        let access = Access {
            docspace: docspace::seeded(&world),
            authress: authress::seeded(&world),
            ostrom: OstromAccess {
                base_url: ostrom_base.to_string(),
                auth_url: ostrom_auth_base.to_string(),
                user: ostrom::seeded_clients(&world)[0].clone(),
                partner: ostrom::seeded_clients(&world)[1].clone(),
                external_user_id: ostrom::CONSENTED_USER.to_owned(),
            },
            enhance: enhance::seeded(&world),
        };
        let inner = Arc::new(Inner {
            access,
            docspace: Arc::new(Emulator::new(world.clone())),
            authress: Arc::new(Emulator::new(world.clone())),
            ostrom: Arc::new(Emulator::new(world.clone())),
            enhance: Arc::new(Emulator::new(world.clone())),
            world: world.clone(),
        });
        let desk: Arc<dyn Desk> = inner.clone();
        let _ = world.desk.set(Arc::downgrade(&desk));
        let mut tasks = vec![
            tokio::spawn(serve(docspace_port, docspace_base, router(&inner.docspace))),
            tokio::spawn(serve(authress_port, authress_base, router(&inner.authress))),
            tokio::spawn(serve(ostrom_port, ostrom_base, router(&inner.ostrom))),
            tokio::spawn(serve(
                ostrom_auth_port,
                ostrom_auth_base,
                router(&inner.ostrom),
            )),
            tokio::spawn(serve(enhance_port, enhance_base, router(&inner.enhance))),
        ];
        let mut page_url = None;
        if self.page {
            let (listener, base) = listen(port(5)).await?;
            page_url = Some(format!("{base}/"));
            tasks.push(tokio::spawn(serve(
                listener,
                base,
                crate::page::router(world),
            )));
        }
        Ok(Sandbox {
            inner,
            tasks,
            page_url,
        })
    }
}

/// The four running services.
pub(crate) struct Inner {
    pub(crate) world: Arc<World>,
    pub(crate) access: Access,
    pub(crate) docspace: Arc<Emulator<DocSpace>>,
    pub(crate) authress: Arc<Emulator<Authress>>,
    pub(crate) ostrom: Arc<Emulator<Ostrom>>,
    pub(crate) enhance: Arc<Emulator<Enhance>>,
}

impl Inner {
    pub(crate) fn reset(&self) {
        let world = &self.world;
        world.clock.reset();
        world.faults.clear();
        world.journal.clear();
        world.outbox.clear();
        self.docspace.reset();
        self.authress.reset();
        self.ostrom.reset();
        self.enhance.reset();
    }

    pub(crate) fn snapshot(&self) -> Value {
        use crate::engine::server::Service as _;
        let now = self.world.clock.now();
        let mut authress = self.authress.lock();
        authress.settle(now);
        let authress_value = authress.snapshot();
        drop(authress);
        let mut docspace = self.docspace.lock();
        docspace.settle(now);
        let docspace_value = docspace.snapshot();
        drop(docspace);
        json!({
            "docspace": docspace_value,
            "authress": authress_value,
            "ostrom": self.ostrom.lock().snapshot(),
            "enhance": self.enhance.lock().snapshot(),
        })
    }
}

/// Four services on loopback. They stop when this is dropped.
pub struct Sandbox {
    inner: Arc<Inner>,
    tasks: Vec<JoinHandle<()>>,
    page_url: Option<String>,
}

/// The way into DocSpace by an invitation link.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocSpaceInvite {
    /// What signing up wants as `key`.
    pub key: String,
    /// The whole query of the confirm page, which the `confirm` header repeats.
    pub confirm: String,
}

impl Sandbox {
    /// Starts the services on free ports, seeded with 25 users each.
    ///
    /// # Errors
    ///
    /// When no port can be bound.
    pub async fn start() -> std::io::Result<Self> {
        Self::builder().start().await
    }

    /// Starts the services otherwise than by default.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Where all four listen and what opens them; serializes as the program's JSON line.
    pub fn access(&self) -> &Access {
        &self.inner.access
    }

    /// The DocSpace portal.
    pub fn docspace(&self) -> &DocSpaceAccess {
        &self.inner.access.docspace
    }

    /// The Authress account.
    pub fn authress(&self) -> &AuthressAccess {
        &self.inner.access.authress
    }

    /// The Ostrom API.
    pub fn ostrom(&self) -> &OstromAccess {
        &self.inner.access.ostrom
    }

    /// The Enhance panel.
    pub fn enhance(&self) -> &EnhanceAccess {
        &self.inner.access.enhance
    }

    /// Where the page for people is, when it was asked for.
    pub fn page_url(&self) -> Option<&str> {
        self.page_url.as_deref()
    }

    /// Adds a fault; it stays until its times are over or [`Sandbox::clear_faults`].
    pub fn fault(&self, fault: Fault) {
        self.inner.world.faults.add(fault);
    }

    /// Sets the controller that every call is shown to first; returns false when one was set before.
    /// It stays, also after [`Sandbox::reset`].
    pub fn set_fault_controller(&self, controller: Arc<impl FaultController>) -> bool {
        self.inner.world.hooks.set(controller)
    }

    /// Takes all faults away.
    pub fn clear_faults(&self) {
        self.inner.world.faults.clear();
    }

    /// The clock all expiries are read from.
    pub fn clock(&self) -> &Clock {
        &self.inner.world.clock
    }

    /// What the services received, oldest first, with secrets blotted out; the newest 10,000.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.inner.world.journal.since(0)
    }

    /// How often an operation was carried out without being refused.
    pub fn effects(&self, service: &str, operation: &str) -> u64 {
        self.inner.world.journal.effects(service, operation)
    }

    /// The e-mails the services would have sent, oldest first.
    pub fn outbox(&self) -> Vec<Mail> {
        self.inner.world.outbox.all()
    }

    /// The state of all four services, for comparing before and after; lists of people hold the
    /// first thousand.
    pub fn snapshot(&self) -> Value {
        self.inner.snapshot()
    }

    /// Back to the seed: state, clock, faults, requests, effects and outbox.
    pub fn reset(&self) {
        self.inner.reset();
    }

    /// What DocSpace's login page would hand over after this person logged in at a provider
    /// (`google`, `microsoft`, …): a `serializedProfile`. An empty address is one the provider
    /// kept to itself.
    pub fn docspace_profile(&self, provider: &str, email: &str, name: &str) -> String {
        self.inner.docspace.lock().make_profile(
            provider,
            Some(email).filter(|email| !email.is_empty()),
            name,
            None,
        )
    }

    /// As [`Sandbox::docspace_profile`], when the login did not succeed: `Canceled at provider`
    /// is one reason, any other text is an error of the provider.
    pub fn docspace_failed_profile(&self, provider: &str, reason: &str) -> String {
        self.inner
            .docspace
            .lock()
            .make_profile(provider, None, "", Some(reason))
    }

    /// The key DocSpace's sendCongratulations wants for this user, good for an hour.
    pub fn docspace_congratulations_key(&self, user_id: &str) -> String {
        self.inner
            .docspace
            .lock()
            .congratulations_key(user_id, self.inner.world.clock.now())
    }

    /// What is behind a DocSpace invitation link; none when the portal does not know it.
    pub fn docspace_invite(&self, url: &str) -> Option<DocSpaceInvite> {
        let (key, confirm) = self.inner.docspace.lock().invitation(url)?;
        Some(DocSpaceInvite { key, confirm })
    }

    /// Someone logs in to the Authress account through a connection, which is how users appear
    /// there; her user id.
    pub fn authress_login(
        &self,
        connection_id: &str,
        subject: &str,
        email: &str,
        name: &str,
    ) -> String {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let (email, name) = (given(email), given(name));
        self.inner
            .authress
            .lock()
            .log_in(connection_id, subject, email.as_deref(), name.as_deref())
    }

    /// Agrees on the customer's behalf to what an Ostrom partner has asked; false when nothing
    /// was asked for this id. Opening the link does the same.
    pub fn ostrom_consent(&self, external_user_id: &str) -> bool {
        self.inner
            .ostrom
            .lock()
            .consent(external_user_id, true)
            .is_some()
    }

    /// The id in an Enhance invite's URL, which accepting and validating want.
    pub fn enhance_invite_id(&self, url: &str) -> Option<String> {
        let path = url.split('?').next()?;
        let (_, id) = path.rsplit_once("/invites/")?;
        crate::data::seed::is_uuid(id).then(|| id.to_owned())
    }

    /// Stops the services; connections end at once.
    pub async fn stop(mut self) {
        for task in std::mem::take(&mut self.tasks) {
            task.abort();
            let _ = task.await;
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox")
            .field("access", &self.inner.access)
            .finish_non_exhaustive()
    }
}

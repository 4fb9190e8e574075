//! A running sandbox as a value: started, inspected, controlled, stopped.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinHandle;

use crate::access::{Access, AuthressAccess, DocSpaceAccess, EnhanceAccess, OstromAccess};
use crate::data::ids::is_uuid;
use crate::data::seed::Seed;
use crate::engine::clock::Clock;
use crate::engine::control::ControlApi;
use crate::engine::env::{BaseUrls, Env, Options};
use crate::engine::fault::Fault;
use crate::engine::hooks::FaultController;
use crate::engine::host::AllowedHost;
use crate::engine::journal::RecordedRequest;
use crate::engine::outbox::Mail;
use crate::engine::router::router;
use crate::engine::server::{listen, serve};
use crate::services::Services;

/// The settings of a sandbox; see [`Sandbox::builder`].
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Builder {
    options: Options,
    seed: Option<u64>,
    hosts: Vec<String>,
    port: u16,
    page: bool,
}

impl Builder {
    /// Sets how many users each service has: 25 by default, at least 10, up to a million and more.
    pub fn users(mut self, users: usize) -> Self {
        self.options.users = users.clamp(10, 4_000_000);
        self
    }

    /// Sets the seed of all generated data: names, ids, keys, secrets.
    ///
    /// Without a seed the users are the same after every start, and credentials and all that is
    /// created later differ. With one, whoever knows it knows the credentials.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Adds a host, `name` or `name:port`, under which the services are reached through a tunnel or
    /// from a container, as the `Host` header has it.
    ///
    /// By default a service responds only to 127.0.0.1, `localhost` and `[::1]` with its own port, and
    /// with 421 to every other host, so that no web page reaches it under a name of its own (DNS
    /// rebinding). The control API and the page stay with these three names, on any port added here.
    pub fn allow_host(mut self, host: impl Into<String>) -> Self {
        self.hosts.push(host.into());
        self
    }

    /// Rejects what the real services only tolerate (an Authress access key sent as a bearer token)
    /// and applies their documented limits (50 requests a minute at Ostrom).
    pub fn strict(mut self, strict: bool) -> Self {
        self.options.strict = strict;
        self
    }

    /// Sets the first of five ports in a row; 0, the default, takes free ones.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets how long a change that was only accepted, or a background job, takes to complete by the
    /// sandbox's clock: 2 s by default.
    pub fn async_delay(mut self, delay: Duration) -> Self {
        self.options.async_delay = delay;
        self
    }

    /// Sets how many requests a minute Ostrom accepts from each client.
    pub fn ostrom_requests_per_minute(mut self, requests: u32) -> Self {
        self.options.ostrom_requests_per_minute = Some(requests);
        self
    }

    /// Sets whether the DocSpace portal's plan includes third-party accounts; it does by default.
    pub fn docspace_third_party(mut self, included: bool) -> Self {
        self.options.docspace_third_party = included;
        self
    }

    /// Sets how many admins and room admins the DocSpace portal's plan includes; any number by default.
    pub fn docspace_paid_users(mut self, limit: usize) -> Self {
        self.options.docspace_paid_users = Some(limit);
        self
    }

    /// Sets whether users may be invited to the DocSpace portal by link; they may by default.
    pub fn docspace_invitations(mut self, allowed: bool) -> Self {
        self.options.docspace_invitations = allowed;
        self
    }

    /// Sets whether the web page is served, on a port of its own.
    pub fn page(mut self, page: bool) -> Self {
        self.page = page;
        self
    }

    /// Starts the services in the current Tokio runtime.
    ///
    /// # Errors
    ///
    /// When a port cannot be bound, or a host that was added is invalid.
    pub async fn start(self) -> std::io::Result<Sandbox> {
        let hosts = self.hosts.iter().map(|host| host.parse());
        let hosts: Arc<[AllowedHost]> = hosts.collect::<std::io::Result<_>>()?;
        let seed = match self.seed {
            Some(number) => Seed::new(number),
            None => Seed::random()?,
        };
        let port = |nth: u16| {
            if self.port == 0 {
                0
            } else {
                self.port.saturating_add(nth)
            }
        };
        let docspace = listen(port(0), hosts.clone()).await?;
        let authress = listen(port(1), hosts.clone()).await?;
        let ostrom = listen(port(2), hosts.clone()).await?;
        let ostrom_auth = listen(port(3), hosts.clone()).await?;
        let enhance = listen(port(4), hosts.clone()).await?;
        let base_urls = BaseUrls {
            docspace: docspace.base_url.clone(),
            authress: authress.base_url.clone(),
            ostrom: ostrom.base_url.clone(),
            ostrom_auth: ostrom_auth.base_url.clone(),
            enhance: enhance.base_url.clone(),
        };
        let env = Arc::new(Env::new(self.options, seed, base_urls));
        let services = Arc::new(Services::new(env.clone()));
        let control: Arc<dyn ControlApi> = services.clone();
        env.set_control(Arc::downgrade(&control));
        let mut tasks = vec![
            tokio::spawn(serve(docspace, router(&services.docspace))),
            tokio::spawn(serve(authress, router(&services.authress))),
            tokio::spawn(serve(ostrom, router(&services.ostrom))),
            tokio::spawn(serve(ostrom_auth, router(&services.ostrom))),
            tokio::spawn(serve(enhance, router(&services.enhance))),
        ];
        let mut page_url = None;
        if self.page {
            let page = listen(port(5), hosts).await?;
            page_url = Some(format!("{}/", page.base_url));
            tasks.push(tokio::spawn(serve(page, crate::page::router(env))));
        }
        Ok(Sandbox {
            services,
            tasks,
            page_url,
        })
    }
}

/// Four services on loopback. They stop when this is dropped.
pub struct Sandbox {
    services: Arc<Services>,
    tasks: Vec<JoinHandle<()>>,
    page_url: Option<String>,
}

/// What a DocSpace invitation link carries.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocSpaceInvite {
    /// The `key` that signing up requires.
    pub key: String,
    /// The whole query of the confirm page, as the `confirm` header carries it.
    pub confirm: String,
}

impl Sandbox {
    /// Starts the services on free ports, with 25 users each and new credentials.
    ///
    /// # Errors
    ///
    /// When no port can be bound.
    pub async fn start() -> std::io::Result<Self> {
        Self::builder().start().await
    }

    /// Returns a builder, to start the services with other settings than the defaults.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Returns the base URLs and credentials of all four; serializes as the program's JSON line.
    pub fn access(&self) -> &Access {
        &self.services.access
    }

    /// Returns the base URL and credentials of the DocSpace portal.
    pub fn docspace(&self) -> &DocSpaceAccess {
        &self.services.access.docspace
    }

    /// Returns the base URL and credentials of the Authress account.
    pub fn authress(&self) -> &AuthressAccess {
        &self.services.access.authress
    }

    /// Returns the base URLs and credentials of the Ostrom API.
    pub fn ostrom(&self) -> &OstromAccess {
        &self.services.access.ostrom
    }

    /// Returns the base URL and credentials of the Enhance panel.
    pub fn enhance(&self) -> &EnhanceAccess {
        &self.services.access.enhance
    }

    /// Returns the URL of the web page, if it is served.
    pub fn page_url(&self) -> Option<&str> {
        self.page_url.as_deref()
    }

    /// Adds a fault; it stays until its `times` are used or [`Sandbox::clear_faults`].
    pub fn fault(&self, fault: Fault) {
        self.services.env.faults.add(fault);
    }

    /// Sets the controller that every call is shown to first; returns false when one was set before.
    /// It stays, also after [`Sandbox::reset`].
    pub fn set_fault_controller(&self, controller: Arc<impl FaultController>) -> bool {
        self.services.env.hooks.set(controller)
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.services.env.faults.clear();
    }

    /// Returns the clock that all expiries are read from.
    pub fn clock(&self) -> &Clock {
        &self.services.env.clock
    }

    /// Lists the requests the services received, oldest first, with secrets redacted; at most the
    /// newest 10,000.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.services.env.journal.since(0)
    }

    /// Returns how often an operation was carried out with success.
    pub fn effects(&self, service: &str, operation: &str) -> u64 {
        self.services.env.journal.effects(service, operation)
    }

    /// Lists the e-mails the services would have sent, oldest first.
    pub fn outbox(&self) -> Vec<Mail> {
        self.services.env.outbox.all()
    }

    /// Returns the state of all four services, to compare before and after; lists of users hold the
    /// first thousand.
    pub fn snapshot(&self) -> Value {
        self.services.snapshot()
    }

    /// Lists the credentials of [`Sandbox::access`] and the newest 10,000 secrets that the services gave away
    /// since: tokens, keys, passwords, codes, pins, the ids of invites and what links carry. Search your
    /// own logs for them.
    pub fn secrets(&self) -> Vec<String> {
        let mut secrets = self.services.access.secrets();
        secrets.extend(self.services.env.seed.secrets());
        secrets
    }

    /// Returns everything to the start, credentials included: state, clock, faults, requests, effects and outbox.
    pub fn reset(&self) {
        self.services.reset();
    }

    /// Creates the `serializedProfile` that DocSpace's login page returns after this person signed in
    /// at a provider (`google`, `microsoft`, …). An empty address stands for a provider that does not
    /// reveal it.
    pub fn docspace_profile(&self, provider: &str, email: &str, name: &str) -> String {
        self.services.docspace.lock().make_profile(
            provider,
            Some(email).filter(|email| !email.is_empty()),
            name,
            None,
        )
    }

    /// As [`Sandbox::docspace_profile`], when signing in did not succeed: `Canceled at provider`
    /// is one reason, any other text is an error of the provider.
    pub fn docspace_failed_profile(&self, provider: &str, reason: &str) -> String {
        self.services
            .docspace
            .lock()
            .make_profile(provider, None, "", Some(reason))
    }

    /// Creates the key that DocSpace's sendCongratulations requires for this user, valid for an hour.
    pub fn docspace_congratulations_key(&self, user_id: &str) -> String {
        self.services
            .docspace
            .lock()
            .congratulations_key(user_id, self.services.env.clock.now())
    }

    /// Returns what a DocSpace invitation link carries; `None` for an unknown link.
    pub fn docspace_invite(&self, url: &str) -> Option<DocSpaceInvite> {
        let (key, confirm) = self.services.docspace.lock().invitation(url)?;
        Some(DocSpaceInvite { key, confirm })
    }

    /// Logs a user in to the Authress account through a connection, which is how users appear there;
    /// returns the user id.
    pub fn authress_login(
        &self,
        connection_id: &str,
        subject: &str,
        email: &str,
        name: &str,
    ) -> String {
        let non_empty = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let (email, name) = (non_empty(email), non_empty(name));
        self.services.authress.lock().log_in(
            connection_id,
            subject,
            email.as_deref(),
            name.as_deref(),
        )
    }

    /// Consents on the customer's behalf to what an Ostrom partner requested; returns false when
    /// nothing was requested for this id. Opening the link does the same.
    pub fn ostrom_consent(&self, external_user_id: &str) -> bool {
        self.services
            .ostrom
            .lock()
            .consent(external_user_id, true)
            .is_some()
    }

    /// Returns the id in an Enhance invite's URL, which accepting and validating require.
    pub fn enhance_invite_id(&self, url: &str) -> Option<String> {
        let path = url.split('?').next()?;
        let (_, id) = path.rsplit_once("/invites/")?;
        is_uuid(id).then(|| id.to_owned())
    }

    /// Stops the services and closes their connections at once.
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
            .field("access", &self.services.access)
            .finish_non_exhaustive()
    }
}

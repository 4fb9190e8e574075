//! The sandbox with its four services, and the clients that call them.

use std::{
    cell::Cell,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use futures::TryStreamExt;
use idweave::{
    Hub, Service, User,
    services::{Authress, DocSpace, Enhance, Ostrom},
};
use idweave_sandbox::Sandbox;
use idweave_transport::{
    Backoff, BoxFuture, Bytes, ClientBuilder, ConcurrencyLimit, Error, Layer, Next, Request,
    Response, RetryPolicy, Session,
};

use super::{
    Settings,
    faults::{FaultInjector, MARK},
};

/// How many attempts a call has: the transport's default.
pub const ATTEMPTS: usize = 4;

/// The number of users at the start of each list that no operation changes.
pub const UNCHANGED_USERS: usize = 60;

tokio::task_local! {
    /// The current operation, for [`MarkAttempts`].
    pub static CURRENT: Current;
}

/// The operation whose attempts are being sent.
#[derive(Default)]
pub struct Current {
    pub number: u64,
    /// When its last attempt ended.
    ended: Cell<Option<Instant>>,
    /// The time spent between attempts.
    pub waited: Cell<Duration>,
}

impl Current {
    pub fn new(number: u64) -> Self {
        Self {
            number,
            ..Self::default()
        }
    }
}

/// Writes the operation's number on each attempt.
struct MarkAttempts;

impl Layer for MarkAttempts {
    fn call<'a>(
        &'a self,
        mut request: Request<Bytes>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<Response<Bytes>, Error>> {
        Box::pin(async move {
            let marked = CURRENT.try_with(|current| {
                if let Some(ended) = current.ended.get() {
                    current.waited.set(current.waited.get() + ended.elapsed());
                }
                current.number
            });
            if let Ok(number) = marked {
                request.headers_mut().insert(MARK, number.into());
            }
            let response = next.run(request).await;
            let _ = CURRENT.try_with(|current| current.ended.set(Some(Instant::now())));
            response
        })
    }
}

/// The services, clients and records that operations need.
pub struct Environment {
    pub sandbox: Sandbox,
    pub injector: Arc<FaultInjector>,
    pub docspace: Service,
    /// The same portal by e-mail and password.
    pub docspace_login: Service,
    pub authress: Service,
    /// As a partner, and as a customer.
    pub ostrom: Service,
    pub ostrom_customer: Service,
    pub enhance: Service,
    /// The same panel by e-mail and password.
    pub enhance_login: Service,
    pub low: Low,
    pub people: People,
    /// A DocSpace invitation link's key.
    pub invite_key: String,
    /// Ids of DocSpace groups to add users to.
    pub groups: Vec<String>,
    /// What was created for single operations: an id or a token.
    prepared: Mutex<HashMap<u64, String>>,
}

/// The low-level clients, for what the facade does not cover.
pub struct Low {
    pub docspace: idweave_docspace::Client,
    pub authress: idweave_authress::Client,
    pub ostrom: idweave_ostrom::Client,
    pub enhance: idweave_enhance::Client,
    pub enhance_org: String,
}

/// The users of each service before the first operation.
pub struct People {
    pub docspace: Vec<User>,
    pub authress: Vec<User>,
    /// Ids and e-mail addresses of members.
    pub enhance: Vec<(String, String)>,
}

pub type Failure = Box<dyn std::error::Error + Send + Sync>;

impl Environment {
    pub async fn start(settings: &Settings) -> Result<Self, Failure> {
        let sandbox = Sandbox::builder()
            .users(UNCHANGED_USERS + 100 + settings.operations as usize / 12)
            .seed(settings.seed)
            .ostrom_requests_per_minute(u32::MAX)
            .start()
            .await?;
        let injector = Arc::new(FaultInjector::new(settings.seed, settings.faults));
        sandbox.set_fault_controller(injector.clone());

        let access = sandbox.access();
        let key = idweave_docspace::ApiKey::new(access.docspace.api_key.as_str())?;
        let docspace = idweave_docspace::Client::builder(&access.docspace.base_url);
        let docspace = configure(docspace.credentials(key), settings).build()?;
        let login = idweave_docspace::Login::new(
            access.docspace.email.as_str(),
            access.docspace.password.as_str(),
        );
        // Hashing its password takes longer than an attempt may, without optimisation: so it logs in
        // by a client that waits, whose session the other shares.
        let patient = idweave_docspace::Client::builder(&access.docspace.base_url);
        let patient = patient.credentials(login.clone()).build()?;
        patient.get_self_profile().await?;
        let docspace_login = idweave_docspace::Client::builder(&access.docspace.base_url);
        let docspace_login = configure(docspace_login.credentials(login), settings).build()?;

        let key = idweave_authress::AccessKey::parse(access.authress.access_key.as_str())?;
        let authress = idweave_authress::Client::builder(&access.authress.base_url);
        let authress = configure(authress.credentials(key), settings).build()?;

        let ostrom_client = |pair: &idweave_sandbox::ClientPair| {
            let credentials = idweave_ostrom::client_credentials(
                &access.ostrom.auth_url,
                pair.client_id.as_str(),
                pair.client_secret.as_str(),
            );
            let client = idweave_ostrom::Client::builder(&access.ostrom.base_url);
            configure(client.credentials(credentials), settings).build()
        };
        let ostrom = ostrom_client(&access.ostrom.partner)?;
        let ostrom_customer = ostrom_client(&access.ostrom.user)?;

        let token = idweave_enhance::AccessToken::new(access.enhance.access_token.as_str())?;
        let enhance = idweave_enhance::Client::builder(&access.enhance.base_url);
        let enhance = configure(enhance.credentials(token), settings).build()?;
        let login = idweave_enhance::Login::new(
            access.enhance.email.as_str(),
            access.enhance.password.as_str(),
        );
        let enhance_login = idweave_enhance::Client::builder(&access.enhance.base_url);
        let enhance_login = configure(enhance_login.credentials(login), settings).build()?;
        let org = access.enhance.org_id.as_str();

        let hub = Hub::builder()
            .service(DocSpace::from_client(docspace.clone()))
            .service_as("docspace-login", DocSpace::from_client(docspace_login))
            .service(Authress::from_client(authress.clone()))
            .service(Ostrom::from_client(ostrom.clone()))
            .service_as("ostrom-customer", Ostrom::from_client(ostrom_customer))
            .service(Enhance::from_client(enhance.clone(), org))
            .service_as("enhance-login", Enhance::from_client(enhance_login, org))
            .build()?;
        let service = |name: &str| hub.service(name).cloned();
        let mut env = Self {
            docspace: service("docspace")?,
            docspace_login: service("docspace-login")?,
            authress: service("authress")?,
            ostrom: service("ostrom")?,
            ostrom_customer: service("ostrom-customer")?,
            enhance: service("enhance")?,
            enhance_login: service("enhance-login")?,
            low: Low {
                docspace,
                authress,
                ostrom,
                enhance,
                enhance_org: org.to_owned(),
            },
            people: People {
                docspace: Vec::new(),
                authress: Vec::new(),
                enhance: Vec::new(),
            },
            invite_key: String::new(),
            groups: Vec::new(),
            prepared: Mutex::default(),
            sandbox,
            injector,
        };
        env.read_population().await?;
        Ok(env)
    }

    /// Reads the users and creates groups, before the first fault.
    async fn read_population(&mut self) -> Result<(), Failure> {
        self.people.docspace = self.docspace.users().list().items().try_collect().await?;
        self.people.authress = self.authress.users().list().items().try_collect().await?;
        self.people.enhance = self
            .members()
            .await?
            .into_iter()
            .map(|member| (member.id, member.email))
            .collect();
        let link = self
            .docspace
            .invites()
            .share_link(idweave::Role::Manager)
            .await?;
        let invite = self.sandbox.docspace_invite(link.url.expose());
        self.invite_key = invite.ok_or("unknown invitation link")?.key;
        for number in 0..40 {
            let body = idweave_docspace::types::GroupRequestDto::new(format!("group {number}"));
            let group = self.low.docspace.add_group(&body).await?.into_inner();
            let id = group.response.and_then(|group| group.id);
            self.groups.push(id.ok_or("the new group has no id")?);
        }
        Ok(())
    }

    /// Lists all members of the Enhance organization.
    pub async fn members(&self) -> Result<Vec<idweave_enhance::types::Member>, Failure> {
        let mut members = Vec::new();
        loop {
            let offset = i64::try_from(members.len())?;
            let page = self
                .low
                .enhance
                .get_members(
                    &self.low.enhance_org,
                    Some(offset),
                    Some(100),
                    None,
                    None,
                    None,
                    None,
                )
                .await?
                .into_inner();
            if page.items.is_empty() {
                return Ok(members);
            }
            members.extend(page.items);
        }
    }

    /// Stores what an operation will need.
    pub fn prepare(&self, number: u64, what: String) {
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        prepared.insert(number, what);
    }

    /// Returns what was created for an operation.
    pub fn prepared(&self, number: u64) -> String {
        let prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        prepared.get(&number).cloned().unwrap_or_default()
    }
}

/// Sets the defaults, without a rate limit and with waits of milliseconds.
fn configure<C: From<Session>>(client: ClientBuilder<C>, settings: &Settings) -> ClientBuilder<C> {
    let backoff = Backoff::new(Duration::from_millis(4), Duration::from_millis(40));
    client
        .without_rate_limit()
        .concurrency_limit(ConcurrencyLimit::new(settings.concurrency.max(1)))
        .idle_timeout(settings.stall)
        .timeout(Duration::from_secs(60))
        .retry(RetryPolicy::default().with_backoff(backoff))
        .layer(MarkAttempts)
}

//! The four services and the clients that call them.

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
    settings::Settings,
    trouble::{Chaos, MARK},
};

/// The most attempts a call makes: the transport's default.
pub const ATTEMPTS: usize = 4;

/// People at the start of each list that no operation changes.
pub const QUIET: usize = 60;

tokio::task_local! {
    /// The operation under way, for [`Marked`].
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
struct Marked;

impl Layer for Marked {
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

/// Everything an operation may need.
pub struct World {
    pub sandbox: Sandbox,
    pub chaos: Arc<Chaos>,
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
    /// Ids of DocSpace groups, for people to be put into.
    pub groups: Vec<String>,
    /// What was made beforehand for single operations: an id or a token.
    prepared: Mutex<HashMap<u64, String>>,
}

/// The low-level clients beneath the services, for what the facade does not cover.
pub struct Low {
    pub docspace: idweave_docspace::Client,
    pub authress: idweave_authress::Client,
    pub ostrom: idweave_ostrom::Client,
    pub enhance: idweave_enhance::Client,
    pub enhance_org: String,
}

/// Who was there before the trouble began.
pub struct People {
    pub docspace: Vec<User>,
    pub authress: Vec<User>,
    /// Memberships and addresses.
    pub enhance: Vec<(String, String)>,
}

pub type Failure = Box<dyn std::error::Error + Send + Sync>;

impl World {
    pub async fn start(settings: &Settings) -> Result<Self, Failure> {
        let sandbox = Sandbox::builder()
            .users(QUIET + 100 + settings.operations as usize / 12)
            .seed(settings.seed)
            .ostrom_requests_per_minute(u32::MAX)
            .start()
            .await?;
        let chaos = Arc::new(Chaos::new(settings.seed, settings.faults));
        sandbox.set_fault_controller(chaos.clone());

        let access = sandbox.access();
        let key = idweave_docspace::ApiKey::new(access.docspace.api_key.as_str())?;
        let docspace = idweave_docspace::Client::builder(&access.docspace.base_url);
        let docspace = set_up(docspace.credentials(key), settings).build()?;
        let login = idweave_docspace::Login::new(
            access.docspace.email.as_str(),
            access.docspace.password.as_str(),
        );
        // Hashing its password takes longer than an attempt may, without optimisation: so it logs in
        // by a client that waits, whose session the other shares.
        let patient = idweave_docspace::Client::builder(&access.docspace.base_url);
        let patient = patient.credentials(login.clone()).without_proxy().build()?;
        patient.get_self_profile().await?;
        let docspace_login = idweave_docspace::Client::builder(&access.docspace.base_url);
        let docspace_login = set_up(docspace_login.credentials(login), settings).build()?;

        let key = idweave_authress::AccessKey::parse(access.authress.access_key.as_str())?;
        let authress = idweave_authress::Client::builder(&access.authress.base_url);
        let authress = set_up(authress.credentials(key), settings).build()?;

        let ostrom_client = |pair: &idweave_sandbox::ClientPair| {
            let credentials = idweave_ostrom::client_credentials(
                &access.ostrom.auth_url,
                pair.client_id.as_str(),
                pair.client_secret.as_str(),
            );
            let client = idweave_ostrom::Client::builder(&access.ostrom.base_url);
            set_up(client.credentials(credentials), settings).build()
        };
        let ostrom = ostrom_client(&access.ostrom.partner)?;
        let ostrom_customer = ostrom_client(&access.ostrom.user)?;

        let token = idweave_enhance::AccessToken::new(access.enhance.access_token.as_str())?;
        let enhance = idweave_enhance::Client::builder(&access.enhance.base_url);
        let enhance = set_up(enhance.credentials(token), settings).build()?;
        let login = idweave_enhance::Login::new(
            access.enhance.email.as_str(),
            access.enhance.password.as_str(),
        );
        let enhance_login = idweave_enhance::Client::builder(&access.enhance.base_url);
        let enhance_login = set_up(enhance_login.credentials(login), settings).build()?;
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
        let mut world = Self {
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
            chaos,
        };
        world.look_around().await?;
        Ok(world)
    }

    /// Who and what is there, while all is still well.
    async fn look_around(&mut self) -> Result<(), Failure> {
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
        self.invite_key = invite.ok_or("the invitation link leads nowhere")?.key;
        for number in 0..40 {
            let body = idweave_docspace::types::GroupRequestDto::new(format!("group {number}"));
            let group = self.low.docspace.add_group(&body).await?.into_inner();
            let id = group.response.and_then(|group| group.id);
            self.groups.push(id.ok_or("the new group has no id")?);
        }
        Ok(())
    }

    /// All members of the Enhance organization.
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

    /// Keeps what an operation will need.
    pub fn prepare(&self, number: u64, what: String) {
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        prepared.insert(number, what);
    }

    /// What was made for this operation.
    pub fn prepared(&self, number: u64) -> String {
        let prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        prepared.get(&number).cloned().unwrap_or_default()
    }
}

/// The defaults, but for limits of rate that the sandbox does not have and waits in milliseconds.
fn set_up<C: From<Session>>(client: ClientBuilder<C>, settings: &Settings) -> ClientBuilder<C> {
    let backoff = Backoff::new(Duration::from_millis(4), Duration::from_millis(40));
    client
        .without_proxy()
        .without_rate_limit()
        .concurrency_limit(ConcurrencyLimit::new(settings.concurrency.max(1)))
        .idle_timeout(settings.stall)
        .timeout(Duration::from_secs(60))
        .retry(RetryPolicy::default().with_backoff(backoff))
        .layer(Marked)
}

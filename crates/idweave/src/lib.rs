//! One API for managing identities that live in several services.
//!
//! A [`Hub`] holds the services, each under a name. What services have in common is called the same way everywhere,
//! through a [`Service`] handle: users, invites, links to external accounts, groups, sign-in providers. What a service
//! supports is in its [`Capability`]; calling what it does not support is an error before anything is sent.
//!
//! ```
//! use futures::TryStreamExt;
//! use idweave::{AcceptInvite, Hub, InviteRequest, Role, services::{Authress, Enhance}};
//!
//! # async fn example(panel: idweave_sandbox::Sandbox) -> idweave::Result<()> {
//! # let (authress, enhance) = (panel.authress(), panel.enhance());
//! let hub = Hub::builder()
//!     .service(Authress::new(&authress.base_url)?.access_key(&authress.access_key)?)
//!     .service(Enhance::new(&enhance.base_url)?.access_token(&enhance.org_id, &enhance.access_token))
//!     .build()?;                                  // or Hub::from_env()?, Hub::from_file("idweave.toml")?
//!
//! let enhance = hub.service("enhance")?;
//! let invite = enhance.invites().create(InviteRequest::new("bob@acme.io", "Bob").role(Role::Support)).await?;
//! assert!(enhance.invites().validate(&invite.token).await?.valid);
//! let accept = AcceptInvite::new("bob@acme.io").password("correct horse battery staple");
//! let session = enhance.invites().accept(&invite.token, accept).await?;
//! assert!(session.cookie("id0").is_some());
//!
//! let mut bobs = hub.users().email("bob@acme.io").items();     // in every service that can list users
//! while let Some(bob) = bobs.try_next().await? {
//!     println!("{} {}", bob.id, bob.display_name().unwrap_or("-"));
//! }
//! # Ok(()) }
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! #     example(idweave_sandbox::Sandbox::start().await.unwrap()).await.unwrap();
//! # });
//! ```
//!
//! For operations that the facade does not cover, each type in [`services`] gives access to its low-level client:
//! `DocSpace::client()` and so on.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `docspace` | yes | `services::DocSpace` |
//! | `authress` | yes | `services::Authress` |
//! | `ostrom` | yes | `services::Ostrom` |
//! | `enhance` | yes | `services::Enhance` |
//! | `ring` | yes | ring as the TLS provider, unless the application has installed one for its process |
//! | `aws-lc-rs` | no | aws-lc-rs as the TLS provider; with both, ring is used |
//! | `schemars` | no | `schemars::JsonSchema` of the types that serialize |
//!
//! # Errors and secrets
//!
//! Every failure is an [`Error`] with an [`ErrorKind`] to match on. Neither errors nor `Debug` of any type show
//! passwords, tokens, cookies, invite links, names or addresses; only [`Secret::expose`] returns a secret.

mod capability;
mod error;
mod handle;
mod hub;
mod id;
mod model;
mod redact;
mod service;
pub mod services;
// Some services use only a part of these modules.
#[cfg_attr(
    not(all(
        feature = "docspace",
        feature = "authress",
        feature = "ostrom",
        feature = "enhance"
    )),
    allow(dead_code)
)]
mod settings;
mod stream;
#[cfg_attr(
    not(all(
        feature = "docspace",
        feature = "authress",
        feature = "ostrom",
        feature = "enhance"
    )),
    allow(dead_code)
)]
mod validate;

pub use async_trait::async_trait;
pub use capability::{Ability, Capability, Support};
pub use error::{Error, ErrorKind, Result};
pub use handle::{GroupList, Groups, Invites, Links, Service, UserList, Users};
pub use hub::{Hub, HubBuilder, HubUserList, HubUsers};
pub use id::{GroupId, GroupRef, UserId, UserRef};
pub use idweave_transport::Secret;
pub use model::{
    AcceptInvite, ConsentRequest, CurrentUser, Cursor, Deletion, Group, GroupQuery, Invite,
    InviteCheck, InviteLink, InviteRequest, InviteToken, Link, LinkRequest, LinkState,
    OffboardOutcome, OffboardReport, OffboardStatus, OpenedSession, Page, Person, PersonMatches,
    Role, SessionCookie, SignInProvider, SignInProviderQuery, SignUpRequest, Timestamp, User,
    UserQuery, UserStatus,
};
pub use service::IdentityService;
pub use stream::{Items, Pages};

/// The README's example is compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

//! Invites to one service.

use super::service::Service;
use crate::{
    Ability, AcceptInvite, Invite, InviteCheck, InviteLink, InviteRequest, InviteToken,
    OpenedSession, Result, Role,
};

/// Invites to one service; see [`Service::invites`].
///
/// ```
/// # use idweave::{Hub, services::Enhance};
/// # async fn tell(sandbox: idweave_sandbox::Sandbox) -> idweave::Result<()> {
/// # let access = sandbox.enhance();
/// # let panel = Enhance::new(&access.base_url)?.access_token(&access.org_id, &access.access_token);
/// # let hub = Hub::builder().service(panel).build()?;
/// use idweave::{AcceptInvite, InviteRequest, Role};
///
/// let invites = hub.service("enhance")?.invites();
/// let invite = invites.create(InviteRequest::new("bob@acme.io", "Bob").role(Role::Support)).await?;
/// assert!(invites.validate(&invite.token).await?.valid);
/// let accept = AcceptInvite::new("bob@acme.io").password("correct horse battery staple");
/// let session = invites.accept(&invite.token, accept).await?;
/// assert!(session.cookie("id0").is_some());
/// # Ok(()) }
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// #     tell(idweave_sandbox::Sandbox::start().await.unwrap()).await.unwrap();
/// # });
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Invites<'a>(&'a Service);

impl Service {
    /// Invites to it.
    pub fn invites(&self) -> Invites<'_> {
        Invites(self)
    }
}

impl Invites<'_> {
    /// Invites a person by e-mail.
    ///
    /// Enhance: `createInvite`. Inviting again writes to her again, with a new token. Not repeated by itself when the
    /// answer is lost.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for what is no address, an empty name or no role,
    /// before anything is sent.
    pub async fn create(self, request: InviteRequest) -> Result<Invite> {
        self.0.require(Ability::CreateInvite)?;
        self.0
            .inner()
            .create_invite(&request)
            .await
            .map_err(|e| self.0.with_service_name(e))
    }

    /// Asks whether an invite still holds. Needs no credentials.
    ///
    /// Enhance: `validateInvite`. A token of the right form that is unknown or used up is not an error but an answer:
    /// [`InviteCheck::valid`] is false.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a token of another form.
    pub async fn validate(self, token: &InviteToken) -> Result<InviteCheck> {
        self.0.require(Ability::ValidateInvite)?;
        let result = self.0.inner().validate_invite(token).await;
        let mut check = result.map_err(|e| self.0.with_service_name(e))?;
        if let Some(user) = &mut check.user {
            user.set_service(self.0.name());
        }
        if let Some(organization) = &mut check.organization_id {
            organization.set_service(self.0.name());
        }
        Ok(check)
    }

    /// Takes an invite up and opens a session for the person. Needs no credentials.
    ///
    /// Enhance: `acceptInvite`. The session cookie is in the answer: keep it or hand it on, there is no second chance.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) for an unknown token,
    /// [`ErrorKind::PermissionDenied`](crate::ErrorKind::PermissionDenied) when a session of somebody else is in use.
    pub async fn accept(self, token: &InviteToken, request: AcceptInvite) -> Result<OpenedSession> {
        self.0.require(Ability::AcceptInvite)?;
        let result = self.0.inner().accept_invite(token, &request).await;
        result.map_err(|e| self.0.with_service_name(e))
    }

    /// A link with which anyone who has it may join as this.
    ///
    /// DocSpace: `getInvitationLink`.
    ///
    /// # Errors
    /// [`ErrorKind::PermissionDenied`](crate::ErrorKind::PermissionDenied) when the caller may not invite people as
    /// this, or inviting is switched off.
    pub async fn share_link(self, role: Role) -> Result<InviteLink> {
        self.0.require(Ability::ShareLink)?;
        self.0
            .inner()
            .share_link(&role)
            .await
            .map_err(|e| self.0.with_service_name(e))
    }
}

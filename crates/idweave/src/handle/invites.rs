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
/// # async fn example(sandbox: idweave_sandbox::Sandbox) -> idweave::Result<()> {
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
/// #     example(idweave_sandbox::Sandbox::start().await.unwrap()).await.unwrap();
/// # });
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Invites<'a>(&'a Service);

impl Service {
    /// Returns the invites to the service.
    pub fn invites(&self) -> Invites<'_> {
        Invites(self)
    }
}

impl Invites<'_> {
    /// Invites a person by e-mail.
    ///
    /// Enhance: `createInvite`. Inviting a person again sends another e-mail, with a new token. The call is not
    /// repeated when the response is lost.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for an invalid e-mail address, an empty name or a
    /// missing role, before anything is sent.
    pub async fn create(self, request: InviteRequest) -> Result<Invite> {
        self.0.require(Ability::CreateInvite)?;
        self.0
            .inner()
            .create_invite(&request)
            .await
            .map_err(|e| self.0.with_service_name(e))
    }

    /// Checks whether an invite is still valid. Needs no credentials.
    ///
    /// Enhance: `validateInvite`. An unknown or already used token is not an error: [`InviteCheck::valid`] is false.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a malformed token.
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

    /// Accepts an invite and opens a session for the user. Needs no credentials.
    ///
    /// Enhance: `acceptInvite`. Only this response has the session cookie: store it or pass it on.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) for an unknown token,
    /// [`ErrorKind::PermissionDenied`](crate::ErrorKind::PermissionDenied) if the session of another user is in use.
    pub async fn accept(self, token: &InviteToken, request: AcceptInvite) -> Result<OpenedSession> {
        self.0.require(Ability::AcceptInvite)?;
        let result = self.0.inner().accept_invite(token, &request).await;
        result.map_err(|e| self.0.with_service_name(e))
    }

    /// Returns a link with which anyone who has it may join with a role.
    ///
    /// DocSpace: `getInvitationLink`.
    ///
    /// # Errors
    /// [`ErrorKind::PermissionDenied`](crate::ErrorKind::PermissionDenied) if the caller may not invite users with
    /// this role, or invitations are disabled.
    pub async fn share_link(self, role: Role) -> Result<InviteLink> {
        self.0.require(Ability::ShareLink)?;
        self.0
            .inner()
            .share_link(&role)
            .await
            .map_err(|e| self.0.with_service_name(e))
    }
}

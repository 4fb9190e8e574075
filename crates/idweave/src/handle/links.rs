//! Links between the users of one service and external accounts.

use super::service::Service;
use crate::{Ability, Link, LinkRequest, Result};

/// Links between users and external accounts; see [`Service::links`].
///
/// ```
/// # use idweave::{Hub, services::Ostrom};
/// # async fn example(sandbox: idweave_sandbox::Sandbox) -> idweave::Result<()> {
/// # let (access, partner) = (sandbox.ostrom(), &sandbox.ostrom().partner);
/// # let ostrom = Ostrom::with_urls(&access.base_url, &access.auth_url)?;
/// # let ostrom = ostrom.client_credentials(&partner.client_id, &partner.client_secret);
/// # let hub = Hub::builder().service(ostrom).build()?;
/// use idweave::{ConsentRequest, LinkState};
///
/// let links = hub.service("ostrom")?.links();
/// let request = ConsentRequest::new("customer-7", "https://acme.io/linked").scope("contract:read:data");
/// let link = links.link(request).await?;
/// assert_eq!(link.state, LinkState::AwaitingConsent);
/// if let Some(page) = link.consent_url {
///     // Send the person to page.expose(), and nobody else.
/// }
/// links.unlink("customer-7").await?;
/// # Ok(()) }
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// #     example(idweave_sandbox::Sandbox::start().await.unwrap()).await.unwrap();
/// # });
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Links<'a>(&'a Service);

impl Service {
    /// Returns the links between the service's users and external accounts.
    pub fn links(&self) -> Links<'_> {
        Links(self)
    }
}

impl Links<'_> {
    /// Links an external account to a user.
    ///
    /// DocSpace: `linkThirdPartyAccount`, which links a [profile](LinkRequest::profile) to the current user. Ostrom:
    /// `linkUser`, which takes a [`ConsentRequest`](crate::ConsentRequest) and returns a page on which the person
    /// consents; nothing is linked before.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for the other kind of request, or for an invalid
    /// one, before anything is sent.
    pub async fn link(self, request: impl Into<LinkRequest>) -> Result<Link> {
        self.0.require(Ability::LinkAccount)?;
        let request = request.into();
        self.0
            .inner()
            .link_account(&request)
            .await
            .map_err(|e| self.0.with_service_name(e))
    }

    /// Unlinks an external account.
    ///
    /// DocSpace: `unlinkThirdPartyAccount`, which unlinks the current user; the key is the provider's, such as
    /// `google`. Ostrom: `disconnectUser`; the key is your own id of the person.
    ///
    /// # Errors
    /// Ostrom: [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there was no link, unless the response to an
    /// earlier attempt was lost, which has then probably removed it. DocSpace does not report it.
    pub async fn unlink(self, key: impl AsRef<str>) -> Result<()> {
        self.0.require(Ability::UnlinkAccount)?;
        self.0
            .inner()
            .unlink_account(key.as_ref())
            .await
            .map_err(|e| self.0.with_service_name(e))
    }
}

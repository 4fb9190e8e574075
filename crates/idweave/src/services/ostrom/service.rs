//! Implements the service trait for Ostrom.

use async_trait::async_trait;

use super::{DESCRIPTOR, Ostrom, convert, error::map_error};
use crate::{
    Ability, Capability, CurrentUser, Deletion, Error, IdentityService, Link, LinkRequest,
    LinkState, Result, Support,
    services::support::{
        error::removed,
        response::{missing_field, raw},
    },
    validate,
};

#[async_trait]
impl IdentityService for Ostrom {
    fn service_type(&self) -> &'static str {
        DESCRIPTOR.service_type
    }

    fn capability(&self) -> Capability {
        Capability::default()
            .with(Ability::LinkAccount, Support::Native)
            .with(Ability::UnlinkAccount, Support::Native)
            .with(Ability::DeleteUser, Support::Emulated)
            .with(Ability::CurrentUser, Support::Native)
    }

    fn validate(&self) -> Result<()> {
        self.client().map(|_| ())
    }

    async fn delete_user(&self, id: &str) -> Result<Deletion> {
        self.unlink_account(id).await?;
        Ok(Deletion::Unlinked)
    }

    async fn link_account(&self, request: &LinkRequest) -> Result<Link> {
        let LinkRequest::Consent(request) = request else {
            let text = "Ostrom links a person who consents on its page; use ConsentRequest::new()";
            return Err(Error::invalid_input(text));
        };
        let body = convert::link_body(request)?;
        let response = self.client()?.link_user(&body).await.map_err(map_error)?;
        let url = response.into_inner().link_url;
        if url.is_empty() {
            return Err(missing_field("linkUser", "the address of the consent page"));
        }
        Ok(Link::new(LinkState::AwaitingConsent).consent_url(url))
    }

    async fn unlink_account(&self, key: &str) -> Result<()> {
        let id = validate::id("your id of the user", key, 255)?;
        removed(self.client()?.disconnect_user(id).await).map_err(map_error)
    }

    async fn current_user(&self) -> Result<CurrentUser> {
        let response = self.client()?.get_me().await.map_err(map_error)?;
        let raw = raw(&response);
        Ok(convert::me(response.into_inner()).with_raw(raw))
    }
}

//! Ties between the users of one service and accounts elsewhere.

use super::Service;
use crate::{Ability, Link, LinkRequest, Result};

/// Ties between users and accounts elsewhere; see [`Service::links`].
#[derive(Clone, Copy, Debug)]
pub struct Links<'a>(pub(super) &'a Service);

impl Links<'_> {
    /// Ties an outside account to a user.
    ///
    /// DocSpace: `linkThirdPartyAccount`, ties a [profile](LinkRequest::profile) to the current user. Ostrom:
    /// `linkUser`, takes a [`ConsentRequest`](crate::ConsentRequest) and answers with a page on which the person agrees;
    /// nothing is tied before she does.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for the other sort of request, or for one the
    /// service would not take, before anything is sent.
    pub async fn link(self, request: impl Into<LinkRequest>) -> Result<Link> {
        self.0.require(Ability::LinkAccount)?;
        let request = request.into();
        self.0
            .inner()
            .link_account(&request)
            .await
            .map_err(|e| self.0.name_error(e))
    }

    /// Unties an outside account.
    ///
    /// DocSpace: `unlinkThirdPartyAccount`; the key is the provider's, `google`, and the user the current one. Ostrom:
    /// `disconnectUser`; the key is your own id for the person.
    ///
    /// # Errors
    /// Ostrom: [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there was no tie. DocSpace says nothing then.
    pub async fn unlink(self, key: impl AsRef<str>) -> Result<()> {
        self.0.require(Ability::UnlinkAccount)?;
        self.0
            .inner()
            .unlink_account(key.as_ref())
            .await
            .map_err(|e| self.0.name_error(e))
    }
}

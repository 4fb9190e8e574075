//! What only DocSpace offers.

use super::{DESCRIPTOR, DocSpace, error::map_error};
use crate::{Result, Secret, UserRef, validate};

impl DocSpace {
    /// Marks the portal's gift message as read by the current user.
    ///
    /// DocSpace: `markGiftMessageAsRead`. The response is the same whether or not there was such a message.
    ///
    /// ```
    /// # use idweave::{Hub, services::DocSpace};
    /// # async fn example(sandbox: idweave_sandbox::Sandbox) -> idweave::Result<()> {
    /// # let access = sandbox.docspace();
    /// # let (url, api_key) = (&access.base_url, &access.api_key);
    /// let docspace = DocSpace::new(url)?.api_key(api_key);
    /// let hub = Hub::builder().service(docspace.clone()).build()?;
    /// docspace.mark_gift_message_as_read().await?;
    /// # Ok(()) }
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// #     example(idweave_sandbox::Sandbox::start().await.unwrap()).await.unwrap();
    /// # });
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Unauthenticated`](crate::ErrorKind::Unauthenticated) without credentials.
    pub async fn mark_gift_message_as_read(&self) -> Result<()> {
        let marked = async {
            let outcome = self.client()?.mark_gift_message_as_read().await;
            outcome.map(drop).map_err(map_error)
        };
        marked
            .await
            .map_err(|error| error.with_service(DESCRIPTOR.service_type))
    }

    /// Sends the welcome e-mails of a new portal to its owner. Needs no credentials.
    ///
    /// DocSpace: `sendCongratulations`. The key is that of the e-mail that confirms an address and is valid for an
    /// hour. The call can enable the second factor. It is not repeated when the response is lost.
    ///
    /// # Errors
    /// [`ErrorKind::PermissionDenied`](crate::ErrorKind::PermissionDenied) for an invalid or expired key,
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for an id that is not a GUID or an empty key,
    /// before anything is sent.
    pub async fn send_congratulations(
        &self,
        user: impl Into<UserRef>,
        key: impl Into<Secret>,
    ) -> Result<()> {
        let (user, key) = (user.into(), key.into());
        let sent = async {
            let id = validate::guid("the user's id", &user.id)?;
            validate::text("the key", key.expose(), 1024)?;
            let outcome = self.client()?.send_congratulations(id, &key).await;
            outcome.map(drop).map_err(map_error)
        };
        sent.await
            .map_err(|error| error.with_service(DESCRIPTOR.service_type))
    }
}

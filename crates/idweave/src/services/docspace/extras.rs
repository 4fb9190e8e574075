//! What only DocSpace has.

use super::{DESCRIPTOR, DocSpace, error::map_error};
use crate::{Result, Secret, UserRef, services::support::response::reject_html, validate};

impl DocSpace {
    /// Marks the portal's gift message as read by the current user.
    ///
    /// DocSpace: `markGiftMessageAsRead`. It answers alike whether or not there was such a message.
    ///
    /// ```
    /// # use idweave::{Hub, services::DocSpace};
    /// # async fn tell(sandbox: idweave_sandbox::Sandbox) -> idweave::Result<()> {
    /// # let access = sandbox.docspace();
    /// # let (url, api_key) = (&access.base_url, &access.api_key);
    /// let docspace = DocSpace::new(url)?.api_key(api_key);
    /// let hub = Hub::builder().service(docspace.clone()).build()?;
    /// docspace.mark_gift_message_as_read().await?;
    /// # Ok(()) }
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// #     tell(idweave_sandbox::Sandbox::start().await.unwrap()).await.unwrap();
    /// # });
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Unauthenticated`](crate::ErrorKind::Unauthenticated) without credentials.
    pub async fn mark_gift_message_as_read(&self) -> Result<()> {
        let marked = async {
            let response = self
                .client()?
                .mark_gift_message_as_read()
                .await
                .map_err(map_error)?;
            reject_html(&response, "markGiftMessageAsRead")
        };
        marked
            .await
            .map_err(|error| error.with_service(DESCRIPTOR.name))
    }

    /// Sends the letters with which a new portal greets its owner. Needs no credentials.
    ///
    /// DocSpace: `sendCongratulations`. The key is the one out of the letter that confirms an address and is good for
    /// an hour. It may switch the second factor on. Not repeated by itself.
    ///
    /// # Errors
    /// [`ErrorKind::PermissionDenied`](crate::ErrorKind::PermissionDenied) for a wrong or old key,
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for an id that is no GUID or an empty key, before
    /// anything is sent.
    pub async fn send_congratulations(
        &self,
        user: impl Into<UserRef>,
        key: impl Into<Secret>,
    ) -> Result<()> {
        let (user, key) = (user.into(), key.into());
        let sent = async {
            let id = validate::guid("the user's id", &user.id)?;
            validate::text("the key", key.expose(), 1024)?;
            let response = self
                .client()?
                .send_congratulations(id, &key)
                .await
                .map_err(map_error)?;
            reject_html(&response, "sendCongratulations")
        };
        sent.await
            .map_err(|error| error.with_service(DESCRIPTOR.name))
    }
}

//! Creates the hub that the examples use.

use idweave::{
    ErrorKind, Hub,
    services::{Authress, DocSpace, Enhance, Ostrom},
};
use idweave_sandbox::Sandbox;

/// Creates a hub from the environment, or one over a sandbox, which runs until it is dropped.
pub(crate) async fn hub() -> Result<(Hub, Option<Sandbox>), Box<dyn std::error::Error>> {
    match Hub::from_env() {
        Ok(hub) => return Ok((hub, None)),
        // The environment has settings, and an error in them should be seen.
        Err(error) if error.kind() != ErrorKind::InvalidConfig || error.service().is_some() => {
            return Err(error.into());
        }
        Err(_) => {}
    }
    let sandbox = Sandbox::start().await?;
    let (docspace, authress) = (sandbox.docspace(), sandbox.authress());
    let (ostrom, enhance) = (sandbox.ostrom(), sandbox.enhance());
    let partner = &ostrom.partner;
    let hub = Hub::builder()
        .service(DocSpace::new(&docspace.base_url)?.api_key(&docspace.api_key))
        .service(Authress::new(&authress.base_url)?.access_key(&authress.access_key)?)
        .service(
            Ostrom::with_urls(&ostrom.base_url, &ostrom.auth_url)?
                .client_credentials(&partner.client_id, &partner.client_secret),
        )
        .service(
            Enhance::new(&enhance.base_url)?.access_token(&enhance.org_id, &enhance.access_token),
        )
        .build()?;
    Ok((hub, Some(sandbox)))
}

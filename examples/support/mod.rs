//! Where the examples get their services from.

use idweave::{
    ErrorKind, Hub,
    services::{Authress, DocSpace, Enhance, Ostrom},
};
use idweave_sandbox::Sandbox;

/// The hub that the environment describes, or one over the sandbox, which lives as long as what is returned with it.
pub(crate) async fn hub() -> Result<(Hub, Option<Sandbox>), Box<dyn std::error::Error>> {
    match Hub::from_env() {
        Ok(hub) => return Ok((hub, None)),
        // Something is set: a mistake in it is to be seen, not passed over.
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

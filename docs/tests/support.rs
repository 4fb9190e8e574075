//! A hub over the sandbox, for the functions that the pages show.

use idweave::{
    Hub,
    services::{Authress, Enhance},
};
use idweave_sandbox::Sandbox;

/// Starts the services, and a hub with the two that most pages use.
pub(crate) async fn hub() -> (Hub, Sandbox) {
    let sandbox = Sandbox::start().await.unwrap();
    let (authress, enhance) = (sandbox.authress(), sandbox.enhance());
    let hub = Hub::builder()
        .service(
            Authress::new(&authress.base_url)
                .unwrap()
                .access_key(&authress.access_key)
                .unwrap(),
        )
        .service(
            Enhance::new(&enhance.base_url)
                .unwrap()
                .access_token(&enhance.org_id, &enhance.access_token),
        )
        .build()
        .unwrap();
    (hub, sandbox)
}

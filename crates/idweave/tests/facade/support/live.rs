//! The facade's services, connected to the sandbox.

use idweave::{
    Hub, Result, Service,
    services::{Authress, DocSpace, Enhance, Ostrom},
};
use idweave_sandbox::Sandbox;

pub fn single(hub: Result<Hub>) -> Service {
    hub.unwrap().services().next().unwrap().clone()
}

pub fn docspace(sandbox: &Sandbox) -> Service {
    let access = sandbox.docspace();
    single(
        Hub::builder()
            .service(
                DocSpace::new(&access.base_url)
                    .unwrap()
                    .api_key(&access.api_key),
            )
            .build(),
    )
}

pub fn authress(sandbox: &Sandbox) -> Service {
    let access = sandbox.authress();
    let authress = Authress::new(&access.base_url)
        .unwrap()
        .access_key(&access.access_key)
        .unwrap();
    single(Hub::builder().service(authress).build())
}

pub fn ostrom(sandbox: &Sandbox, client: &idweave_sandbox::ClientPair) -> Service {
    let access = sandbox.ostrom();
    let ostrom = Ostrom::with_urls(&access.base_url, &access.auth_url).unwrap();
    single(
        Hub::builder()
            .service(ostrom.client_credentials(&client.client_id, &client.client_secret))
            .build(),
    )
}

pub fn enhance(sandbox: &Sandbox) -> Service {
    let access = sandbox.enhance();
    let enhance = Enhance::new(&access.base_url)
        .unwrap()
        .access_token(&access.org_id, &access.access_token);
    single(Hub::builder().service(enhance).build())
}

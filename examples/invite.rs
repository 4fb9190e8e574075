//! Invites a person, validates the invite and accepts it: `cargo run --example invite -- bob@acme.io Bob`.
//!
//! The services come from the environment (see `Hub::from_env`), or from the sandbox when it names none.

mod support;

use idweave::{Ability, AcceptInvite, InviteRequest, Role};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (hub, _sandbox) = support::hub().await?;
    let mut args = std::env::args().skip(1);
    let email = args.next().unwrap_or_else(|| "bob@acme.io".to_owned());
    let name = args.next().unwrap_or_else(|| "Bob".to_owned());

    let can_invite = |service: &&idweave::Service| {
        service
            .capability()
            .get(Ability::CreateInvite)
            .is_available()
    };
    let service = hub
        .services()
        .find(can_invite)
        .ok_or("no service supports invites")?;

    let request = InviteRequest::new(&email, &name)
        .role(Role::Support)
        .send_email(false);
    let invite = service.invites().create(request).await?;
    let check = service.invites().validate(&invite.token).await?;
    println!(
        "{} invited {name}; the invite is valid: {}",
        service.name(),
        check.valid
    );

    // The following is done by the invited person.
    let accept = AcceptInvite::new(&email).password("correct horse battery staple");
    let session = service.invites().accept(&invite.token, accept).await?;
    println!(
        "{name} is logged in; pass these cookies to a browser: {:?}",
        session.cookies
    );
    Ok(())
}

//! Calls nineteen operations of four services through the facade, as the story of a user who joins and leaves.
//!
//! `cargo run --example tour` starts the four services on this machine and needs no account and no network.
//! `RUST_LOG=idweave=debug` shows the calls underneath.

use std::{collections::BTreeSet, process::ExitCode};

use futures::TryStreamExt;
use idweave::{
    AcceptInvite, ConsentRequest, Deletion, Error, ErrorKind, Hub, InviteRequest, LinkRequest,
    LinkState, Role, SignInProviderQuery, SignUpRequest,
    services::{Authress, DocSpace, Enhance, Ostrom},
};
use idweave_sandbox::Sandbox;

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    match tour().await {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the tour failed: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  because {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

/// Prints a line for each operation, and returns the lines.
pub(crate) async fn tour() -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let hub = hub(&sandbox)?;
    let mut story = Story::default();
    work_in_the_panel(&hub, &mut story).await?;
    write_documents(&hub, &sandbox, &mut story).await?;
    share_the_power_bill(&hub, &sandbox, &mut story).await?;
    log_in_everywhere(&hub, &sandbox, &mut story).await?;
    story.end(&sandbox)
}

/// The four services; Ostrom twice, once as a partner and once as a customer.
fn hub(sandbox: &Sandbox) -> Result<Hub, Error> {
    let (docspace, authress) = (sandbox.docspace(), sandbox.authress());
    let (ostrom, enhance) = (sandbox.ostrom(), sandbox.enhance());
    let ostrom_api = || Ostrom::with_urls(&ostrom.base_url, &ostrom.auth_url);
    let (partner, user) = (&ostrom.partner, &ostrom.user);
    Hub::builder()
        .service(DocSpace::new(&docspace.base_url)?.api_key(&docspace.api_key))
        .service(Authress::new(&authress.base_url)?.access_key(&authress.access_key)?)
        .service(ostrom_api()?.client_credentials(&partner.client_id, &partner.client_secret))
        .service_as(
            "ostrom-home",
            ostrom_api()?.client_credentials(&user.client_id, &user.client_secret),
        )
        .service(
            Enhance::new(&enhance.base_url)?.access_token(&enhance.org_id, &enhance.access_token),
        )
        .build()
}

/// Enhance: an invite is created, validated and accepted.
async fn work_in_the_panel(hub: &Hub, story: &mut Story) -> Result<(), Error> {
    let invites = hub.service("enhance")?.invites();
    let request = InviteRequest::new("bob@acme.io", "Bob Stone")
        .role(Role::Support)
        .send_email(false);
    let invite = invites.create(request).await?;
    story.tell(
        "enhance",
        "createInvite",
        "Bob is invited to the hosting panel, as support",
    );

    let seen = invites.validate(&invite.token).await?;
    let organization = seen.organization.as_deref().unwrap_or("an organization");
    story.tell(
        "enhance",
        "validateInvite",
        format!("the invite is valid, for {organization}"),
    );

    let accept = AcceptInvite::new("bob@acme.io").password("correct horse battery staple");
    let session = invites.accept(&invite.token, accept).await?;
    let cookies = session.cookies.len();
    story.tell(
        "enhance",
        "acceptInvite",
        format!("Bob accepts and is logged in ({cookies} session cookie)"),
    );
    Ok(())
}

/// DocSpace: Bob signs up with a Google account; the owner links one and unlinks it again.
async fn write_documents(hub: &Hub, sandbox: &Sandbox, story: &mut Story) -> Result<(), Error> {
    let docspace = hub.service("docspace")?;
    let before = docspace.users().count().await?;
    story.tell(
        "docspace",
        "getPortalUsersCount",
        format!("the portal has {before} users"),
    );

    let query = SignInProviderQuery::new().invite_view(true);
    let providers = docspace.sign_in_providers_for(query).await?;
    let keys: Vec<_> = providers
        .items
        .iter()
        .map(|provider| provider.key.as_str())
        .collect();
    story.tell(
        "docspace",
        "getThirdPartyAuthProviders",
        format!("sign-in providers: {}", keys.join(", ")),
    );

    let link = docspace.invites().share_link(Role::Manager).await?;
    story.tell(
        "docspace",
        "getInvitationLink",
        "a share link lets Bob join as a manager",
    );

    // Bob opens the link in a browser and signs in at Google; this is what DocSpace's page then holds.
    let opened = sandbox.docspace_invite(link.url.expose());
    let key = opened.ok_or_else(|| Error::from(ErrorKind::NotFound))?.key;
    let profile = sandbox.docspace_profile("google", "bob@acme.io", "Bob Stone");
    let bob = docspace.sign_up(SignUpRequest::new(key, profile)).await?;
    let name = bob.display_name().unwrap_or("Bob").to_owned();
    story.tell(
        "docspace",
        "signupThirdPartyAccount",
        format!("{name} signs up with a Google account"),
    );

    let bob = docspace.users().get(&bob.id).await?;
    let email = bob.email.as_deref().unwrap_or("no address");
    story.tell(
        "docspace",
        "getUserById",
        format!("the new user has the address {email}"),
    );

    let owner = docspace.current_user().await?;
    let email = owner.email.clone().unwrap_or_default();
    let profile =
        sandbox.docspace_profile("google", &email, owner.display_name().unwrap_or("Owner"));
    docspace.links().link(LinkRequest::profile(profile)).await?;
    let linked = docspace
        .sign_in_providers_for(SignInProviderQuery::new().only("google"))
        .await?;
    let linked = linked
        .into_iter()
        .any(|provider| provider.linked == Some(true));
    story.tell(
        "docspace",
        "linkThirdPartyAccount",
        format!("the owner links a Google account (linked: {linked})"),
    );

    docspace.links().unlink("google").await?;
    story.tell(
        "docspace",
        "unlinkThirdPartyAccount",
        "and unlinks it again",
    );

    // What only DocSpace has is on its own type.
    let portal = docspace
        .downcast_ref::<DocSpace>()
        .ok_or_else(|| Error::from(ErrorKind::InvalidConfig))?;
    portal.mark_gift_message_as_read().await?;
    story.tell(
        "docspace",
        "markGiftMessageAsRead",
        "the owner has read the gift message",
    );

    let user_id = sandbox.docspace().user_id.clone();
    let key = sandbox.docspace_congratulations_key(&user_id);
    portal.send_congratulations(user_id, key).await?;
    story.tell(
        "docspace",
        "sendCongratulations",
        "and is congratulated on the portal",
    );
    Ok(())
}

/// Ostrom: a customer's own account, and one linked to a partner by consent.
async fn share_the_power_bill(
    hub: &Hub,
    sandbox: &Sandbox,
    story: &mut Story,
) -> Result<(), Error> {
    let customer = hub.service("ostrom-home")?.current_user().await?;
    let name = customer.display_name().unwrap_or("somebody");
    story.tell("ostrom", "getMe", format!("the customer is {name}"));

    let links = hub.service("ostrom")?.links();
    let request =
        ConsentRequest::new("bob-7", "https://acme.io/welcome-back").scope("contract:read:data");
    let link = links.link(request).await?;
    story.tell(
        "ostrom",
        "linkUser",
        match link.state {
            LinkState::AwaitingConsent => "Bob is asked for consent to share a contract",
            _ => "Bob shares a contract",
        },
    );

    // Bob opens the page and agrees.
    let agreed = sandbox.ostrom_consent("bob-7");

    links.unlink("bob-7").await?;
    story.tell(
        "ostrom",
        "disconnectUser",
        format!("Bob is unlinked again (agreed: {agreed})"),
    );
    Ok(())
}

/// Authress: users are listed, and one is read, put in a tenant and removed.
async fn log_in_everywhere(hub: &Hub, sandbox: &Sandbox, story: &mut Story) -> Result<(), Error> {
    let authress = hub.service("authress")?;
    let users: Vec<_> = authress.users().list().items().try_collect().await?;
    story.tell(
        "authress",
        "getUsers",
        format!("{} users sign in with Authress", users.len()),
    );

    let user = authress.users().get(&sandbox.authress().user_id).await?;
    let name = user.display_name().unwrap_or("the user").to_owned();
    story.tell("authress", "getUser", format!("one of them is {name}"));

    authress
        .groups()
        .add_member(&sandbox.authress().tenant_id, &user.id)
        .await?;
    story.tell(
        "authress",
        "linkTenantUser",
        format!("{name} becomes a member of a tenant"),
    );

    let deletion = authress.users().delete(&user.id).await?;
    story.tell(
        "authress",
        "deleteUser",
        match deletion {
            Deletion::Accepted => format!("{name} is removed later; the request is accepted"),
            _ => format!("{name} is removed"),
        },
    );
    Ok(())
}

/// What was told, to be checked at the end against what the services saw.
#[derive(Default)]
struct Story {
    told: BTreeSet<(&'static str, &'static str)>,
    lines: Vec<String>,
}

impl Story {
    fn tell(&mut self, service: &'static str, operation: &'static str, what: impl AsRef<str>) {
        self.print(format!("{service:<9} {operation:<27} {}", what.as_ref()));
        self.told.insert((service, operation));
    }

    fn print(&mut self, line: String) {
        println!("{line}");
        self.lines.push(line);
    }

    /// Counts what the services received and answered well, not what was told.
    fn end(mut self, sandbox: &Sandbox) -> Result<Vec<String>, Box<dyn std::error::Error>> {
        let requests = sandbox.requests();
        let seen: BTreeSet<_> = requests
            .iter()
            .filter(|request| {
                request
                    .status
                    .is_some_and(|status| (200..300).contains(&status))
            })
            .filter_map(|request| Some((request.service, request.operation?)))
            .filter(|operation| self.told.contains(operation))
            .collect();
        if let Some((service, operation)) = self.told.difference(&seen).next() {
            return Err(format!("{service} never saw {operation}").into());
        }
        let services: BTreeSet<_> = seen.iter().map(|(service, _)| service).collect();
        let (operations, services) = (seen.len(), services.len());
        self.print(format!(
            "{operations} operations across {services} services"
        ));
        Ok(self.lines)
    }
}

//! The code of README.md.

use crate::support;

mod list {
    #![expect(dead_code, reason = "its services are not on this machine")]

    // region: list
    use futures::TryStreamExt;
    use idweave::Hub;
    use idweave::services::{Authress, DocSpace, Enhance, Ostrom};

    #[tokio::main]
    async fn main() -> Result<(), Box<dyn std::error::Error>> {
        let var = |name: &str| std::env::var(name);
        let docspace = DocSpace::new("https://acme.onlyoffice.com")?.api_key(var("DOCSPACE_KEY")?);
        let authress = Authress::new("https://login.acme.io")?.access_key(var("AUTHRESS_KEY")?)?;
        let ostrom = Ostrom::sandbox().client_credentials(var("OSTROM_ID")?, var("OSTROM_SECRET")?);
        let enhance = Enhance::new("https://panel.acme.io")?
            .access_token(var("ENHANCE_ORG")?, var("ENHANCE_TOKEN")?);

        let hub = Hub::builder()
            .service(docspace)
            .service(authress)
            .service(ostrom)
            .service(enhance)
            .build()?;

        // Everyone with this address, in each service that can list its users.
        let mut users = hub.users().email("ann@acme.io").items();
        while let Some(user) = users.try_next().await? {
            println!("{} {}", user.id, user.display_name().unwrap_or("-"));
        }
        Ok(())
    }
    // endregion
}

mod go_on {
    // region: go_on
    use futures::StreamExt;
    use idweave::Hub;

    async fn list_all(hub: &Hub) {
        let mut users = hub.users().list().items();
        while let Some(user) = users.next().await {
            match user {
                Ok(user) => println!("{} {}", user.id, user.display_name().unwrap_or("-")),
                Err(error) => eprintln!("{error}"), // names the service; the others go on
            }
        }
    }
    // endregion

    #[tokio::test]
    async fn list_all_ends() {
        let (hub, _sandbox) = super::support::hub().await;
        list_all(&hub).await;
    }
}

mod invite {
    // region: invite
    use idweave::{Hub, InviteRequest, Role};

    async fn invite(hub: &Hub) -> idweave::Result<()> {
        let enhance = hub.service("enhance")?;
        let request = InviteRequest::new("bob@acme.io", "Bob").role(Role::Support);
        let invite = enhance.invites().create(request).await?;
        let check = enhance.invites().validate(&invite.token).await?;
        println!(
            "{} is waiting for Bob",
            check.organization.as_deref().unwrap_or("-")
        );
        Ok(())
    }
    // endregion

    #[tokio::test]
    async fn invite_is_valid() {
        let (hub, _sandbox) = super::support::hub().await;
        invite(&hub).await.unwrap();
    }
}

mod offboard {
    // region: offboard
    use idweave::Hub;

    async fn offboard(hub: &Hub, email: &str) -> idweave::Result<()> {
        let person = hub.find(email).await?;
        let report = hub.offboard(&person).await?;
        for outcome in &report.outcomes {
            println!("{outcome}"); // "authress:auth0|7 pending"
        }
        println!("complete: {}", report.is_complete());
        Ok(())
    }
    // endregion

    #[tokio::test]
    async fn offboard_reports_every_service() {
        let (hub, _sandbox) = super::support::hub().await;
        let users = hub
            .service("authress")
            .unwrap()
            .users()
            .list()
            .await
            .unwrap();
        let email = users
            .items
            .iter()
            .find_map(|user| user.email.clone())
            .unwrap();
        offboard(&hub, &email).await.unwrap();
    }
}

mod low_level {
    // region: low_level
    use idweave_authress::{AccessKey, Client};

    async fn low_level(url: &str, key: &str) -> Result<(), idweave_authress::Error> {
        let client = Client::builder(url)
            .credentials(AccessKey::parse(key)?)
            .build()?;
        let page = client
            .get_users(None, None, Some("ann"), None)
            .await?
            .into_inner();
        println!("{} users", page.users.len());
        Ok(())
    }
    // endregion

    #[tokio::test]
    async fn low_level_lists_users() {
        let (_hub, sandbox) = super::support::hub().await;
        let authress = sandbox.authress();
        low_level(&authress.base_url, authress.access_key.as_str())
            .await
            .unwrap();
    }
}

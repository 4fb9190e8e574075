//! Uses one low-level crate alone, with a typed method for every operation of the service.

use idweave_authress::{AccessKey, Client};
use idweave_sandbox::Sandbox;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let authress = sandbox.authress();
    let client = Client::builder(&authress.base_url)
        .credentials(AccessKey::parse(authress.access_key.as_str())?)
        .build()?;

    let page = client.get_users(None, None, None, None).await?.into_inner();
    for user in &page.users {
        println!(
            "{:<20} {}",
            user.user_id,
            user.name.as_deref().unwrap_or("-")
        );
    }

    // An error keeps the service's response; printing it shows only operation and status.
    if let Err(error) = client.get_user("nobody").await {
        println!("{error}: {} bytes of explanation", error.body().len());
    }
    Ok(())
}

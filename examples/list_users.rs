//! Lists the users of every service, or those with the address given: `cargo run --example list_users -- ann@acme.io`.
//!
//! The services come from the environment (see `Hub::from_env`), or from the sandbox when it names none.

mod support;

use futures::StreamExt;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (hub, _sandbox) = support::hub().await?;
    let mut list = hub.users().list();
    if let Some(email) = std::env::args().nth(1) {
        list = list.email(email);
    }
    let mut users = list.items();
    while let Some(user) = users.next().await {
        match user {
            Ok(user) => println!("{:<50} {}", user.id, user.display_name().unwrap_or("-")),
            // One service that fails does not keep the others from answering.
            Err(error) => eprintln!("{error}"),
        }
    }
    Ok(())
}

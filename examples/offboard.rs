//! Removes a person from every service and prints what is left to do: `cargo run --example offboard -- ann@acme.io`.
//!
//! The services come from the environment (see `Hub::from_env`), or from the sandbox when it names none. Without an
//! e-mail address it takes a user of the sandbox.

mod support;

use futures::TryStreamExt;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (hub, sandbox) = support::hub().await?;
    let email = match (std::env::args().nth(1), &sandbox) {
        (Some(email), _) => email,
        (None, Some(_)) => {
            let users: Vec<_> = hub
                .service("authress")?
                .users()
                .list()
                .items()
                .try_collect()
                .await?;
            users
                .into_iter()
                .rev()
                .find_map(|user| user.email)
                .ok_or("no user has an address")?
        }
        (None, None) => return Err("no e-mail address given; pass it as the first argument".into()),
    };
    let person = hub.find(&email).await?;
    for user in person.users() {
        println!("found {}", user.id);
    }
    for error in person.failures() {
        eprintln!("not searched: {error}");
    }
    let report = hub.offboard(&person).await?;
    for outcome in &report.outcomes {
        println!("{outcome}");
    }
    println!(
        "{}",
        if report.is_complete() {
            "nothing is left"
        } else {
            "not completed in every service, see above"
        }
    );
    Ok(())
}

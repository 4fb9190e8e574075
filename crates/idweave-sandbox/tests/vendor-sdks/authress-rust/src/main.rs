//! Lists, gets and deletes users with the vendor's Rust SDK. Started by `../sdks.py` with the
//! sandbox's address and access key; each line it prints is a number or an id that is checked there.

use authress::apis::users_api::GetUsersParams;
use authress::{AuthressClient, AuthressSettings};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut argument = || arguments.next().expect("base URL and access key");
    let client = AuthressClient::new(&AuthressSettings::new(argument(), argument()));

    let mut users = Vec::new();
    let mut cursor = None;
    loop {
        let params = GetUsersParams {
            limit: Some(10),
            cursor,
            ..Default::default()
        };
        let page = client
            .users
            .get_users(Some(params))
            .await
            .expect("getUsers");
        users.extend(page.users);
        cursor = page
            .pagination
            .and_then(|own| own.next)
            .flatten()
            .map(|next| next.cursor);
        if cursor.is_none() {
            break;
        }
    }
    println!("listed {}", users.len());

    let last = users.last().expect("the sandbox has users").user_id.clone();
    let user = client.users.get_user(last.clone()).await.expect("getUser");
    println!("got {}", user.user_id);

    client.users.delete_user(last).await.expect("deleteUser");
    println!("deleted {}", user.user_id);

    let tenants = client.tenants.get_tenants().await.expect("getTenants");
    println!("tenants {}", tenants.tenants.len());
}

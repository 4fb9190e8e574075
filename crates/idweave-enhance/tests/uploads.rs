//! The generated upload of a picture against the sandbox's Enhance, which reads the part for real.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use idweave_enhance::{Client, ErrorKind, Login, Multipart};
use idweave_sandbox::Sandbox;

fn avatar(bytes: &'static [u8]) -> Multipart {
    Multipart::new().file("avatar", "me.png", "image/png", bytes)
}

#[tokio::test]
async fn avatar_upload_accepts_an_image_and_reports_a_refusal() {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.enhance();
    let client = Client::builder(&access.base_url)
        .credentials(Login::new(&access.email, &access.password))
        .build()
        .unwrap();

    client
        .set_login_avatar(avatar(b"\x89PNG\r\n\x1a\n..."))
        .await
        .unwrap();
    let login = client.get_login().await.unwrap().into_inner();
    assert!(login.avatar_path.is_some());

    let refused = client
        .set_login_avatar(avatar(b"no picture"))
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Status);
    assert_eq!(refused.status().map(|status| status.as_u16()), Some(400));
}

//! The generated upload of a photo against the sandbox's DocSpace, which reads the parts for real.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use idweave_docspace::{ApiKey, Client, Multipart};
use idweave_sandbox::Sandbox;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n...";

fn photo(bytes: &'static [u8]) -> Multipart {
    Multipart::new()
        .file("File", "me.png", "image/png", bytes)
        .text("Autosave", "true")
}

#[tokio::test]
async fn photo_upload_accepts_a_photo_and_reports_a_refusal() {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.docspace();
    let client = Client::builder(&access.base_url)
        .credentials(ApiKey::new(&access.api_key).unwrap())
        .build()
        .unwrap();

    let response = client
        .upload_member_photo(&access.user_id, photo(PNG))
        .await
        .unwrap();
    let taken = response.into_inner().response.unwrap().success;
    assert!(taken, "the service took the picture");
    let me = client.get_self_profile().await.unwrap().into_inner();
    assert_eq!(me.response.unwrap().has_avatar, Some(true));

    let response = client
        .upload_member_photo(&access.user_id, photo(b"no picture"))
        .await
        .unwrap();
    let taken = response.into_inner().response.unwrap().success;
    assert!(!taken, "a refusal is 200 here");
}

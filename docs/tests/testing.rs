//! The code of docs/testing.md.

mod mock {
    // region: mock
    use httpmock::MockServer;
    use idweave_ostrom::mock::MockServerExt;
    use idweave_ostrom::{Bearer, Client, types};
    use serde_json::json;

    #[tokio::test]
    async fn get_me_reads_the_address() {
        let server = MockServer::start_async().await;
        let me: types::GetMeResponse =
            serde_json::from_value(json!({"email": "max@acme.io"})).unwrap();
        let get_me = server.get_me(|when, then| {
            when.into_inner().header("authorization", "Bearer a token");
            then.success(&me);
        });
        let disconnect = server.disconnect_user(|when, then| {
            when.external_user_id("customer-7");
            then.into_inner().status(404);
        });

        let credentials = Bearer::new("a token").unwrap();
        let client = Client::builder(server.base_url())
            .credentials(credentials)
            .build()
            .unwrap();
        let found = client.get_me().await.unwrap();
        assert_eq!(found.email.as_deref(), Some("max@acme.io"));
        assert!(client.disconnect_user("customer-7").await.is_err());
        get_me.assert_calls(1);
        disconnect.assert_calls(1);
    }
    // endregion
}

mod sandbox {
    // region: sandbox
    use std::time::Duration;

    use idweave::{Deletion, ErrorKind, Hub, services::Authress};
    use idweave_sandbox::{Fault, Sandbox};

    #[tokio::test]
    async fn delete_survives_a_busy_service_and_finishes_later() -> idweave::Result<()> {
        let sandbox = Sandbox::start().await.unwrap();
        let access = sandbox.authress();
        let authress = Authress::new(&access.base_url)?.access_key(&access.access_key)?;
        let hub = Hub::builder().service(authress).build()?;
        let users = hub.service("authress")?.users();

        // The service is busy twice; the client waits and asks again.
        let busy = Fault::on("authress")
            .operation("getUser")
            .status(503)
            .retry_after(0)
            .times(2);
        sandbox.fault(busy);
        let user = users.get(&access.user_id).await?;
        assert_eq!(sandbox.requests().len(), 3);

        // The deletion is accepted, and finishes later.
        assert_eq!(users.delete(&user.id).await?, Deletion::Accepted);
        sandbox.clock().advance(Duration::from_secs(60));
        let error = users.get(&user.id).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(sandbox.effects("authress", "deleteUser"), 1);
        Ok(())
    }
    // endregion
}

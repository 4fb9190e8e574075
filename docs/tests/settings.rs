//! The code of docs/settings.md.

mod limits {
    // region: limits
    use std::time::Duration;

    use idweave::services::Authress;

    fn authress(key: &str) -> idweave::Result<Authress> {
        Ok(Authress::new("https://login.acme.io")?
            .access_key(key)?
            .with_timeout(Duration::from_secs(20))
            .with_connect_timeout(Duration::from_secs(3))
            .with_retry(false))
    }
    // endregion

    #[test]
    fn authress_refuses_what_is_not_a_key() {
        assert!(authress("a token").is_err());
    }
}

mod proxy {
    // region: proxy
    use idweave::services::Authress;

    fn authress(key: &str, proxy: &str) -> idweave::Result<Authress> {
        // http://user:password@proxy.example.com:8080, percent-encoded
        Ok(Authress::new("https://login.acme.io")?
            .access_key(key)?
            .with_proxy(proxy))
    }
    // endregion

    #[test]
    fn authress_refuses_what_is_not_a_key() {
        assert!(authress("a token", "http://proxy.acme.io:8080").is_err());
    }
}

mod client {
    // region: client
    use std::time::Duration;

    use idweave::{Hub, services::Authress};
    use idweave_authress::{AccessKey, Client, RetryPolicy};

    fn hub(url: &str, key: &str) -> Result<Hub, Box<dyn std::error::Error>> {
        let client = Client::builder(url)
            .credentials(AccessKey::parse(key)?)
            .timeout(Duration::from_secs(20))
            .idle_timeout(Duration::from_secs(5))
            .retry(RetryPolicy::default().with_attempts(2))
            .without_proxy()
            .build()?;
        Ok(Hub::builder()
            .service(Authress::from_client(client))
            .build()?)
    }
    // endregion

    #[tokio::test]
    async fn hub_works_over_a_client_of_its_own() {
        let sandbox = idweave_sandbox::Sandbox::start().await.unwrap();
        let authress = sandbox.authress();
        let hub = hub(&authress.base_url, authress.access_key.as_str()).unwrap();
        assert!(
            hub.service("authress")
                .unwrap()
                .users()
                .count()
                .await
                .unwrap()
                > 0
        );
    }
}

mod source {
    // region: source
    use std::time::Duration;

    use idweave_ostrom::transport::{AuthContext, FetchedToken, TokenCache, TokenSource};
    use idweave_ostrom::{Credential, Error, ErrorKind, HeaderMap, Secret};

    /// The company's gateway, which exchanges a key for a token that is valid for ten minutes.
    #[derive(Clone, Debug)]
    struct Gateway {
        url: String,
        key: Secret,
        tokens: TokenCache,
    }

    impl TokenSource for Gateway {
        fn tokens(&self) -> &TokenCache {
            &self.tokens
        }

        async fn fetch_token(&self, context: &AuthContext) -> Result<FetchedToken, Error> {
            let headers = HeaderMap::new();
            let response = context.post_json(&self.url, &self.key, headers).await?;
            if !response.status().is_success() {
                return Err(Error::credentials_refused("the gateway", None, response));
            }
            let token: Secret = serde_json::from_slice(response.body()).map_err(|error| {
                Error::new(ErrorKind::Credentials, "the gateway sent no token")
                    .with_json_error(&error)
            })?;
            let lifetime = Duration::from_secs(600);
            Ok(FetchedToken::new(
                Credential::bearer(&token)?,
                Some(lifetime),
            ))
        }
    }
    // endregion

    #[tokio::test]
    async fn gateway_gives_one_token_for_all_calls() {
        use idweave_ostrom::{Client, mock::MockServerExt, types};
        use serde_json::json;

        let server = httpmock::MockServer::start_async().await;
        let exchange = server.mock(|when, then| {
            when.method("POST").path("/exchange").json_body("a key");
            then.status(200).json_body("a token");
        });
        let me: types::GetMeResponse = serde_json::from_value(json!({})).unwrap();
        let get_me = server.get_me(|when, then| {
            when.into_inner().header("authorization", "Bearer a token");
            then.success(&me);
        });
        let gateway = Gateway {
            url: server.url("/exchange"),
            key: Secret::new("a key"),
            tokens: TokenCache::new(),
        };
        let client = Client::builder(server.base_url()).credentials(gateway);
        let client = client.build().unwrap();
        client.get_me().await.unwrap();
        client.get_me().await.unwrap();
        exchange.assert_calls(1);
        get_me.assert_calls(2);
    }
}

#[test]
fn file_of_the_page_is_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/idweave.toml");
    let error = idweave::Hub::from_file(path).unwrap_err();
    // Everything is right but the secrets, which are not on this machine.
    assert!(
        error.to_string().contains("environment variable"),
        "{error}"
    );
}

#[test]
fn methods_in_the_table_exist() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let page = std::fs::read_to_string(format!("{root}/docs/settings.md")).unwrap();
    let builder = methods(&format!("{root}/crates/idweave-transport/src"));
    let mut rows = page
        .lines()
        .skip_while(|line| !line.contains("method of the builder"));
    let table: Vec<_> = rows
        .by_ref()
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert!(table.len() > 5);
    for row in table {
        let names = row.split('|').nth(2).unwrap().split('`').skip(1).step_by(2);
        for name in names {
            assert!(
                builder.contains(&format!("pub fn {name}")),
                "no method {name}"
            );
        }
    }
}

/// The source of every file below a folder, in one text.
fn methods(folder: &str) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text += &methods(path.to_str().unwrap());
        } else {
            text += &std::fs::read_to_string(path).unwrap();
        }
    }
    text
}

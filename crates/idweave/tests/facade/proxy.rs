//! Proxies of services: set in code, in variables and in files.

use idweave::{ErrorKind, Hub, services::Authress};

use crate::support::{ACCESS_KEY, Recorder, Response};

fn hub(url: &str, proxy: &str) -> idweave::Result<Hub> {
    let service = Authress::new(url)?.access_key(ACCESS_KEY)?;
    Hub::builder().service(service.with_proxy(proxy)).build()
}

async fn call(hub: &Hub) -> ErrorKind {
    let authress = hub.service("authress").unwrap();
    authress.users().get("auth0|7").await.unwrap_err().kind()
}

/// Checks that exactly one connection to the service was asked for, with these credentials.
fn assert_asked(proxy: &Recorder, credentials: Option<&str>) {
    let requests = proxy.requests();
    let first = &requests[0];
    assert_eq!(
        (first.method.as_str(), first.target.as_str()),
        ("CONNECT", "service.invalid:443")
    );
    assert_eq!(first.header("proxy-authorization"), credentials);
    assert!(requests.iter().all(|request| request.method == "CONNECT"));
}

#[tokio::test]
async fn with_proxy_reaches_https_services_through_the_proxy() {
    let proxy = Recorder::always(Response::empty(403)).await;
    let address = proxy.base_url.replace("://", "://user:pass@");
    let through = hub("https://service.invalid", &address).unwrap();
    assert_eq!(call(&through).await, ErrorKind::Transport);
    assert_asked(&proxy, Some("Basic dXNlcjpwYXNz"));
}

#[tokio::test]
async fn with_proxy_reaches_loopback_services_directly() {
    let proxy = Recorder::always(Response::empty(403)).await;
    let service = Recorder::always(Response::empty(404)).await;
    let direct = hub(&service.base_url, &proxy.base_url).unwrap();
    assert_eq!(call(&direct).await, ErrorKind::NotFound);
    assert_eq!((proxy.count(), service.count()), (0, 1));
}

#[tokio::test]
async fn without_proxy_is_the_last_word() {
    let proxy = Recorder::always(Response::empty(403)).await;
    let service = Authress::new("https://service.invalid").unwrap();
    let service = service.access_key(ACCESS_KEY).unwrap();
    let service = service.with_proxy(&*proxy.base_url).without_proxy();
    let direct = Hub::builder().service(service.with_retry(false)).build();
    assert_eq!(call(&direct.unwrap()).await, ErrorKind::Transport);
    assert_eq!(proxy.count(), 0);
}

#[tokio::test]
async fn proxy_is_a_setting() {
    let proxy = Recorder::always(Response::empty(403)).await;
    let address = proxy.base_url.clone();
    let hub = Hub::from_vars(move |name| {
        Some(match name {
            "IDWEAVE_AUTHRESS_URL" => "https://service.invalid".to_owned(),
            "IDWEAVE_AUTHRESS_ACCESS_KEY" => ACCESS_KEY.to_owned(),
            "IDWEAVE_AUTHRESS_PROXY" => address.clone(),
            _ => return None,
        })
    });
    assert_eq!(call(&hub.unwrap()).await, ErrorKind::Transport);
    assert_asked(&proxy, None);
}

#[test]
fn with_proxy_rejects_what_is_not_a_proxy_and_does_not_show_it() {
    for address in ["", "socks5://MARK", "http://user:MARK@"] {
        let error = hub("https://service.invalid", address)
            .map(drop)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{address}");
        let shown = format!("{error} {error:?}");
        assert!(
            shown.contains("authress") && !shown.contains("MARK"),
            "{shown}"
        );
    }
}

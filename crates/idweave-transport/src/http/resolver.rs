//! Finds the addresses of a host.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    task::{Context, Poll},
    vec::IntoIter,
};

use hyper_util::client::legacy::connect::dns::Name;
use tokio::net::lookup_host;
use tower_service::Service;

use crate::{BoxFuture, base_url::is_localhost};

/// The system's resolver, but for names of this machine.
///
/// `x.localhost` is loopback by RFC 6761 (section 6.3) and is therefore allowed over plain http.
/// A system that asks DNS for it would send the credentials to whoever answers.
#[derive(Clone)]
pub(super) struct Resolver;

impl Service<Name> for Resolver {
    type Response = IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        Box::pin(async move {
            // The connector puts the port of the URL in place of 0.
            let addresses: Vec<_> = if is_localhost(name.as_str()) {
                vec![
                    (Ipv4Addr::LOCALHOST, 0).into(),
                    (Ipv6Addr::LOCALHOST, 0).into(),
                ]
            } else {
                lookup_host((name.as_str(), 0)).await?.collect()
            };
            Ok(addresses.into_iter())
        })
    }
}

//! Ostrom: as a partner, and as a customer.

use idweave::{ConsentRequest, LinkState};
use idweave_ostrom::types;

use super::{
    super::world::{Failure, World},
    Kind, Nature, Op, absent, right, task,
};

const SERVICE: &str = "ostrom";

fn consent(op: Op) -> ConsentRequest {
    ConsentRequest::new(op.name(), "https://acme.io/back").scope("contract:read:data")
}

fn hook(op: Op) -> types::CreateWebhookRequest {
    types::CreateWebhookRequest {
        secret: "a key for the signature".into(),
        url: hook_url(op),
    }
}

fn hook_url(op: Op) -> String {
    format!("https://hooks.acme.io/{}", op.name())
}

async fn new_hook(world: &World, op: Op) -> Result<String, Failure> {
    let hook = world
        .low
        .ostrom
        .create_webhook(&hook(op))
        .await?
        .into_inner();
    match hook.id {
        types::NumberOrText::Text(id) => Ok(id),
        types::NumberOrText::Integer(id) => Ok(id.to_string()),
        _ => Err("the new webhook has no id".into()),
    }
}

pub(super) const KINDS: &[Kind] = &[
    Kind {
        service: SERVICE,
        name: "current_user()",
        weight: 5,
        nature: Nature::Read,
        run: task!(|world, op| {
            let _ = op;
            let user = world.ostrom_customer.current_user().await?;
            right(
                user.first_name.as_deref() == Some("Max"),
                "another customer",
            )
        }),
        prepare: None,
        count: None,
    },
    Kind {
        service: SERVICE,
        name: "getContractsByExternalUserId",
        weight: 3,
        nature: Nature::Read,
        run: task!(|world, op| {
            let _ = op;
            let user = &world.sandbox.ostrom().external_user_id;
            let response = world
                .low
                .ostrom
                .get_contracts_by_external_user_id(user)
                .await?;
            right(response.body().starts_with(b"{\"data\":[{"), "no contracts")
        }),
        prepare: None,
        count: None,
    },
    Kind {
        service: SERVICE,
        name: "getWebhook",
        weight: 3,
        nature: Nature::Read,
        run: task!(|world, op| {
            let id = world.prepared(op.number);
            let hook = world.low.ostrom.get_webhook(&id).await?.into_inner();
            right(hook.url == Some(hook_url(op)), "another webhook")
        }),
        prepare: Some(|world, op| Box::pin(new_hook(world, op))),
        count: None,
    },
    Kind {
        service: SERVICE,
        name: "links().unlink()",
        weight: 3,
        nature: Nature::Again,
        run: task!(|world, op| Ok(world.ostrom.links().unlink(op.name()).await?)),
        prepare: Some(task!(|world, op| {
            world.ostrom.links().link(consent(op)).await?;
            Ok(String::new())
        })),
        count: Some(|_, state, op| u64::from(!state.ostrom_links.contains(&op.name()))),
    },
    Kind {
        service: SERVICE,
        name: "links().unlink() of nobody",
        weight: 1,
        nature: Nature::Read,
        run: task!(|world, op| absent(world.ostrom.links().unlink(op.name()).await)),
        prepare: None,
        count: None,
    },
    Kind {
        service: SERVICE,
        name: "deleteWebhook",
        weight: 2,
        nature: Nature::Again,
        run: task!(|world, op| {
            let id = world.prepared(op.number);
            let hook = world.low.ostrom.delete_webhook(&id).await?.into_inner();
            right(hook.url == Some(hook_url(op)), "another webhook")
        }),
        prepare: Some(|world, op| Box::pin(new_hook(world, op))),
        count: Some(|_, state, op| u64::from(!state.ostrom_hooks.contains_key(&hook_url(op)))),
    },
    Kind {
        service: SERVICE,
        name: "links().link()",
        weight: 5,
        nature: Nature::Once("linkUser"),
        run: task!(|world, op| {
            let link = world.ostrom.links().link(consent(op)).await?;
            right(
                link.state == LinkState::AwaitingConsent && link.consent_url.is_some(),
                "no page for the customer",
            )
        }),
        prepare: None,
        count: Some(|_, state, op| u64::from(state.ostrom_links.contains(&op.name()))),
    },
    Kind {
        service: SERVICE,
        name: "createWebhook",
        weight: 4,
        nature: Nature::Once("createWebhook"),
        run: task!(|world, op| {
            let hook = world
                .low
                .ostrom
                .create_webhook(&hook(op))
                .await?
                .into_inner();
            right(hook.url == Some(hook_url(op)), "another webhook")
        }),
        prepare: None,
        count: Some(|_, state, op| {
            state
                .ostrom_hooks
                .get(&hook_url(op))
                .map_or(0, |hook| hook.hooks)
        }),
    },
    Kind {
        service: SERVICE,
        name: "testWebhook",
        weight: 2,
        nature: Nature::Once("testWebhook"),
        run: task!(|world, op| {
            let id = world.prepared(op.number);
            let hook = world.low.ostrom.test_webhook(&id).await?.into_inner();
            right(hook.url == Some(hook_url(op)), "another webhook")
        }),
        prepare: Some(|world, op| Box::pin(new_hook(world, op))),
        count: Some(|_, state, op| {
            state
                .ostrom_hooks
                .get(&hook_url(op))
                .map_or(0, |hook| hook.deliveries)
        }),
    },
];

//! Ostrom: as a partner, and as a customer.

use idweave::{ConsentRequest, LinkState};
use idweave_ostrom::types;

use crate::chaos::{
    environment::{Environment, Failure},
    operation::{Effect, Operation, OperationKind, ensure, removed_nothing, task},
};

const SERVICE: &str = "ostrom";

fn consent(op: Operation) -> ConsentRequest {
    ConsentRequest::new(op.name(), "https://acme.io/back").scope("contract:read:data")
}

fn hook(op: Operation) -> types::CreateWebhookRequest {
    types::CreateWebhookRequest {
        secret: "a key for the signature".into(),
        url: hook_url(op),
    }
}

fn hook_url(op: Operation) -> String {
    format!("https://hooks.acme.io/{}", op.name())
}

async fn new_hook(env: &Environment, op: Operation) -> Result<String, Failure> {
    let hook = env.low.ostrom.create_webhook(&hook(op)).await?.into_inner();
    match hook.id {
        types::NumberOrText::Text(id) => Ok(id),
        types::NumberOrText::Integer(id) => Ok(id.to_string()),
        _ => Err("the new webhook has no id".into()),
    }
}

pub(super) const OPERATIONS: &[OperationKind] = &[
    OperationKind {
        service: SERVICE,
        name: "current_user()",
        weight: 5,
        effect: Effect::Read,
        run: task!(|env, op| {
            let _ = op;
            let user = env.ostrom_customer.current_user().await?;
            ensure(
                user.first_name.as_deref() == Some("Max"),
                "another customer",
            )
        }),
        prepare: None,
        count: None,
    },
    OperationKind {
        service: SERVICE,
        name: "getContractsByExternalUserId",
        weight: 3,
        effect: Effect::Read,
        run: task!(|env, op| {
            let _ = op;
            let user = &env.sandbox.ostrom().external_user_id;
            let response = env
                .low
                .ostrom
                .get_contracts_by_external_user_id(user)
                .await?;
            ensure(response.body().starts_with(b"{\"data\":[{"), "no contracts")
        }),
        prepare: None,
        count: None,
    },
    OperationKind {
        service: SERVICE,
        name: "getWebhook",
        weight: 3,
        effect: Effect::Read,
        run: task!(|env, op| {
            let id = env.prepared(op.number);
            let hook = env.low.ostrom.get_webhook(&id).await?.into_inner();
            ensure(hook.url == Some(hook_url(op)), "another webhook")
        }),
        prepare: Some(|env, op| Box::pin(new_hook(env, op))),
        count: None,
    },
    OperationKind {
        service: SERVICE,
        name: "links().unlink()",
        weight: 3,
        effect: Effect::Idempotent,
        run: task!(|env, op| Ok(env.ostrom.links().unlink(op.name()).await?)),
        prepare: Some(task!(|env, op| {
            env.ostrom.links().link(consent(op)).await?;
            Ok(String::new())
        })),
        count: Some(|_, state, op| u64::from(!state.ostrom_links.contains(&op.name()))),
    },
    OperationKind {
        service: SERVICE,
        name: "links().unlink() of nobody",
        weight: 1,
        effect: Effect::Read,
        run: task!(|env, op| removed_nothing(env.ostrom.links().unlink(op.name()).await)),
        prepare: None,
        count: None,
    },
    OperationKind {
        service: SERVICE,
        name: "deleteWebhook",
        weight: 2,
        effect: Effect::Idempotent,
        run: task!(|env, op| {
            let id = env.prepared(op.number);
            let hook = env.low.ostrom.delete_webhook(&id).await?.into_inner();
            ensure(hook.url == Some(hook_url(op)), "another webhook")
        }),
        prepare: Some(|env, op| Box::pin(new_hook(env, op))),
        count: Some(|_, state, op| u64::from(!state.ostrom_hooks.contains_key(&hook_url(op)))),
    },
    OperationKind {
        service: SERVICE,
        name: "links().link()",
        weight: 5,
        effect: Effect::Once("linkUser"),
        run: task!(|env, op| {
            let link = env.ostrom.links().link(consent(op)).await?;
            ensure(
                link.state == LinkState::AwaitingConsent && link.consent_url.is_some(),
                "no consent address",
            )
        }),
        prepare: None,
        count: Some(|_, state, op| u64::from(state.ostrom_links.contains(&op.name()))),
    },
    OperationKind {
        service: SERVICE,
        name: "createWebhook",
        weight: 4,
        effect: Effect::Once("createWebhook"),
        run: task!(|env, op| {
            let hook = env.low.ostrom.create_webhook(&hook(op)).await?.into_inner();
            ensure(hook.url == Some(hook_url(op)), "another webhook")
        }),
        prepare: None,
        count: Some(|_, state, op| {
            state
                .ostrom_hooks
                .get(&hook_url(op))
                .map_or(0, |hook| hook.hooks)
        }),
    },
    OperationKind {
        service: SERVICE,
        name: "testWebhook",
        weight: 2,
        effect: Effect::Once("testWebhook"),
        run: task!(|env, op| {
            let id = env.prepared(op.number);
            let hook = env.low.ostrom.test_webhook(&id).await?.into_inner();
            ensure(hook.url == Some(hook_url(op)), "another webhook")
        }),
        prepare: Some(|env, op| Box::pin(new_hook(env, op))),
        count: Some(|_, state, op| {
            state
                .ostrom_hooks
                .get(&hook_url(op))
                .map_or(0, |hook| hook.deliveries)
        }),
    },
];

//! DocSpace: by API key, and by e-mail and password.

use idweave::{Deletion, LinkRequest, LinkState, Role, SignUpRequest, services::DocSpace};
use idweave_docspace::types;

use crate::chaos::{
    environment::{Environment, UNCHANGED_USERS},
    operation::{Effect, Operation, OperationError, OperationKind, ensure, task},
};

const SERVICE: &str = "docspace";
/// A valid id without a user.
const NOBODY: &str = "5b0f2d6a-9f2c-4c3e-8f67-7a4a5f0f8b11";

fn portal(env: &Environment) -> Result<&DocSpace, OperationError> {
    let portal = env.docspace.downcast_ref();
    portal.ok_or_else(|| OperationError::Wrong("the service is not a DocSpace".to_owned()))
}

/// Returns a user that no operation changes.
fn unchanged_user(env: &Environment, op: Operation) -> &idweave::User {
    &env.people.docspace[op.number as usize % UNCHANGED_USERS.min(env.people.docspace.len())]
}

/// Returns a user whom this operation may change.
fn dedicated_user(env: &Environment, op: Operation) -> &idweave::User {
    let people = &env.people.docspace[UNCHANGED_USERS..];
    &people[op.ordinal % people.len()]
}

fn group(env: &Environment, op: Operation) -> &str {
    &env.groups[op.ordinal % env.groups.len()]
}

pub(super) const OPERATIONS: &[OperationKind] = &[
    OperationKind {
        service: SERVICE,
        name: "users().get()",
        weight: 6,
        effect: Effect::Read,
        run: task!(|env, op| {
            let known = unchanged_user(env, op);
            let user = env.docspace.users().get(&known.id).await?;
            ensure(
                user.id == known.id && user.email == known.email,
                "another user",
            )
        }),
        prepare: None,
        count: None,
    },
    OperationKind {
        service: SERVICE,
        name: "users().get() of nobody",
        weight: 1,
        effect: Effect::Read,
        run: task!(|env, op| {
            let _ = op;
            // The portal does not say whether the user exists.
            match env.docspace.users().get(NOBODY).await {
                Err(error) if error.status() == Some(403) => Ok(()),
                Err(error) => Err(error.into()),
                Ok(_) => Err(OperationError::Wrong(
                    "found what does not exist".to_owned(),
                )),
            }
        }),
        prepare: None,
        count: None,
    },
    OperationKind {
        service: SERVICE,
        name: "users().list().email()",
        weight: 3,
        effect: Effect::Read,
        run: task!(|env, op| {
            let known = unchanged_user(env, op);
            let email = known.email.clone().unwrap_or_default();
            let page = env.docspace.users().list().email(email).await?;
            ensure(
                page.items.len() == 1 && page.items[0].id == known.id,
                "not the one user with this address",
            )
        }),
        prepare: None,
        count: None,
    },
    OperationKind {
        service: SERVICE,
        name: "users().count()",
        weight: 2,
        effect: Effect::Read,
        run: task!(|env, op| {
            let _ = op;
            let count = env.docspace.users().count().await?;
            ensure(count > UNCHANGED_USERS as u64 / 2, "too few users")
        }),
        prepare: None,
        count: None,
    },
    OperationKind {
        service: SERVICE,
        name: "current_user()",
        weight: 4,
        effect: Effect::Read,
        run: task!(|env, op| {
            let _ = op;
            let user = env.docspace_login.current_user().await?;
            ensure(
                user.email.as_deref() == Some(env.sandbox.docspace().email.as_str()),
                "not the owner",
            )
        }),
        prepare: None,
        count: None,
    },
    OperationKind {
        service: SERVICE,
        name: "sign_in_providers()",
        weight: 2,
        effect: Effect::Read,
        run: task!(|env, op| {
            let _ = op;
            let providers = env.docspace_login.sign_in_providers().await?;
            ensure(providers.items.len() == 7, "not the seven providers")
        }),
        prepare: None,
        count: None,
    },
    OperationKind {
        service: SERVICE,
        name: "groups().list()",
        weight: 1,
        effect: Effect::Read,
        run: task!(|env, op| {
            let _ = op;
            let page = env.docspace.groups().list().with_page_size(10).await?;
            ensure(page.items.len() == 10, "not ten groups")
        }),
        prepare: None,
        count: None,
    },
    OperationKind {
        service: SERVICE,
        name: "invites().share_link()",
        weight: 3,
        effect: Effect::Idempotent,
        run: task!(|env, op| {
            let role = if op.number % 2 == 0 {
                Role::Manager
            } else {
                Role::Member
            };
            let link = env.docspace.invites().share_link(role.clone()).await?;
            let known = env.sandbox.docspace_invite(link.url.expose()).is_some();
            ensure(known && link.role == role, "unknown link")
        }),
        prepare: None,
        count: None,
    },
    OperationKind {
        service: SERVICE,
        name: "links().link()",
        weight: 2,
        effect: Effect::Idempotent,
        run: task!(|env, op| {
            let email = op.email();
            let profile = env.sandbox.docspace_profile("google", &email, "Ann Berg");
            let link = env
                .docspace
                .links()
                .link(LinkRequest::profile(profile))
                .await?;
            ensure(link.state == LinkState::Accepted, "not linked")
        }),
        prepare: None,
        count: Some(|_, state, _| u64::from(state.docspace_linked.contains("google"))),
    },
    OperationKind {
        service: SERVICE,
        name: "links().unlink()",
        weight: 2,
        effect: Effect::Idempotent,
        run: task!(|env, op| {
            let _ = op;
            Ok(env.docspace.links().unlink("zoom").await?)
        }),
        prepare: None,
        count: Some(|_, state, _| u64::from(!state.docspace_linked.contains("zoom"))),
    },
    OperationKind {
        service: SERVICE,
        name: "groups().add_member()",
        weight: 3,
        effect: Effect::Idempotent,
        run: task!(|env, op| {
            let (group, user) = (group(env, op), dedicated_user(env, op));
            Ok(env.docspace.groups().add_member(group, &user.id).await?)
        }),
        prepare: None,
        count: Some(|env, state, op| {
            let key = (
                group(env, op).to_owned(),
                dedicated_user(env, op).id.as_str().to_owned(),
            );
            u64::from(state.docspace_members.contains(&key))
        }),
    },
    OperationKind {
        service: SERVICE,
        name: "mark_gift_message_as_read()",
        weight: 1,
        effect: Effect::Idempotent,
        run: task!(|env, op| {
            let _ = op;
            Ok(portal(env)?.mark_gift_message_as_read().await?)
        }),
        prepare: None,
        count: None,
    },
    OperationKind {
        service: SERVICE,
        name: "users().delete()",
        weight: 2,
        effect: Effect::Idempotent,
        run: task!(|env, op| {
            let deletion = env.docspace.users().delete(env.prepared(op.number)).await?;
            ensure(deletion == Deletion::Accepted, "not accepted")
        }),
        prepare: Some(task!(|env, op| {
            let body = types::MemberRequestDto {
                email: Some(op.email()),
                first_name: Some("Gone".to_owned()),
                last_name: Some("Soon".to_owned()),
                password: Some("correct horse battery".into()),
                ..Default::default()
            };
            let user = env.low.docspace.add_member(&body).await?.into_inner();
            let id = user.response.and_then(|user| user.id);
            Ok(id.ok_or("the new member has no id")?)
        })),
        count: Some(|_, state, op| u64::from(!state.docspace_users.contains_key(&op.email()))),
    },
    OperationKind {
        service: SERVICE,
        name: "sign_up()",
        weight: 3,
        effect: Effect::Once("signupThirdPartyAccount"),
        run: task!(|env, op| {
            let name = format!("Chaos {}", op.number);
            let profile = env.sandbox.docspace_profile("linkedin", &op.email(), &name);
            let request = SignUpRequest::new(env.invite_key.as_str(), profile);
            let user = env.docspace.sign_up(request).await?;
            ensure(user.display_name() == Some(name.as_str()), "another user")
        }),
        prepare: None,
        count: Some(|_, state, op| {
            state
                .docspace_users
                .get(&op.email())
                .copied()
                .unwrap_or_default()
        }),
    },
    OperationKind {
        service: SERVICE,
        name: "addGroup",
        weight: 3,
        effect: Effect::Once("addGroup"),
        run: task!(|env, op| {
            let body = types::GroupRequestDto::new(op.name());
            let group = env.low.docspace.add_group(&body).await?.into_inner();
            let name = group.response.and_then(|group| group.name);
            ensure(name == Some(op.name()), "another group")
        }),
        prepare: None,
        count: Some(|_, state, op| {
            state
                .docspace_groups
                .get(&op.name())
                .copied()
                .unwrap_or_default()
        }),
    },
    OperationKind {
        service: SERVICE,
        name: "send_congratulations()",
        weight: 1,
        effect: Effect::Once("sendCongratulations"),
        run: task!(|env, op| {
            let user = dedicated_user(env, op);
            let key = env.sandbox.docspace_congratulations_key(user.id.as_str());
            Ok(portal(env)?.send_congratulations(&user.id, key).await?)
        }),
        prepare: None,
        count: None,
    },
];

//! Authress, by access key.

use idweave::Deletion;
use idweave_authress::types;

use crate::chaos::{
    environment::{Environment, UNCHANGED_USERS},
    operation::{Effect, Operation, OperationKind, absent, ensure, task},
};

const SERVICE: &str = "authress";
const TENANTS: [&str; 3] = ["acme", "globex", "initech"];

fn unchanged_user(env: &Environment, op: Operation) -> &idweave::User {
    &env.people.authress[op.number as usize % UNCHANGED_USERS]
}

/// Returns a user to add to a tenant; users to delete are at the end of the list.
fn tenant_member(env: &Environment, op: Operation) -> (&idweave::User, &'static str) {
    let people = &env.people.authress[UNCHANGED_USERS..UNCHANGED_USERS + 90];
    let at = op.ordinal % people.len();
    (&people[at], TENANTS[at % TENANTS.len()])
}

fn user_to_delete(env: &Environment, op: Operation) -> &idweave::User {
    let people = &env.people.authress[UNCHANGED_USERS + 90..];
    &people[op.ordinal % people.len()]
}

fn role(name: String) -> types::Role {
    types::Role {
        name: Some(name),
        permissions: Some(vec![types::PermissionObject {
            action: Some("documents:read".to_owned()),
            allow: Some(true),
            grant: Some(false),
            delegate: Some(false),
        }]),
        ..Default::default()
    }
}

pub(super) const OPERATIONS: &[OperationKind] = &[
    OperationKind {
        service: SERVICE,
        name: "users().get()",
        weight: 7,
        effect: Effect::Read,
        run: task!(|env, op| {
            let known = unchanged_user(env, op);
            let user = env.authress.users().get(&known.id).await?;
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
        run: task!(|env, op| absent(env.authress.users().get(op.name()).await)),
        prepare: None,
        count: None,
    },
    OperationKind {
        service: SERVICE,
        name: "users().list()",
        weight: 4,
        effect: Effect::Read,
        run: task!(|env, op| {
            let _ = op;
            let page = env
                .authress
                .users()
                .list()
                .with_page_size(UNCHANGED_USERS as u32)
                .await?;
            let same = page.items.iter().map(|user| &user.id);
            let known = env.people.authress[..UNCHANGED_USERS]
                .iter()
                .map(|user| &user.id);
            ensure(same.eq(known), "another page")
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
            let page = env.authress.users().list().email(email).await?;
            let found = page.items.iter().any(|user| user.id == known.id);
            ensure(
                found && page.items.len() == 1,
                "not the one user with this address",
            )
        }),
        prepare: None,
        count: None,
    },
    OperationKind {
        service: SERVICE,
        name: "groups().list()",
        weight: 2,
        effect: Effect::Read,
        run: task!(|env, op| {
            let _ = op;
            let page = env.authress.groups().list().await?;
            let same = page.items.iter().map(|tenant| tenant.id.as_str());
            ensure(same.eq(TENANTS), "other tenants")
        }),
        prepare: None,
        count: None,
    },
    OperationKind {
        service: SERVICE,
        name: "groups().add_member()",
        weight: 4,
        effect: Effect::Idempotent,
        run: task!(|env, op| {
            let (user, tenant) = tenant_member(env, op);
            Ok(env.authress.groups().add_member(tenant, &user.id).await?)
        }),
        prepare: None,
        count: Some(|env, state, op| {
            let (user, tenant) = tenant_member(env, op);
            let now = state.authress_tenants.get(user.id.as_str());
            u64::from(now.is_some_and(|now| now == tenant))
        }),
    },
    OperationKind {
        service: SERVICE,
        name: "users().delete()",
        weight: 3,
        effect: Effect::Idempotent,
        run: task!(|env, op| {
            let user = user_to_delete(env, op);
            let deletion = env.authress.users().delete(&user.id).await?;
            ensure(deletion == Deletion::Accepted, "not accepted")
        }),
        prepare: None,
        count: Some(|env, state, op| {
            u64::from(
                !state
                    .authress_users
                    .contains(user_to_delete(env, op).id.as_str()),
            )
        }),
    },
    OperationKind {
        service: SERVICE,
        name: "updateRole",
        weight: 2,
        effect: Effect::Idempotent,
        run: task!(|env, op| {
            let id = format!("role-{}", op.ordinal % 10);
            let wanted = role(op.name());
            let response = env
                .low
                .authress
                .update_role(&id, &wanted)
                .await?
                .into_inner();
            ensure(response.name == wanted.name, "another role")
        }),
        prepare: Some(task!(|env, op| {
            if op.ordinal < 10 {
                let mut role = role(op.name());
                role.role_id = Some(format!("role-{}", op.ordinal));
                env.low.authress.create_role(&role).await?;
            }
            Ok(String::new())
        })),
        count: None,
    },
    OperationKind {
        service: SERVICE,
        name: "createRole",
        weight: 4,
        effect: Effect::Once("createRole"),
        run: task!(|env, op| {
            let response = env
                .low
                .authress
                .create_role(&role(op.name()))
                .await?
                .into_inner();
            ensure(response.name == Some(op.name()), "another role")
        }),
        prepare: None,
        count: Some(|_, state, op| {
            state
                .authress_roles
                .get(&op.name())
                .copied()
                .unwrap_or_default()
        }),
    },
    OperationKind {
        service: SERVICE,
        name: "createGroup",
        weight: 3,
        effect: Effect::Once("createGroup"),
        run: task!(|env, op| {
            let group = types::Group {
                name: Some(op.name()),
                users: Some(Vec::new()),
                admins: Some(Vec::new()),
                ..Default::default()
            };
            let response = env.low.authress.create_group(&group).await?.into_inner();
            ensure(response.name == Some(op.name()), "another group")
        }),
        prepare: None,
        count: Some(|_, state, op| {
            state
                .authress_groups
                .get(&op.name())
                .copied()
                .unwrap_or_default()
        }),
    },
];

//! Enhance: by access token, and by e-mail and password.

use idweave::{AcceptInvite, InviteRequest, InviteToken, Role};
use idweave_enhance::types;

use crate::chaos::{
    environment::{Environment, Failure, UNCHANGED_USERS},
    operation::{Effect, Operation, OperationKind, ensure, task},
};

const SERVICE: &str = "enhance";
/// A valid id without an invite.
const NO_INVITE: &str = "5b0f2d6a-9f2c-4c3e-8f67-7a4a5f0f8b11";

fn unchanged_user(env: &Environment, op: Operation) -> &(String, String) {
    &env.people.enhance[op.number as usize % UNCHANGED_USERS]
}

/// Returns a user to change; users to delete are at the end of the list.
fn user_to_change(env: &Environment, op: Operation) -> &(String, String) {
    let people = &env.people.enhance[UNCHANGED_USERS..UNCHANGED_USERS + 90];
    &people[op.ordinal % people.len()]
}

fn user_to_delete(env: &Environment, op: Operation) -> &(String, String) {
    let people = &env.people.enhance[UNCHANGED_USERS + 90..];
    &people[op.ordinal % people.len()]
}

fn invite(op: Operation) -> InviteRequest {
    let mut request = InviteRequest::new(op.email(), op.name()).role(Role::Support);
    request.send_email = Some(false);
    request
}

async fn new_invite(env: &Environment, op: Operation) -> Result<String, Failure> {
    let invite = env.enhance.invites().create(invite(op)).await?;
    Ok(invite.token.expose().to_owned())
}

pub(super) const OPERATIONS: &[OperationKind] = &[
    OperationKind {
        service: SERVICE,
        name: "current_user()",
        weight: 4,
        effect: Effect::Read,
        run: task!(|env, op| {
            let _ = op;
            let user = env.enhance_login.current_user().await?;
            ensure(
                user.email.as_deref() == Some(env.sandbox.enhance().email.as_str()),
                "not the owner",
            )
        }),
        prepare: None,
        count: None,
    },
    OperationKind {
        service: SERVICE,
        name: "users().list()",
        weight: 1,
        effect: Effect::Read,
        run: task!(|env, op| {
            let _ = op;
            let page = env.enhance.users().list().with_page_size(20).await?;
            ensure(page.items.len() == 20, "not twenty members")
        }),
        prepare: None,
        count: None,
    },
    OperationKind {
        service: SERVICE,
        name: "getMember",
        weight: 5,
        effect: Effect::Read,
        run: task!(|env, op| {
            let (id, email) = unchanged_user(env, op);
            let org = &env.low.enhance_org;
            let member = env.low.enhance.get_member(org, id).await?.into_inner();
            ensure(member.id == *id && member.email == *email, "another member")
        }),
        prepare: None,
        count: None,
    },
    OperationKind {
        service: SERVICE,
        name: "invites().validate()",
        weight: 4,
        effect: Effect::Read,
        run: task!(|env, op| {
            let token = InviteToken::new(env.prepared(op.number));
            let check = env.enhance.invites().validate(&token).await?;
            ensure(
                check.valid && check.role == Some(Role::Support),
                "the invite is not valid",
            )
        }),
        prepare: Some(|env, op| Box::pin(new_invite(env, op))),
        count: None,
    },
    OperationKind {
        service: SERVICE,
        name: "invites().validate() of none",
        weight: 1,
        effect: Effect::Read,
        run: task!(|env, op| {
            let _ = op;
            let check = env
                .enhance
                .invites()
                .validate(&InviteToken::new(NO_INVITE))
                .await?;
            ensure(!check.valid, "an unknown invite is valid")
        }),
        prepare: None,
        count: None,
    },
    OperationKind {
        service: SERVICE,
        name: "updateMember",
        weight: 3,
        effect: Effect::Idempotent,
        run: task!(|env, op| {
            let body = types::UpdateMember {
                roles: Some(vec![types::Role::Business]),
                notifications: None,
                site_accesses: None,
            };
            let (id, _) = user_to_change(env, op);
            let org = &env.low.enhance_org;
            env.low.enhance.update_member(org, id, &body).await?;
            Ok(())
        }),
        prepare: None,
        count: Some(|env, state, op| {
            let member = state.enhance_members.get(&user_to_change(env, op).1);
            let is_there = |member: &types::Member| {
                member
                    .roles
                    .as_deref()
                    .is_some_and(|roles| roles == [types::Role::Business])
            };
            u64::from(member.is_some_and(is_there))
        }),
    },
    OperationKind {
        service: SERVICE,
        name: "deleteMember",
        weight: 2,
        effect: Effect::Idempotent,
        run: task!(|env, op| {
            let (id, _) = user_to_delete(env, op);
            env.low
                .enhance
                .delete_member(&env.low.enhance_org, id)
                .await?;
            Ok(())
        }),
        prepare: None,
        count: Some(|env, state, op| {
            u64::from(
                !state
                    .enhance_members
                    .contains_key(&user_to_delete(env, op).1),
            )
        }),
    },
    OperationKind {
        service: SERVICE,
        name: "invites().create()",
        weight: 5,
        effect: Effect::Once("createInvite"),
        run: task!(|env, op| {
            let made = env.enhance.invites().create(invite(op)).await?;
            let url = made
                .url
                .as_ref()
                .map(|url| url.expose().to_owned())
                .unwrap_or_default();
            let id = env.sandbox.enhance_invite_id(&url);
            ensure(id.as_deref() == Some(made.token.expose()), "another invite")
        }),
        prepare: None,
        count: Some(|_, state, op| u64::from(state.enhance_members.contains_key(&op.email()))),
    },
    OperationKind {
        service: SERVICE,
        name: "invites().accept()",
        weight: 4,
        effect: Effect::Once("acceptInvite"),
        run: task!(|env, op| {
            let token = InviteToken::new(env.prepared(op.number));
            let accept = AcceptInvite::new(op.email()).password("correct horse battery staple");
            let session = env.enhance.invites().accept(&token, accept).await?;
            ensure(session.cookie("id0").is_some(), "no session")
        }),
        prepare: Some(|env, op| Box::pin(new_invite(env, op))),
        count: Some(|_, state, op| {
            let member = state.enhance_members.get(&op.email());
            u64::from(member.is_some_and(|member| member.is_active == Some(true)))
        }),
    },
    OperationKind {
        service: SERVICE,
        name: "createCustomer",
        weight: 3,
        effect: Effect::Once("createCustomer"),
        run: task!(|env, op| {
            let body = types::NewCustomer { name: op.name() };
            let org = &env.low.enhance_org;
            let made = env.low.enhance.create_customer(org, &body).await?;
            ensure(made.body().starts_with(b"{\"id\":"), "no id")
        }),
        prepare: None,
        count: Some(|_, state, op| {
            state
                .enhance_orgs
                .get(&op.name())
                .copied()
                .unwrap_or_default()
        }),
    },
];

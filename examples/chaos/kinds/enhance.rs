//! Enhance: by access token, and by e-mail and password.

use idweave::{AcceptInvite, InviteRequest, InviteToken, Role};
use idweave_enhance::types;

use super::{
    super::world::{Failure, QUIET, World},
    Kind, Nature, Op, right, task,
};

const SERVICE: &str = "enhance";
/// An id in the right form that belongs to no invite.
const NO_INVITE: &str = "5b0f2d6a-9f2c-4c3e-8f67-7a4a5f0f8b11";

fn quiet(world: &World, op: Op) -> &(String, String) {
    &world.people.enhance[op.number as usize % QUIET]
}

/// Those who are changed come first, those who are removed last.
fn changed(world: &World, op: Op) -> &(String, String) {
    let people = &world.people.enhance[QUIET..QUIET + 90];
    &people[op.ordinal % people.len()]
}

fn doomed(world: &World, op: Op) -> &(String, String) {
    let people = &world.people.enhance[QUIET + 90..];
    &people[op.ordinal % people.len()]
}

fn invite(op: Op) -> InviteRequest {
    let mut request = InviteRequest::new(op.email(), op.name()).role(Role::Support);
    request.send_email = Some(false);
    request
}

async fn new_invite(world: &World, op: Op) -> Result<String, Failure> {
    let invite = world.enhance.invites().create(invite(op)).await?;
    Ok(invite.token.expose().to_owned())
}

pub(super) const KINDS: &[Kind] = &[
    Kind {
        service: SERVICE,
        name: "current_user()",
        weight: 4,
        nature: Nature::Read,
        run: task!(|world, op| {
            let _ = op;
            let user = world.enhance_login.current_user().await?;
            right(
                user.email.as_deref() == Some(world.sandbox.enhance().email.as_str()),
                "not the owner",
            )
        }),
        prepare: None,
        count: None,
    },
    Kind {
        service: SERVICE,
        name: "users().list()",
        weight: 1,
        nature: Nature::Read,
        run: task!(|world, op| {
            let _ = op;
            let page = world.enhance.users().list().with_page_size(20).await?;
            right(page.items.len() == 20, "not twenty members")
        }),
        prepare: None,
        count: None,
    },
    Kind {
        service: SERVICE,
        name: "getMember",
        weight: 5,
        nature: Nature::Read,
        run: task!(|world, op| {
            let (id, email) = quiet(world, op);
            let org = &world.low.enhance_org;
            let member = world.low.enhance.get_member(org, id).await?.into_inner();
            right(member.id == *id && member.email == *email, "another member")
        }),
        prepare: None,
        count: None,
    },
    Kind {
        service: SERVICE,
        name: "invites().validate()",
        weight: 4,
        nature: Nature::Read,
        run: task!(|world, op| {
            let token = InviteToken::new(world.prepared(op.number));
            let check = world.enhance.invites().validate(&token).await?;
            right(
                check.valid && check.role == Some(Role::Support),
                "the invite holds",
            )
        }),
        prepare: Some(|world, op| Box::pin(new_invite(world, op))),
        count: None,
    },
    Kind {
        service: SERVICE,
        name: "invites().validate() of none",
        weight: 1,
        nature: Nature::Read,
        run: task!(|world, op| {
            let _ = op;
            let check = world
                .enhance
                .invites()
                .validate(&InviteToken::new(NO_INVITE))
                .await?;
            right(!check.valid, "there is no such invite")
        }),
        prepare: None,
        count: None,
    },
    Kind {
        service: SERVICE,
        name: "updateMember",
        weight: 3,
        nature: Nature::Again,
        run: task!(|world, op| {
            let body = types::UpdateMember {
                roles: Some(vec![types::Role::Business]),
                notifications: None,
                site_accesses: None,
            };
            let (id, _) = changed(world, op);
            let org = &world.low.enhance_org;
            world.low.enhance.update_member(org, id, &body).await?;
            Ok(())
        }),
        prepare: None,
        count: Some(|world, state, op| {
            let member = state.enhance_members.get(&changed(world, op).1);
            let is_there = |member: &types::Member| {
                member
                    .roles
                    .as_deref()
                    .is_some_and(|roles| roles == [types::Role::Business])
            };
            u64::from(member.is_some_and(is_there))
        }),
    },
    Kind {
        service: SERVICE,
        name: "deleteMember",
        weight: 2,
        nature: Nature::Again,
        run: task!(|world, op| {
            let (id, _) = doomed(world, op);
            world
                .low
                .enhance
                .delete_member(&world.low.enhance_org, id)
                .await?;
            Ok(())
        }),
        prepare: None,
        count: Some(|world, state, op| {
            u64::from(!state.enhance_members.contains_key(&doomed(world, op).1))
        }),
    },
    Kind {
        service: SERVICE,
        name: "invites().create()",
        weight: 5,
        nature: Nature::Once("createInvite"),
        run: task!(|world, op| {
            let made = world.enhance.invites().create(invite(op)).await?;
            let url = made
                .url
                .as_ref()
                .map(|url| url.expose().to_owned())
                .unwrap_or_default();
            let id = world.sandbox.enhance_invite_id(&url);
            right(id.as_deref() == Some(made.token.expose()), "another invite")
        }),
        prepare: None,
        count: Some(|_, state, op| u64::from(state.enhance_members.contains_key(&op.email()))),
    },
    Kind {
        service: SERVICE,
        name: "invites().accept()",
        weight: 4,
        nature: Nature::Once("acceptInvite"),
        run: task!(|world, op| {
            let token = InviteToken::new(world.prepared(op.number));
            let accept = AcceptInvite::new(op.email()).password("correct horse battery staple");
            let session = world.enhance.invites().accept(&token, accept).await?;
            right(session.cookie("id0").is_some(), "no session")
        }),
        prepare: Some(|world, op| Box::pin(new_invite(world, op))),
        count: Some(|_, state, op| {
            let member = state.enhance_members.get(&op.email());
            u64::from(member.is_some_and(|member| member.is_active == Some(true)))
        }),
    },
    Kind {
        service: SERVICE,
        name: "createCustomer",
        weight: 3,
        nature: Nature::Once("createCustomer"),
        run: task!(|world, op| {
            let body = types::NewCustomer { name: op.name() };
            let org = &world.low.enhance_org;
            let made = world.low.enhance.create_customer(org, &body).await?;
            right(made.body().starts_with(b"{\"id\":"), "no id")
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

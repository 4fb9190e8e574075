//! DocSpace: by API key, and by e-mail and password.

use idweave::{Deletion, LinkRequest, LinkState, Role, SignUpRequest, services::DocSpace};
use idweave_docspace::types;

use super::{
    super::{world::QUIET, world::World},
    Kind, Mishap, Nature, Op, right, task,
};

const SERVICE: &str = "docspace";
/// An id in the right form that belongs to nobody.
const NOBODY: &str = "5b0f2d6a-9f2c-4c3e-8f67-7a4a5f0f8b11";

fn portal(world: &World) -> Result<&DocSpace, Mishap> {
    let portal = world.docspace.downcast_ref();
    portal.ok_or_else(|| Mishap::Wrong("not a DocSpace service".to_owned()))
}

/// Someone who is there for the whole run.
fn quiet(world: &World, op: Op) -> &idweave::User {
    &world.people.docspace[op.number as usize % QUIET.min(world.people.docspace.len())]
}

/// Someone for this operation alone.
fn own(world: &World, op: Op) -> &idweave::User {
    let people = &world.people.docspace[QUIET..];
    &people[op.ordinal % people.len()]
}

fn group(world: &World, op: Op) -> &str {
    &world.groups[op.ordinal % world.groups.len()]
}

pub(super) const KINDS: &[Kind] = &[
    Kind {
        service: SERVICE,
        name: "users().get()",
        weight: 6,
        nature: Nature::Read,
        run: task!(|world, op| {
            let known = quiet(world, op);
            let user = world.docspace.users().get(&known.id).await?;
            right(
                user.id == known.id && user.email == known.email,
                "another user",
            )
        }),
        prepare: None,
        count: None,
    },
    Kind {
        service: SERVICE,
        name: "users().get() of nobody",
        weight: 1,
        nature: Nature::Read,
        run: task!(|world, op| {
            let _ = op;
            // The portal does not say whether there is such a person.
            match world.docspace.users().get(NOBODY).await {
                Err(error) if error.status() == Some(403) => Ok(()),
                Err(error) => Err(error.into()),
                Ok(_) => Err(Mishap::Wrong("found what is not there".to_owned())),
            }
        }),
        prepare: None,
        count: None,
    },
    Kind {
        service: SERVICE,
        name: "users().list().email()",
        weight: 3,
        nature: Nature::Read,
        run: task!(|world, op| {
            let known = quiet(world, op);
            let email = known.email.clone().unwrap_or_default();
            let page = world.docspace.users().list().email(email).await?;
            right(
                page.items.len() == 1 && page.items[0].id == known.id,
                "not the one user of that address",
            )
        }),
        prepare: None,
        count: None,
    },
    Kind {
        service: SERVICE,
        name: "users().count()",
        weight: 2,
        nature: Nature::Read,
        run: task!(|world, op| {
            let _ = op;
            let count = world.docspace.users().count().await?;
            right(count > QUIET as u64 / 2, "too few users")
        }),
        prepare: None,
        count: None,
    },
    Kind {
        service: SERVICE,
        name: "current_user()",
        weight: 4,
        nature: Nature::Read,
        run: task!(|world, op| {
            let _ = op;
            let user = world.docspace_login.current_user().await?;
            right(
                user.email.as_deref() == Some(world.sandbox.docspace().email.as_str()),
                "not the owner",
            )
        }),
        prepare: None,
        count: None,
    },
    Kind {
        service: SERVICE,
        name: "sign_in_providers()",
        weight: 2,
        nature: Nature::Read,
        run: task!(|world, op| {
            let _ = op;
            let providers = world.docspace_login.sign_in_providers().await?;
            right(providers.len() == 7, "not the seven providers")
        }),
        prepare: None,
        count: None,
    },
    Kind {
        service: SERVICE,
        name: "groups().list()",
        weight: 1,
        nature: Nature::Read,
        run: task!(|world, op| {
            let _ = op;
            let page = world.docspace.groups().list().with_page_size(10).await?;
            right(page.items.len() == 10, "not ten groups")
        }),
        prepare: None,
        count: None,
    },
    Kind {
        service: SERVICE,
        name: "invites().share_link()",
        weight: 3,
        nature: Nature::Again,
        run: task!(|world, op| {
            let role = if op.number % 2 == 0 {
                Role::Manager
            } else {
                Role::Member
            };
            let link = world.docspace.invites().share_link(role.clone()).await?;
            let known = world.sandbox.docspace_invite(link.url.expose()).is_some();
            right(known && link.role == role, "the link leads nowhere")
        }),
        prepare: None,
        count: None,
    },
    Kind {
        service: SERVICE,
        name: "links().link()",
        weight: 2,
        nature: Nature::Again,
        run: task!(|world, op| {
            let email = op.email();
            let profile = world.sandbox.docspace_profile("google", &email, "Ann Berg");
            let link = world
                .docspace
                .links()
                .link(LinkRequest::profile(profile))
                .await?;
            right(link.state == LinkState::Accepted, "not linked")
        }),
        prepare: None,
        count: Some(|_, state, _| u64::from(state.docspace_linked.contains("google"))),
    },
    Kind {
        service: SERVICE,
        name: "links().unlink()",
        weight: 2,
        nature: Nature::Again,
        run: task!(|world, op| {
            let _ = op;
            Ok(world.docspace.links().unlink("zoom").await?)
        }),
        prepare: None,
        count: Some(|_, state, _| u64::from(!state.docspace_linked.contains("zoom"))),
    },
    Kind {
        service: SERVICE,
        name: "groups().add_member()",
        weight: 3,
        nature: Nature::Again,
        run: task!(|world, op| {
            let (group, user) = (group(world, op), own(world, op));
            Ok(world.docspace.groups().add_member(group, &user.id).await?)
        }),
        prepare: None,
        count: Some(|world, state, op| {
            let key = (
                group(world, op).to_owned(),
                own(world, op).id.as_str().to_owned(),
            );
            u64::from(state.docspace_members.contains(&key))
        }),
    },
    Kind {
        service: SERVICE,
        name: "mark_gift_message_as_read()",
        weight: 1,
        nature: Nature::Again,
        run: task!(|world, op| {
            let _ = op;
            Ok(portal(world)?.mark_gift_message_as_read().await?)
        }),
        prepare: None,
        count: None,
    },
    Kind {
        service: SERVICE,
        name: "users().delete()",
        weight: 2,
        nature: Nature::Again,
        run: task!(|world, op| {
            let deletion = world
                .docspace
                .users()
                .delete(world.prepared(op.number))
                .await?;
            right(deletion == Deletion::Accepted, "not accepted")
        }),
        prepare: Some(task!(|world, op| {
            let body = types::MemberRequestDto {
                email: Some(op.email()),
                first_name: Some("Gone".to_owned()),
                last_name: Some("Soon".to_owned()),
                password: Some("correct horse battery".into()),
                ..Default::default()
            };
            let user = world.low.docspace.add_member(&body).await?.into_inner();
            let id = user.response.and_then(|user| user.id);
            Ok(id.ok_or("the new member has no id")?)
        })),
        count: Some(|_, state, op| u64::from(!state.docspace_users.contains_key(&op.email()))),
    },
    Kind {
        service: SERVICE,
        name: "sign_up()",
        weight: 3,
        nature: Nature::Once("signupThirdPartyAccount"),
        run: task!(|world, op| {
            let name = format!("Chaos {}", op.number);
            let profile = world
                .sandbox
                .docspace_profile("linkedin", &op.email(), &name);
            let request = SignUpRequest::new(world.invite_key.as_str(), profile);
            let user = world.docspace.sign_up(request).await?;
            right(user.display_name() == Some(name.as_str()), "another user")
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
    Kind {
        service: SERVICE,
        name: "addGroup",
        weight: 3,
        nature: Nature::Once("addGroup"),
        run: task!(|world, op| {
            let body = types::GroupRequestDto::new(op.name());
            let group = world.low.docspace.add_group(&body).await?.into_inner();
            let name = group.response.and_then(|group| group.name);
            right(name == Some(op.name()), "another group")
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
    Kind {
        service: SERVICE,
        name: "send_congratulations()",
        weight: 1,
        nature: Nature::Once("sendCongratulations"),
        run: task!(|world, op| {
            let user = own(world, op);
            let key = world.sandbox.docspace_congratulations_key(user.id.as_str());
            Ok(portal(world)?.send_congratulations(&user.id, key).await?)
        }),
        prepare: None,
        count: None,
    },
];

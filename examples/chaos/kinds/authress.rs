//! Authress, by access key.

use idweave::Deletion;
use idweave_authress::types;

use super::{
    super::world::{QUIET, World},
    Kind, Nature, Op, absent, right, task,
};

const SERVICE: &str = "authress";
const TENANTS: [&str; 3] = ["acme", "globex", "initech"];

fn quiet(world: &World, op: Op) -> &idweave::User {
    &world.people.authress[op.number as usize % QUIET]
}

/// Those who are put into tenants come first, those who are deleted last.
fn moved(world: &World, op: Op) -> (&idweave::User, &'static str) {
    let people = &world.people.authress[QUIET..QUIET + 90];
    let at = op.ordinal % people.len();
    (&people[at], TENANTS[at % TENANTS.len()])
}

fn doomed(world: &World, op: Op) -> &idweave::User {
    let people = &world.people.authress[QUIET + 90..];
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

pub(super) const KINDS: &[Kind] = &[
    Kind {
        service: SERVICE,
        name: "users().get()",
        weight: 7,
        nature: Nature::Read,
        run: task!(|world, op| {
            let known = quiet(world, op);
            let user = world.authress.users().get(&known.id).await?;
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
        run: task!(|world, op| absent(world.authress.users().get(op.name()).await)),
        prepare: None,
        count: None,
    },
    Kind {
        service: SERVICE,
        name: "users().list()",
        weight: 4,
        nature: Nature::Read,
        run: task!(|world, op| {
            let _ = op;
            let page = world
                .authress
                .users()
                .list()
                .with_page_size(QUIET as u32)
                .await?;
            let same = page.items.iter().map(|user| &user.id);
            let known = world.people.authress[..QUIET].iter().map(|user| &user.id);
            right(same.eq(known), "another page")
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
            let page = world.authress.users().list().email(email).await?;
            let found = page.items.iter().any(|user| user.id == known.id);
            right(
                found && page.items.len() == 1,
                "not the one user of that address",
            )
        }),
        prepare: None,
        count: None,
    },
    Kind {
        service: SERVICE,
        name: "groups().list()",
        weight: 2,
        nature: Nature::Read,
        run: task!(|world, op| {
            let _ = op;
            let page = world.authress.groups().list().await?;
            let same = page.items.iter().map(|tenant| tenant.id.as_str());
            right(same.eq(TENANTS), "other tenants")
        }),
        prepare: None,
        count: None,
    },
    Kind {
        service: SERVICE,
        name: "groups().add_member()",
        weight: 4,
        nature: Nature::Again,
        run: task!(|world, op| {
            let (user, tenant) = moved(world, op);
            Ok(world.authress.groups().add_member(tenant, &user.id).await?)
        }),
        prepare: None,
        count: Some(|world, state, op| {
            let (user, tenant) = moved(world, op);
            let now = state.authress_tenants.get(user.id.as_str());
            u64::from(now.is_some_and(|now| now == tenant))
        }),
    },
    Kind {
        service: SERVICE,
        name: "users().delete()",
        weight: 3,
        nature: Nature::Again,
        run: task!(|world, op| {
            let user = doomed(world, op);
            let deletion = world.authress.users().delete(&user.id).await?;
            right(deletion == Deletion::Accepted, "not accepted")
        }),
        prepare: None,
        count: Some(|world, state, op| {
            u64::from(!state.authress_users.contains(doomed(world, op).id.as_str()))
        }),
    },
    Kind {
        service: SERVICE,
        name: "updateRole",
        weight: 2,
        nature: Nature::Again,
        run: task!(|world, op| {
            let id = format!("role-{}", op.ordinal % 10);
            let wanted = role(op.name());
            let response = world
                .low
                .authress
                .update_role(&id, &wanted)
                .await?
                .into_inner();
            right(response.name == wanted.name, "another role")
        }),
        prepare: Some(task!(|world, op| {
            if op.ordinal < 10 {
                let mut role = role(op.name());
                role.role_id = Some(format!("role-{}", op.ordinal));
                world.low.authress.create_role(&role).await?;
            }
            Ok(String::new())
        })),
        count: None,
    },
    Kind {
        service: SERVICE,
        name: "createRole",
        weight: 4,
        nature: Nature::Once("createRole"),
        run: task!(|world, op| {
            let response = world
                .low
                .authress
                .create_role(&role(op.name()))
                .await?
                .into_inner();
            right(response.name == Some(op.name()), "another role")
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
    Kind {
        service: SERVICE,
        name: "createGroup",
        weight: 3,
        nature: Nature::Once("createGroup"),
        run: task!(|world, op| {
            let group = types::Group {
                name: Some(op.name()),
                users: Some(Vec::new()),
                admins: Some(Vec::new()),
                ..Default::default()
            };
            let response = world.low.authress.create_group(&group).await?.into_inner();
            right(response.name == Some(op.name()), "another group")
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

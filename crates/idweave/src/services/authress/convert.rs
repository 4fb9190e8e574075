//! Converts Authress' records to ours.

use idweave_authress::types;
use serde_json::Value;

use super::DESCRIPTOR;
use crate::{
    Cursor, Group, GroupId, Page, Result, Timestamp, User, UserId,
    services::support::response::missing_field,
};

/// Converts a user.
pub(super) fn user(identity: types::UserIdentity, operation: &'static str) -> Result<User> {
    let id = identity.user_id;
    if id.is_empty() {
        return Err(missing_field(operation, "the user's id"));
    }
    let mut user = User::new(UserId::new(DESCRIPTOR.service_type, id));
    user.email = identity.email;
    user.name = identity.name;
    user.picture = identity.picture;
    Ok(user)
}

/// Converts a page of users.
pub(super) fn users(collection: types::UserIdentityCollection, raw: &Value) -> Result<Page<User>> {
    let next = collection
        .pagination
        .and_then(|pagination| cursor(pagination.next?.cursor));
    let records = collection.users.into_iter().enumerate();
    let users =
        records.map(|(i, record)| Ok(user(record, "getUsers")?.with_raw(raw["users"][i].clone())));
    Ok(Page::new(users.collect::<Result<_>>()?, next))
}

/// Converts all tenants, which Authress returns on one page.
pub(super) fn tenants(collection: types::TenantCollection, raw: &Value) -> Result<Page<Group>> {
    let records = collection.tenants.into_iter().enumerate();
    let groups = records.map(|(i, tenant)| {
        let id = tenant.tenant_id.filter(|id| !id.is_empty());
        let mut group = Group::new(GroupId::new(
            DESCRIPTOR.service_type,
            id.ok_or_else(|| missing_field("getTenants", "a tenant's id"))?,
        ));
        group.name = tenant.data.and_then(|data| data.name);
        group.created_at = Timestamp::read(tenant.created_time.as_deref());
        Ok(group.with_raw(raw["tenants"][i].clone()))
    });
    Ok(Page::new(groups.collect::<Result<_>>()?, None))
}

/// Converts a cursor; on the last page it is absent or empty.
fn cursor(text: String) -> Option<Cursor> {
    (!text.is_empty()).then(|| Cursor::new(text))
}

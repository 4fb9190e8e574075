//! Converts Authress' records to ours.

use idweave_authress::types;

use super::DESCRIPTOR;
use crate::{
    Cursor, Group, GroupId, Page, Result, Timestamp, User, UserId,
    services::support::response::{Listing, missing_field},
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
pub(super) fn users(mut listing: Listing<types::UserIdentityCollection>) -> Page<User> {
    let pagination = listing.list.pagination.take();
    let next = pagination.and_then(|pagination| cursor(pagination.next?.cursor));
    listing.into_page(|list| list.users, next, |record| user(record, "getUsers"))
}

/// Converts all tenants, which Authress returns on one page.
pub(super) fn tenants(listing: Listing<types::TenantCollection>) -> Page<Group> {
    listing.into_page(|list| list.tenants, None, tenant)
}

fn tenant(tenant: types::Tenant) -> Result<Group> {
    let id = tenant.tenant_id.filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| missing_field("getTenants", "a tenant's id"))?;
    let mut group = Group::new(GroupId::new(DESCRIPTOR.service_type, id));
    group.name = tenant.data.and_then(|data| data.name);
    group.created_at = Timestamp::read(tenant.created_time.as_deref());
    Ok(group)
}

/// Converts a cursor; on the last page it is absent or empty.
fn cursor(text: String) -> Option<Cursor> {
    (!text.is_empty()).then(|| Cursor::new(text))
}

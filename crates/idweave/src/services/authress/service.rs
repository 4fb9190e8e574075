//! Implements the service trait for Authress.

use async_trait::async_trait;
use idweave_authress::types;

use super::{Authress, DESCRIPTOR, convert, error::map_error};
use crate::{
    Ability, Capability, Cursor, Deletion, Error, Group, GroupQuery, IdentityService, Page, Result,
    Support, User, UserQuery,
    services::support::{
        error::removed,
        response::{listing, raw},
    },
    validate,
};

/// The largest page that Authress returns.
const MAX_PAGE_SIZE: u32 = 100;
/// The longest text that Authress searches for.
const MAX_SEARCH_CHARS: usize = 64;

#[async_trait]
impl IdentityService for Authress {
    fn service_type(&self) -> &'static str {
        DESCRIPTOR.service_type
    }

    fn capability(&self) -> Capability {
        Capability::default()
            .with(Ability::ListUsers, Support::Native)
            .with(Ability::GetUser, Support::Native)
            .with(Ability::CountUsers, Support::Emulated)
            .with(Ability::DeleteUser, Support::Native)
            // An Authress invite grants roles on resources, which our request does not have.
            .with(Ability::CreateInvite, Support::Planned)
            .with(Ability::AcceptInvite, Support::Planned)
            .with(Ability::ListGroups, Support::Native)
            .with(Ability::AddGroupMember, Support::Native)
    }

    fn validate(&self) -> Result<()> {
        self.client().map(|_| ())
    }

    async fn list_users(&self, query: &UserQuery, after: Option<&Cursor>) -> Result<Page<User>> {
        let filter = filter(query)?;
        let tenant = query.group.as_deref().map(tenant_id).transpose()?;
        let limit = query.page_size.unwrap_or(MAX_PAGE_SIZE).min(MAX_PAGE_SIZE);
        let response = self
            .client()?
            .get_users(
                i32::try_from(limit).ok(),
                after.map(Cursor::as_str),
                filter.as_deref(),
                tenant,
            )
            .await;
        let listing = listing::<_, types::UserIdentity>(response, "getUsers", "users", map_error)?;
        let page = convert::users(listing);
        Ok(match &query.email {
            Some(email) => retain(page, |user| user.has_email(email)),
            None => page,
        })
    }

    async fn get_user(&self, id: &str) -> Result<User> {
        let response = self
            .client()?
            .get_user(user_id(id)?)
            .await
            .map_err(map_error)?;
        let raw = raw(&response);
        Ok(convert::user(response.into_inner(), "getUser")?.with_raw(raw))
    }

    async fn count_users(&self) -> Result<u64> {
        let (query, mut after, mut count) = (UserQuery::default(), None, 0);
        loop {
            let page = self.list_users(&query, after.as_ref()).await?;
            // A user without an id is a user.
            count += page.records() as u64;
            match page.next {
                Some(next) if Some(&next) != after.as_ref() => after = Some(next),
                _ => return Ok(count),
            }
        }
    }

    async fn delete_user(&self, id: &str) -> Result<Deletion> {
        let outcome = self.client()?.delete_user(user_id(id)?).await;
        removed(outcome).map_err(map_error)?;
        Ok(Deletion::Accepted)
    }

    async fn list_groups(&self, _: &GroupQuery, _: Option<&Cursor>) -> Result<Page<Group>> {
        let response = self.client()?.get_tenants().await;
        let listing = listing::<_, types::Tenant>(response, "getTenants", "tenants", map_error)?;
        Ok(convert::tenants(listing))
    }

    async fn add_group_member(&self, group: &str, user: &str) -> Result<()> {
        let tenant = tenant_id(group)?;
        let body = types::TenantUser {
            user_id: user_id(user)?.to_owned(),
        };
        self.client()?
            .link_tenant_user(tenant, &body)
            .await
            .map_err(map_error)?;
        Ok(())
    }
}

fn user_id(id: &str) -> Result<&str> {
    validate::id("the user's id", id, 128)
}

fn tenant_id(id: &str) -> Result<&str> {
    let id = validate::id("the tenant's id", id, 128)?;
    if id
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "-_.:".contains(c))
    {
        return Ok(id);
    }
    Err(Error::invalid_input(
        "invalid tenant id; it has letters, digits, '-', '_', '.' and ':'",
    ))
}

/// Returns the text to search for; an e-mail address is cut to the longest text allowed.
fn filter(query: &UserQuery) -> Result<Option<String>> {
    match (&query.email, &query.search) {
        (Some(_), Some(_)) => {
            let text = "Authress searches for either an e-mail address or a text, not for both";
            Err(Error::invalid_input(text))
        }
        (Some(email), None) => Ok(Some(
            validate::email(email)?
                .chars()
                .take(MAX_SEARCH_CHARS)
                .collect(),
        )),
        (None, Some(search)) => Ok(Some(
            validate::text("the text to search for", search, MAX_SEARCH_CHARS)?.to_owned(),
        )),
        (None, None) => Ok(None),
    }
}

fn retain(mut page: Page<User>, matches: impl Fn(&User) -> bool) -> Page<User> {
    page.items.retain(matches);
    page
}

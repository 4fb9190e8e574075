//! Authress as a service of a hub.

use async_trait::async_trait;
use idweave_authress::types;

use super::{Authress, KIND, convert, error::failed};
use crate::{
    Ability, Capability, Cursor, Deletion, Error, Group, GroupQuery, IdentityService, Page, Result,
    Support, User, UserQuery,
    services::support::response::{expect_no_page, raw},
    validate,
};

/// The most users a page may have.
const LONGEST_PAGE: u32 = 100;
/// The longest text that can be searched for.
const LONGEST_SEARCH: usize = 64;

#[async_trait]
impl IdentityService for Authress {
    fn service_type(&self) -> &'static str {
        KIND.name
    }

    fn capability(&self) -> Capability {
        Capability::default()
            .with(Ability::ListUsers, Support::Native)
            .with(Ability::GetUser, Support::Native)
            .with(Ability::CountUsers, Support::Emulated)
            .with(Ability::DeleteUser, Support::Native)
            // An Authress invite grants roles on resources; our request has no words for that.
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
        let limit = query.page_size.unwrap_or(LONGEST_PAGE).min(LONGEST_PAGE);
        let answer = self
            .client()?
            .get_users(
                i32::try_from(limit).ok(),
                after.map(Cursor::as_str),
                filter.as_deref(),
                tenant,
            )
            .await
            .map_err(failed)?;
        let raw = raw(&answer);
        let page = convert::users(answer.into_inner(), &raw)?;
        Ok(match &query.email {
            Some(email) => keep(page, |user| user.has_email(email)),
            None => page,
        })
    }

    async fn get_user(&self, id: &str) -> Result<User> {
        let answer = self
            .client()?
            .get_user(user_id(id)?)
            .await
            .map_err(failed)?;
        let raw = raw(&answer);
        Ok(convert::user(answer.into_inner(), "getUser")?.with_raw(raw))
    }

    async fn count_users(&self) -> Result<u64> {
        let (query, mut after, mut count) = (UserQuery::default(), None, 0);
        loop {
            let page = self.list_users(&query, after.as_ref()).await?;
            count += page.items.len() as u64;
            match page.next {
                Some(next) if Some(&next) != after.as_ref() => after = Some(next),
                _ => return Ok(count),
            }
        }
    }

    async fn delete_user(&self, id: &str) -> Result<Deletion> {
        let answer = self
            .client()?
            .delete_user(user_id(id)?)
            .await
            .map_err(failed)?;
        expect_no_page(&answer, "deleteUser")?;
        Ok(Deletion::Accepted)
    }

    async fn list_groups(&self, _: &GroupQuery, _: Option<&Cursor>) -> Result<Page<Group>> {
        let answer = self.client()?.get_tenants().await.map_err(failed)?;
        let raw = raw(&answer);
        convert::tenants(answer.into_inner(), &raw)
    }

    async fn add_group_member(&self, group: &str, user: &str) -> Result<()> {
        let tenant = tenant_id(group)?;
        let body = types::TenantUser {
            user_id: user_id(user)?.to_owned(),
        };
        let answer = self
            .client()?
            .link_tenant_user(tenant, &body)
            .await
            .map_err(failed)?;
        expect_no_page(&answer, "linkTenantUser")
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
        "a tenant's id is letters, digits, '-', '_', '.' and ':'",
    ))
}

/// What to search for: a text, or an address as far as it may be that long.
fn filter(query: &UserQuery) -> Result<Option<String>> {
    match (&query.email, &query.search) {
        (Some(_), Some(_)) => {
            let text = "Authress searches for one text; an address is one, leave out the other";
            Err(Error::invalid_input(text))
        }
        (Some(email), None) => Ok(Some(
            validate::email(email)?
                .chars()
                .take(LONGEST_SEARCH)
                .collect(),
        )),
        (None, Some(search)) => Ok(Some(
            validate::text("the text to search for", search, LONGEST_SEARCH)?.to_owned(),
        )),
        (None, None) => Ok(None),
    }
}

fn keep(mut page: Page<User>, fits: impl Fn(&User) -> bool) -> Page<User> {
    page.items.retain(fits);
    page
}

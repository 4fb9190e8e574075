//! Implements the service trait for Enhance.

use async_trait::async_trait;
use idweave_enhance::types;

use super::{DESCRIPTOR, Enhance, convert, error::map_error};
use crate::{
    Ability, AcceptInvite, Capability, CurrentUser, Cursor, Deletion, Error, ErrorKind,
    IdentityService, Invite, InviteCheck, InviteRequest, InviteToken, OpenedSession, Page, Result,
    Support, User, UserQuery,
    services::support::{
        error::removed,
        response::{listing, missing_field, offset, raw},
    },
    validate,
};

/// The largest page to request; Enhance documents no limit.
const MAX_PAGE_SIZE: u32 = 250;

#[async_trait]
impl IdentityService for Enhance {
    fn service_type(&self) -> &'static str {
        DESCRIPTOR.service_type
    }

    fn capability(&self) -> Capability {
        Capability::default()
            .with(Ability::ListUsers, Support::Native)
            .with(Ability::GetUser, Support::Native)
            .with(Ability::CountUsers, Support::Native)
            .with(Ability::DeleteUser, Support::Native)
            .with(Ability::CreateInvite, Support::Native)
            .with(Ability::ValidateInvite, Support::Native)
            .with(Ability::AcceptInvite, Support::Native)
            .with(Ability::CurrentUser, Support::Native)
    }

    fn validate(&self) -> Result<()> {
        if self.org.is_some() {
            self.org()
                .map_err(|error| error.with_kind(ErrorKind::InvalidConfig))?;
        }
        self.client().map(|_| ())
    }

    async fn list_users(&self, query: &UserQuery, after: Option<&Cursor>) -> Result<Page<User>> {
        if query.group.is_some() {
            return Err(Error::invalid_input("groups are not supported by Enhance"));
        }
        if let Some(email) = &query.email {
            validate::email(email)?;
        }
        let offset = offset(after)?;
        let limit = query.page_size.unwrap_or(MAX_PAGE_SIZE).min(MAX_PAGE_SIZE);
        let mut page = self.members(offset, limit).await?;
        page.items.retain(|user| {
            query
                .email
                .as_deref()
                .is_none_or(|email| user.has_email(email))
                && query
                    .search
                    .as_deref()
                    .is_none_or(|text| convert::matches_text(user, text))
        });
        Ok(page)
    }

    async fn get_user(&self, id: &str) -> Result<User> {
        let id = validate::guid("the member's id", id)?;
        let response = self
            .client()?
            .get_member(self.org()?, id)
            .await
            .map_err(map_error)?;
        let raw = raw(&response);
        Ok(convert::member(response.into_inner(), "getMember")?.with_raw(raw))
    }

    async fn count_users(&self) -> Result<u64> {
        let page = self.members(0, 1).await?;
        page.total
            .ok_or_else(|| missing_field("getMembers", "the total"))
    }

    async fn delete_user(&self, id: &str) -> Result<Deletion> {
        let id = validate::guid("the member's id", id)?;
        let outcome = self.client()?.delete_member(self.org()?, id).await;
        removed(outcome).map_err(map_error)?;
        Ok(Deletion::Completed)
    }

    async fn create_invite(&self, request: &InviteRequest) -> Result<Invite> {
        let body = convert::new_invite(request)?;
        let response = self
            .client()?
            .create_invite(self.org()?, &body)
            .await
            .map_err(map_error)?;
        let url = response.into_inner();
        let token = InviteToken::from_url(url.expose())
            .map_err(|_| missing_field("createInvite", "the address of the invite"))?;
        Ok(Invite::new(token, body.email, request.roles.clone()).url(url))
    }

    async fn validate_invite(&self, token: &InviteToken) -> Result<InviteCheck> {
        let response = self
            .client()?
            .validate_invite(invite_id(token)?)
            .await
            .map_err(map_error)?;
        let raw = raw(&response);
        convert::check(response.into_inner()).map(|check| check.with_raw(raw))
    }

    async fn accept_invite(
        &self,
        token: &InviteToken,
        request: &AcceptInvite,
    ) -> Result<OpenedSession> {
        let id = invite_id(token)?;
        let body = convert::accept(request)?;
        // With a password, the caller's own session would be taken for the invited person's; without one, it has to be
        // the invited person's.
        let client = match request.password {
            Some(_) => self.connection.anonymous_client()?,
            None => self.client()?.clone(),
        };
        let response = client
            .accept_invite(id, Some(&body))
            .await
            .map_err(map_error)?;
        let cookies = response.headers().get_all("set-cookie").iter();
        Ok(OpenedSession::from_headers(
            cookies.filter_map(|cookie| cookie.to_str().ok()),
        ))
    }

    async fn current_user(&self) -> Result<CurrentUser> {
        let response = self.client()?.get_login().await.map_err(map_error)?;
        let raw = raw(&response);
        convert::login(response.into_inner()).map(|user| user.with_raw(raw))
    }
}

impl Enhance {
    /// Lists members from an offset, including pending ones.
    async fn members(&self, offset: u32, limit: u32) -> Result<Page<User>> {
        let number = |n: u32| Some(i64::from(n));
        let response = self
            .client()?
            .get_members(
                self.org()?,
                number(offset),
                number(limit),
                None,
                None,
                None,
                None,
            )
            .await;
        let listing = listing::<_, types::Member>(response, "getMembers", "items", map_error)?;
        let total = listing.list.total;
        Ok(listing.into_page_at(
            offset,
            total,
            |list| list.items,
            |member| convert::member(member, "getMembers"),
        ))
    }
}

/// Validates the token of an invite, which is a GUID.
fn invite_id(token: &InviteToken) -> Result<&str> {
    validate::guid("the invite token", token.expose())
}

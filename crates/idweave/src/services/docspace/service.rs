//! Implements the service trait for DocSpace.

use async_trait::async_trait;
use idweave_docspace::types;

use super::{
    DESCRIPTOR, DocSpace, convert,
    error::{map_error, no_invite_link, no_user_signed_up},
};
use crate::{
    Ability, Capability, CurrentUser, Cursor, Deletion, Error, ErrorKind, Group, GroupQuery,
    IdentityService, InviteLink, Link, LinkRequest, LinkState, Page, Result, Role, SignInProvider,
    SignInProviderQuery, SignUpRequest, Support, User, UserQuery,
    services::support::response::{listing, missing_field, offset, raw},
    validate,
};

/// The largest page that DocSpace returns.
const MAX_PAGE_SIZE: u32 = 100;

#[async_trait]
impl IdentityService for DocSpace {
    fn service_type(&self) -> &'static str {
        DESCRIPTOR.service_type
    }

    fn capability(&self) -> Capability {
        Capability::default()
            .with(Ability::ListUsers, Support::Native)
            .with(Ability::GetUser, Support::Native)
            .with(Ability::CountUsers, Support::Native)
            .with(Ability::DeleteUser, Support::Emulated)
            // DocSpace invites by e-mail address, but returns no token to check or accept the invite with.
            .with(Ability::CreateInvite, Support::Planned)
            .with(Ability::ShareLink, Support::Native)
            .with(Ability::LinkAccount, Support::Native)
            .with(Ability::UnlinkAccount, Support::Native)
            .with(Ability::ListGroups, Support::Native)
            .with(Ability::AddGroupMember, Support::Native)
            .with(Ability::SignInProviders, Support::Native)
            .with(Ability::CurrentUser, Support::Native)
            .with(Ability::SignUp, Support::Native)
    }

    fn validate(&self) -> Result<()> {
        self.client().map(|_| ())
    }

    async fn list_users(&self, query: &UserQuery, after: Option<&Cursor>) -> Result<Page<User>> {
        if let Some(email) = &query.email {
            return self.by_email(validate::email(email)?, query).await;
        }
        let (filter_by, filter) = match (&query.group, &query.search) {
            (Some(_), Some(_)) => {
                let text = "DocSpace searches either by text or by group, not by both";
                return Err(Error::invalid_input(text));
            }
            (Some(group), None) => (
                Some("group"),
                Some(validate::guid("the group's id", group)?),
            ),
            (None, search) => (None, search.as_deref()),
        };
        let offset = offset(after)?;
        let response = self
            .client()?
            .get_all_profiles(
                Some(page_size(query.page_size)),
                Some(number(offset)),
                filter_by,
                None,
                None,
                None,
                filter,
            )
            .await;
        let listing = listing::<_, types::EmployeeFullDto>(
            response,
            "getAllProfiles",
            "response",
            map_error,
        )?;
        let total = listing.list.total;
        Ok(listing.into_page_at(
            offset,
            total,
            |list| list.response.unwrap_or_default(),
            |profile| convert::profile(profile, "getAllProfiles"),
        ))
    }

    async fn get_user(&self, id: &str) -> Result<User> {
        let response = self
            .client()?
            .get_user_by_id(validate::guid("the user's id", id)?)
            .await
            .map_err(map_error)?;
        let raw = raw(&response)["response"].take();
        let user = response
            .into_inner()
            .response
            .ok_or_else(|| missing_field("getUserById", "the user"))?;
        Ok(convert::user_info(user)?.with_raw(raw))
    }

    async fn count_users(&self) -> Result<u64> {
        let response = self
            .client()?
            .get_portal_users_count()
            .await
            .map_err(map_error)?;
        let count = response
            .into_inner()
            .response
            .and_then(|count| u64::try_from(count).ok());
        count.ok_or_else(|| missing_field("getPortalUsersCount", "the number"))
    }

    async fn delete_user(&self, id: &str) -> Result<Deletion> {
        let id = validate::guid("the user's id", id)?;
        let body = types::UpdateMembersRequestDto {
            user_ids: Some(vec![id.to_owned()]),
            ..Default::default()
        };
        let client = self.client()?;
        // Only a terminated user can be removed.
        let response = client
            .update_user_status(&types::EmployeeStatus::TERMINATED, &body)
            .await
            .map_err(map_error)?;
        let terminated = response.into_inner().response.unwrap_or_default();
        let is_target = |user: &types::EmployeeFullDto| {
            user.id
                .as_deref()
                .is_some_and(|known| known.eq_ignore_ascii_case(id))
        };
        if !terminated.iter().any(is_target) {
            // DocSpace skips ids that it does not know.
            return Err(Error::from(ErrorKind::NotFound).with_operation("updateUserStatus"));
        }
        client.remove_users(&body).await.map_err(|error| {
            let error = map_error(error);
            let kind = error.kind();
            error.with_explanation(
                kind,
                "the user was suspended but not removed; delete the user again",
            )
        })?;
        Ok(Deletion::Accepted)
    }

    async fn share_link(&self, role: &Role) -> Result<InviteLink> {
        let kind = convert::employee_type(role)?;
        let response = self
            .client()?
            .get_invitation_link(&kind)
            .await
            .map_err(map_error)?;
        match response.into_inner().response {
            Some(url) if !url.is_empty() => Ok(InviteLink::new(url, role.clone())),
            _ => Err(no_invite_link()),
        }
    }

    async fn link_account(&self, request: &LinkRequest) -> Result<Link> {
        let LinkRequest::Profile(profile) = request else {
            let text = "DocSpace links a profile from its sign-in page; use LinkRequest::profile()";
            return Err(Error::invalid_input(text));
        };
        validate::text("the profile", profile.expose(), convert::MAX_PROFILE_CHARS)?;
        let body = types::LinkAccountRequestDto {
            serialized_profile: profile.clone(),
        };
        self.client()?
            .link_third_party_account(&body)
            .await
            .map_err(map_error)?;
        Ok(Link::new(LinkState::Accepted))
    }

    async fn unlink_account(&self, key: &str) -> Result<()> {
        let key = validate::text("the provider's key", key, 64)?;
        self.client()?
            .unlink_third_party_account(Some(key))
            .await
            .map_err(map_error)?;
        Ok(())
    }

    async fn list_groups(&self, query: &GroupQuery, after: Option<&Cursor>) -> Result<Page<Group>> {
        let offset = offset(after)?;
        let response = self
            .client()?
            .get_groups(
                None,
                None,
                Some(page_size(query.page_size)),
                Some(number(offset)),
                None,
                None,
                None,
            )
            .await;
        let listing = listing::<_, types::GroupDto>(response, "getGroups", "response", map_error)?;
        let total = listing.list.total;
        Ok(listing.into_page_at(
            offset,
            total,
            |list| list.response.unwrap_or_default(),
            convert::group,
        ))
    }

    async fn add_group_member(&self, group: &str, user: &str) -> Result<()> {
        let group = validate::guid("the group's id", group)?;
        let user = validate::guid("the user's id", user)?;
        let body = types::MembersRequest {
            members: Some(vec![user.to_owned()]),
        };
        self.client()?
            .add_members_to(group, &body)
            .await
            .map_err(map_error)?;
        Ok(())
    }

    async fn sign_in_providers(&self, query: &SignInProviderQuery) -> Result<Page<SignInProvider>> {
        let response = self
            .client()?
            .get_third_party_auth_providers(
                query.invite_view,
                query.settings_view,
                query.client_callback.as_deref(),
                query.only.as_deref(),
            )
            .await;
        let listing = listing::<_, types::AccountInfoDto>(
            response,
            "getThirdPartyAuthProviders",
            "response",
            map_error,
        )?;
        let (base, known) = (
            self.connection.base_url(),
            self.connection.has_credentials(),
        );
        Ok(listing.into_page(
            |list| list.response.unwrap_or_default(),
            None,
            |provider| convert::provider(provider, base, known),
        ))
    }

    async fn current_user(&self) -> Result<CurrentUser> {
        let response = self.client()?.get_self_profile().await.map_err(map_error)?;
        let raw = raw(&response)["response"].take();
        let profile = response.into_inner().response;
        let profile = profile.ok_or_else(|| missing_field("getSelfProfile", "the profile"))?;
        Ok(convert::current(convert::profile(profile, "getSelfProfile")?).with_raw(raw))
    }

    async fn sign_up(&self, request: &SignUpRequest) -> Result<User> {
        validate::text("the invite key", request.key.expose(), 1024)?;
        validate::text(
            "the profile",
            request.profile.expose(),
            convert::MAX_PROFILE_CHARS,
        )?;
        let body = types::SignupAccountRequestDto {
            culture: request.locale.clone(),
            employee_type: request
                .role
                .as_ref()
                .map(convert::employee_type)
                .transpose()?,
            key: request.key.clone(),
            serialized_profile: request.profile.clone(),
        };
        let response = self
            .client()?
            .signup_third_party_account(&body)
            .await
            .map_err(map_error)?;
        let raw = raw(&response)["response"].take();
        let user = response
            .into_inner()
            .response
            .ok_or_else(no_user_signed_up)?;
        Ok(convert::employee(user)?.with_raw(raw))
    }
}

impl DocSpace {
    /// Lists the user with an e-mail address: a page of one user, or an empty page.
    async fn by_email(&self, email: &str, query: &UserQuery) -> Result<Page<User>> {
        if query.group.is_some() || query.search.is_some() {
            return Err(Error::invalid_input(
                "DocSpace finds an e-mail address without other conditions; leave out the others",
            ));
        }
        match self
            .client()?
            .get_profile_by_email(Some(email), None, None)
            .await
            .map_err(map_error)
        {
            Ok(response) => {
                let raw = raw(&response)["response"].take();
                let Some(profile) = response.into_inner().response else {
                    return Ok(Page::new(Vec::new(), None));
                };
                match convert::profile(profile, "getProfileByEmail") {
                    Ok(user) => Ok(Page::new(vec![user.with_raw(raw)], None)),
                    Err(problem) => Ok(Page::new(Vec::new(), None).problems(vec![problem])),
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Page::new(Vec::new(), None)),
            Err(error) => Err(error),
        }
    }
}

fn page_size(size: Option<u32>) -> i32 {
    number(size.unwrap_or(MAX_PAGE_SIZE).min(MAX_PAGE_SIZE))
}

/// Converts a number to the signed 32 bits that DocSpace uses.
fn number(n: u32) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

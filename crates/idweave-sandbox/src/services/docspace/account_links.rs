//! Accounts at other providers: which there are, linking, unlinking, signing up with one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use ring::hmac;
use serde_json::{Value, json};

use super::auth::Principal;
use super::envelope::{ok, ok_empty, ok_list};
use super::error::{
    ApiError, HandlerResult, bad_argument, denied, internal_error, invalid_operation,
};
use super::invitations::confirm::ConfirmLink;
use super::model::{ACTIVE, NewUser, UserType};
use super::portal::{DEFAULT_USER_TYPE, PROVIDERS};
use super::seed::ADMIN;
use super::state::DocSpace;
use crate::data::fields::is_email;
use crate::engine::wire::{Reply, Request, encode, escape_html};

crate::engine::operation::operations! { DocSpace;
    "getThirdPartyAuthProviders" GET "/api/2.0/people/thirdparty/providers" => providers;
    "linkThirdPartyAccount" PUT "/api/2.0/people/thirdparty/linkaccount" => link;
    "signupThirdPartyAccount" POST "/api/2.0/people/thirdparty/signup" => sign_up;
    "unlinkThirdPartyAccount" DELETE "/api/2.0/people/thirdparty/unlinkaccount" => unlink;
    "" GET "/login.ashx" => provider_page;
}

/// What a provider says about a person who has signed in there.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    pub(crate) provider: String,
    pub(crate) id: String,
    email: Option<String>,
    name: String,
    error: Option<String>,
}

const CANCELLED: &str = "Canceled at provider";

impl DocSpace {
    fn profile_key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.env.seed.bytes("docspace/profile"))
    }

    /// Creates the opaque text that the login page returns after a person signed in at a provider.
    pub(crate) fn make_profile(
        &self,
        provider: &str,
        email: Option<&str>,
        name: &str,
        error: Option<&str>,
    ) -> String {
        let id = self
            .env
            .seed
            .hex(&format!("profile/{provider}/{}", email.unwrap_or(name)))[..21]
            .to_owned();
        let body =
            json!({"provider": provider, "id": id, "email": email, "name": name, "error": error})
                .to_string();
        let tag = hmac::sign(&self.profile_key(), body.as_bytes());
        let profile = URL_SAFE_NO_PAD.encode([tag.as_ref(), body.as_bytes()].concat());
        self.env.seed.keep_secret(profile.as_str());
        profile
    }

    pub(crate) fn read_profile(&self, text: &str) -> Option<Profile> {
        let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()?;
        let (tag, body) = bytes.split_at_checked(32)?;
        hmac::verify(&self.profile_key(), body, tag).ok()?;
        let value: Value = serde_json::from_slice(body).ok()?;
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        Some(Profile {
            provider: text("provider")?,
            id: text("id")?,
            email: text("email"),
            name: text("name").unwrap_or_default(),
            error: text("error"),
        })
    }

    /// Finds the user this profile is linked to.
    pub(crate) fn linked_user(&self, profile: &Profile) -> Option<usize> {
        // Only users who differ from their seed, and the one who is seeded with a link, have links.
        let linked = |position: usize| {
            self.users
                .get(position)
                .is_some_and(|user| user.links.get(&profile.provider) == Some(&profile.id))
        };
        (0..self.users.end()).find(|position| {
            (*position == ADMIN || self.users.changed(*position).is_some()) && linked(*position)
        })
    }
}

/// What becomes of an external account that a login page has returned.
enum ProfileResult {
    Profile(Profile),
    Cancelled,
}

/// Reads a `serializedProfile`; an error of the provider becomes one of the portal.
fn read_result(state: &DocSpace, text: &str) -> Result<ProfileResult, ApiError> {
    let profile = state
        .read_profile(text)
        .ok_or_else(|| internal_error("The profile cannot be read"))?;
    match profile.error.as_deref() {
        None => Ok(ProfileResult::Profile(profile)),
        Some(CANCELLED) => Ok(ProfileResult::Cancelled),
        Some(message) => Err(internal_error(message)),
    }
}

fn providers(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let flag = |name| {
        request
            .query_any_case(name)
            .flag()
            .map(Option::unwrap_or_default)
    };
    let (invite_view, settings_view) = (flag("inviteView")?, flag("settingsView")?);
    let callback = request.query_any_case("clientCallback").text_or_empty();
    let only = request
        .query_any_case("fromOnly")
        .text_or_empty()
        .to_lowercase();
    let principal = state.principal(request)?;
    let desktop = request
        .header("user-agent")
        .is_some_and(|agent| agent.contains("AscDesktopEditor"));
    let offered = if state.env.options.docspace_third_party {
        &PROVIDERS[..]
    } else {
        &[]
    };
    let items: Vec<Value> = offered
        .iter()
        .filter(|provider| !(invite_view && ["twitter", "appleid"].contains(*provider)))
        .filter(|provider| {
            only.is_empty() || only == **provider || only == "openid" && **provider == "google"
        })
        .map(|provider| {
            let url = if desktop && !settings_view && !invite_view {
                format!("/login.ashx?auth={provider}&mode=Redirect&desktop=true")
            } else {
                format!("/login.ashx?auth={provider}&mode=popup&callback={callback}")
            };
            let linked = principal
                .as_ref()
                .is_some_and(|principal| principal.user.links.contains_key(*provider));
            json!({"provider": provider, "url": url, "linked": linked})
        })
        .collect();
    ok_list(request, items)
}

fn link(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let Principal { position, .. } = state.require(request)?;
    let body = request.json_or_empty()?;
    if !state.env.options.docspace_third_party {
        return Err(denied());
    }
    let text = body
        .text_opt("serializedProfile", 1, 65_536)?
        .ok_or_else(|| bad_argument("serializedProfile"))?;
    let ProfileResult::Profile(profile) = read_result(state, text)? else {
        return ok_empty(request);
    };
    if let Some(user) = state.users.get_mut(position) {
        user.links.insert(profile.provider, profile.id);
        user.modified = request.now;
    }
    ok_empty(request)
}

fn unlink(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let Principal { position, .. } = state.require(request)?;
    let provider = request
        .query_any_case("provider")
        .text_or_empty()
        .to_lowercase();
    if let Some(user) = state.users.get_mut(position) {
        user.links.remove(&provider);
    }
    ok_empty(request)
}

fn sign_up(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let body = request.json_or_empty()?;
    let key = body.text("key", 1, 1_024)?;
    let text = body.text("serializedProfile", 1, 65_536)?;
    let requested = UserType::from_field_opt(&body, "employeeType")?.unwrap_or(DEFAULT_USER_TYPE);
    let culture = body.text_opt("culture", 0, 85)?.map(str::to_owned);
    let ProfileResult::Profile(profile) = read_result(state, text)? else {
        return ok_empty(request);
    };
    let confirm = ConfirmLink::read(request);
    let invite = state
        .valid_invite(key, confirm.as_ref(), request.now)
        .ok_or_else(denied)?;
    let email = profile
        .email
        .clone()
        .filter(|email| is_email(email))
        .ok_or_else(|| internal_error("The provider gave no e-mail address"))?;

    let existing = state
        .linked_user(&profile)
        .or_else(|| state.users.position_by_email(&email));
    if let Some(position) = existing {
        let user = state.users.get_mut(position).ok_or_else(denied)?;
        if user.status != ACTIVE || user.activation & 1 == 0 {
            return Err(invalid_operation(
                "This e-mail address belongs to an account that is not activated",
            ));
        }
        user.links.insert(profile.provider, profile.id);
        return ok(request, state.show(position));
    }
    // The type of the link wins over the one in the body.
    let user_type = match invite.user_type {
        UserType::All => requested,
        user_type => user_type,
    };
    let user_type = if state.plan_is_full(user_type) {
        UserType::User
    } else {
        user_type
    };
    let (first, last) = profile.name.split_once(' ').unwrap_or((&profile.name, ""));
    let inviter = confirm.and_then(|confirm| confirm.get("uid").map(str::to_owned));
    let new = NewUser {
        email,
        first: first.to_owned(),
        last: last.to_owned(),
        user_type,
        status: ACTIVE,
        activation: 1,
        created_by: Some(inviter.unwrap_or_else(|| invite.inviter.clone())),
        culture,
        ..NewUser::default()
    };
    let position = state.create_user(new, request.now);
    if let Some(user) = state.users.get_mut(position) {
        user.links.insert(profile.provider, profile.id);
    }
    state.count_use(&invite);
    ok(request, state.show(position))
}

/// Stands for the provider's page: the person in the query has signed in there and returns with a
/// profile, as the portal's own page would pass it to its opener.
fn provider_page(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let provider = request
        .query_any_case("auth")
        .text_or_empty()
        .to_lowercase();
    if !PROVIDERS.contains(&provider.as_str()) {
        return Ok(Reply::html(
            StatusCode::NOT_FOUND,
            "<h1>This provider is not configured</h1>",
        ));
    }
    let error = request
        .query_any_case("cancel")
        .is("true")
        .then_some(CANCELLED);
    let email = request
        .query_any_case("email")
        .text()
        .filter(|email| is_email(email))
        .unwrap_or("new.person@example.com");
    let name = request
        .query_any_case("name")
        .text()
        .unwrap_or("New Person");
    let profile = state.make_profile(&provider, Some(email), name, error);
    let callback: String = request
        .query_any_case("callback")
        .text()
        .unwrap_or("loginCallback")
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || "_$.".contains(*c))
        .collect();
    let page = format!(
        "<!doctype html><title>{0}</title><p>Logged in at {0} as {1}.</p><pre id=\"profile\">{2}</pre>\
         <script>if (window.opener && window.opener[\"{3}\"]) window.opener[\"{3}\"](\"{2}\");</script>",
        escape_html(&provider),
        escape_html(email),
        encode(&profile),
        callback,
    );
    Ok(Reply::html(StatusCode::OK, page))
}

//! Accounts at other providers: which there are, linking, unlinking, signing up with one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use ring::hmac;
use serde_json::{Value, json};

use super::auth::Principal;
use super::envelope::{invalid_field, list, nothing, one};
use super::model::{ACTIVE, Kind};
use super::people::members::NewUser;
use super::sessions::login::DEFAULT_KIND;
use super::state::DocSpace;
use super::{Answer, bad_argument, denied, failed, impossible};
use crate::data::fields::is_email;
use crate::engine::wire::{Reply, Request, encode, escape_html};

crate::engine::operation::operations! { DocSpace;
    "getThirdPartyAuthProviders" GET "/api/2.0/people/thirdparty/providers" => providers;
    "linkThirdPartyAccount" PUT "/api/2.0/people/thirdparty/linkaccount" => link;
    "signupThirdPartyAccount" POST "/api/2.0/people/thirdparty/signup" => sign_up;
    "unlinkThirdPartyAccount" DELETE "/api/2.0/people/thirdparty/unlinkaccount" => unlink;
    "" GET "/login.ashx" => provider_page;
}

/// The providers this portal has keys for.
pub(crate) const CONFIGURED: [&str; 7] = [
    "google",
    "zoom",
    "linkedin",
    "facebook",
    "twitter",
    "microsoft",
    "appleid",
];

/// What a provider says about someone who has logged in there.
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

    /// The opaque text the login page hands to a client after someone logged in at a provider.
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
        URL_SAFE_NO_PAD.encode([tag.as_ref(), body.as_bytes()].concat())
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

    /// The user this profile is linked to.
    pub(crate) fn linked_user(&self, profile: &Profile) -> Option<usize> {
        // Only people who differ from their seed, and the one who was seeded linked, have links.
        let linked = |position: usize| {
            self.users
                .get(position)
                .is_some_and(|user| user.links.get(&profile.provider) == Some(&profile.id))
        };
        (0..self.users.end()).find(|position| {
            (*position == super::model::ADMIN || self.users.changed(*position).is_some())
                && linked(*position)
        })
    }
}

fn flag(request: &Request, name: &str) -> Result<bool, super::Refused> {
    match request.query_any_case(name).text() {
        None | Some("") => Ok(false),
        Some(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Some(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        Some(_) => Err(invalid_field(name, "must be a boolean")),
    }
}

fn providers(state: &mut DocSpace, request: &Request) -> Answer {
    let (invite_view, settings_view) =
        (flag(request, "inviteView")?, flag(request, "settingsView")?);
    let callback = request
        .query_any_case("clientCallback")
        .text()
        .unwrap_or_default();
    let only = request
        .query_any_case("fromOnly")
        .text()
        .unwrap_or_default()
        .to_lowercase();
    let principal = state.maybe_principal(request)?;
    let desktop = request
        .header("user-agent")
        .is_some_and(|agent| agent.contains("AscDesktopEditor"));
    let offered = if state.env.options.docspace_third_party {
        &CONFIGURED[..]
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
    list(request, items)
}

fn link(state: &mut DocSpace, request: &Request) -> Answer {
    let Principal { position, .. } = state.require(request)?;
    let body = request.json_or_empty()?;
    if !state.env.options.docspace_third_party {
        return Err(denied());
    }
    let text = body
        .text_opt("serializedProfile", 1, 65_536)?
        .ok_or_else(|| bad_argument("serializedProfile"))?;
    let profile = state
        .read_profile(text)
        .ok_or_else(|| failed("The profile cannot be read"))?;
    match profile.error.as_deref() {
        None => {}
        Some(CANCELLED) => return nothing(request),
        Some(message) => return Err(failed(message)),
    }
    if let Some(user) = state.users.get_mut(position) {
        user.links.insert(profile.provider, profile.id);
        user.modified = request.now;
    }
    nothing(request)
}

fn unlink(state: &mut DocSpace, request: &Request) -> Answer {
    let Principal { position, .. } = state.require(request)?;
    let provider = request
        .query_any_case("provider")
        .text()
        .unwrap_or_default()
        .to_lowercase();
    if let Some(user) = state.users.get_mut(position) {
        user.links.remove(&provider);
    }
    nothing(request)
}

fn sign_up(state: &mut DocSpace, request: &Request) -> Answer {
    let body = request.json_or_empty()?;
    let key = body.text("key", 1, 1_024)?.to_owned();
    let text = body.text("serializedProfile", 1, 65_536)?.to_owned();
    let wanted = match body.value("employeeType") {
        None => DEFAULT_KIND,
        Some(value) => {
            Kind::parse_json(value).ok_or_else(|| invalid_field("employeeType", "is not valid"))?
        }
    };
    let culture = body.text_opt("culture", 0, 85)?.map(str::to_owned);
    let profile = state
        .read_profile(&text)
        .ok_or_else(|| failed("The profile cannot be read"))?;
    match profile.error.as_deref() {
        None => {}
        Some(CANCELLED) => return nothing(request),
        Some(message) => return Err(failed(message)),
    }
    let confirm = DocSpace::confirm_of(request);
    let invite = state
        .valid_invite(&key, confirm.as_ref(), request.now)
        .ok_or_else(denied)?;
    let email = profile
        .email
        .clone()
        .filter(|email| is_email(email))
        .ok_or_else(|| failed("The provider gave no e-mail address"))?;

    let existing = state
        .linked_user(&profile)
        .or_else(|| state.users.position_by_email(&email));
    if let Some(position) = existing {
        let Some(user) = state.users.get_mut(position) else {
            return Err(denied());
        };
        if user.status != ACTIVE || user.activation & 1 == 0 {
            return Err(impossible(
                "This e-mail address belongs to an account that is not activated",
            ));
        }
        user.links.insert(profile.provider, profile.id);
        return one(request, state.show(position));
    }
    // The type the link was made for wins over the one in the body.
    let kind = if invite.kind == Kind::All {
        wanted
    } else {
        invite.kind
    };
    let kind = if state.plan_is_full(kind) {
        Kind::User
    } else {
        kind
    };
    let (first, last) = profile.name.split_once(' ').unwrap_or((&profile.name, ""));
    let inviter = confirm
        .and_then(|confirm| confirm.get("uid").map(str::to_owned))
        .or(Some(invite.inviter.clone()));
    let new = NewUser {
        email,
        first: first.to_owned(),
        last: last.to_owned(),
        kind,
        status: ACTIVE,
        activation: 1,
        created_by: inviter,
        culture,
        ..NewUser::default()
    };
    let position = state.make_user(new, request.now);
    if let Some(user) = state.users.get_mut(position) {
        user.links.insert(profile.provider, profile.id);
    }
    state.use_invite(&invite);
    one(request, state.show(position))
}

/// What would be the provider's page: whoever the query says has logged in there comes back with
/// a profile, as the portal's own page would hand it to its opener.
fn provider_page(state: &mut DocSpace, request: &Request) -> Answer {
    let provider = request
        .query_any_case("auth")
        .text()
        .unwrap_or_default()
        .to_lowercase();
    if !CONFIGURED.contains(&provider.as_str()) {
        return Ok(Reply::html(
            StatusCode::NOT_FOUND,
            "<h1>This provider is not configured</h1>",
        ));
    }
    let error = (request.query_any_case("cancel").text() == Some("true")).then_some(CANCELLED);
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

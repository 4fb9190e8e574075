//! Converts Ostrom's records to ours, and ours to its.

use idweave_ostrom::types;

use crate::{ConsentRequest, CurrentUser, Error, Result, validate};

/// Converts the account of a user, which has no id.
pub(super) fn me(me: types::GetMeResponse) -> CurrentUser {
    let mut user = CurrentUser::new(None);
    user.email = me.email;
    user.first_name = me.first_name;
    user.last_name = me.last_name;
    user.locale = me.language.map(|language| locale(&language.to_string()));
    user
}

/// Converts a request for consent.
pub(super) fn link_body(request: &ConsentRequest) -> Result<types::LinkUserRequest> {
    validate::id("your id of the user", &request.external_user_id, 255)?;
    validate::web_address("the address to return to", &request.redirect_url)?;
    if request.scopes.is_empty() {
        return Err(Error::invalid_input(
            "the scope is missing; Ostrom has contract:read:data and order:read:data",
        ));
    }
    let scopes = request.scopes.iter().map(|scope| match scope.as_str() {
        "contract:read:data" | "order:read:data" => Ok(scope.as_str().into()),
        _ => Err(Error::invalid_input(
            "invalid scope; Ostrom has contract:read:data and order:read:data",
        )),
    });
    let language = match request.locale.as_deref() {
        None | Some("en" | "en-US") => "en-US",
        Some("de" | "de-DE") => "de-DE",
        Some(_) => {
            return Err(Error::invalid_input(
                "invalid locale; Ostrom has en-US and de-DE",
            ));
        }
    };
    if let Some(code) = &request.referral_code {
        validate::text("the referral code", code, 255)?;
    }
    let mut body = types::LinkUserRequest::new(
        &request.external_user_id,
        language.into(),
        &request.redirect_url,
        scopes.collect::<Result<_>>()?,
    );
    body.referral_code = request.referral_code.clone();
    Ok(body)
}

/// Converts a language, which Ostrom names in English here; others are kept as they are.
fn locale(language: &str) -> String {
    match language {
        "ENGLISH" => "en".to_owned(),
        "GERMAN" => "de".to_owned(),
        other => other.to_owned(),
    }
}

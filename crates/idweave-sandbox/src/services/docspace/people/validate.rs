//! Parts of bodies that several operations on users read.

use crate::data::fields::Fields;
use crate::services::docspace::error::{ApiError, bad_argument};
use crate::services::docspace::model::Password;

/// Reads the password of a body, plain or hashed.
pub(crate) fn password(body: &Fields) -> Result<Option<Password>, ApiError> {
    let text = |name: &str| {
        let text = body.text_opt(name, 0, 1_024)?;
        Ok::<_, ApiError>(text.filter(|text| !text.is_empty()))
    };
    if let Some(hash) = text("passwordHash")? {
        return Ok(Some(Password::Hash(hash.to_lowercase())));
    }
    match text("password")? {
        None => Ok(None),
        Some(password) if password.chars().count() < 8 => {
            Err(bad_argument("The password is too short"))
        }
        Some(password) => Ok(Some(Password::Plain(password.to_owned()))),
    }
}

/// Reads the contacts of a body: pairs of type and value.
pub(crate) fn contacts(body: &Fields) -> Result<Option<Vec<(String, String)>>, ApiError> {
    if body.value("contacts").is_none() {
        return Ok(None);
    }
    let mut contacts = Vec::new();
    for item in body.objects("contacts")? {
        let item = item?;
        let text = |name: &str| {
            let text = item.text_opt(name, 0, 255)?;
            Ok::<_, ApiError>(text.unwrap_or_default().to_owned())
        };
        contacts.push((text("type")?, text("value")?));
    }
    Ok(Some(contacts))
}

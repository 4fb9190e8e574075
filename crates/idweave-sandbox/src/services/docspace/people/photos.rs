//! Photos of users.

use http::StatusCode;
use serde_json::{Value, json};

use crate::engine::wire::{Reply, Request};
use crate::services::docspace::envelope::ok;
use crate::services::docspace::error::{ApiError, HandlerResult, bad_argument, denied, error};
use crate::services::docspace::state::DocSpace;

crate::engine::operation::operations! { DocSpace;
    "getMemberPhoto" GET "/api/2.0/people/{userid}/photo" => get;
    "uploadMemberPhoto" POST "/api/2.0/people/{userid}/photo" => upload;
    "updateMemberPhoto" PUT "/api/2.0/people/{userid}/photo" => update;
    "deleteMemberPhoto" DELETE "/api/2.0/people/{userid}/photo" => delete;
    "createMemberPhotoThumbnails" POST "/api/2.0/people/{userid}/photo/thumbnails" => thumbnails;
}

/// The largest photo that is accepted.
const MAX_BYTES: usize = 25 << 20;

impl DocSpace {
    /// Finds the user of the path, whose photo the caller may change.
    fn editable_user(&mut self, request: &Request) -> Result<usize, ApiError> {
        let principal = self.require(request)?;
        let (position, user) = self.path_user(request)?;
        if principal.may_edit(&user) {
            Ok(position)
        } else {
            Err(denied())
        }
    }

    fn set_photo(&mut self, position: usize, exists: bool) {
        let version = self.ids.number();
        if let Some(user) = self.users.get_mut(position) {
            user.photo = exists.then_some(version);
        }
    }

    /// Responds with the addresses of a user's photo in its sizes.
    fn photo_urls(&self, request: &Request, position: usize) -> HandlerResult {
        let user = self.users.get(position);
        ok(request, user.map_or(Value::Null, |user| user.thumbnails()))
    }
}

fn get(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let principal = state.require(request)?;
    let (position, user) = state.path_user(request)?;
    if !principal.sees(&user) {
        return Err(denied());
    }
    state.photo_urls(request, position)
}

fn is_picture(bytes: &[u8]) -> bool {
    let has = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    has(b"\x89PNG\r\n\x1a\n") || has(b"\xff\xd8\xff") || has(b"GIF8") || has(b"RIFF")
}

fn upload(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let position = state.editable_user(request)?;
    if !request.is_multipart() {
        return Err(ApiError(Reply::empty(StatusCode::UNSUPPORTED_MEDIA_TYPE)));
    }
    if request.body.len() > MAX_BYTES {
        return Err(ApiError(error(
            StatusCode::PAYLOAD_TOO_LARGE,
            "The picture is too large",
            None,
        )));
    }
    let contains = |text: &[u8]| {
        let mut windows = request.body.windows(text.len());
        windows.any(|window| window.eq_ignore_ascii_case(text))
    };
    if !contains(b"filename=") {
        return Err(bad_argument("There is no file in the request"));
    }
    if !is_picture(&request.body) {
        // Not an error response, though nothing is stored.
        return ok(
            request,
            json!({"success": false, "message": "The file is not a picture"}),
        );
    }
    let data = if contains(b"autosave") {
        state.set_photo(position, true);
        state.users.get(position).map(|user| user.thumbnails())
    } else {
        let (base_url, name) = (state.base_url(), state.ids.text(16));
        Some(json!(format!("{base_url}/storage/tmp/{name}.png")))
    };
    ok(request, json!({"success": true, "data": data}))
}

fn update(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let position = state.editable_user(request)?;
    let body = request.json()?;
    let file = body.text_opt("files", 0, 2_048)?.unwrap_or_default();
    if !file.is_empty() {
        state.set_photo(position, true);
    }
    state.photo_urls(request, position)
}

fn delete(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let position = state.editable_user(request)?;
    state.set_photo(position, false);
    state.photo_urls(request, position)
}

fn thumbnails(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let position = state.editable_user(request)?;
    let body = request.json()?;
    for name in ["x", "y", "width", "height"] {
        body.integer_opt(name, 0, i64::from(i32::MAX))?;
    }
    let file = body.text_opt("tmpFile", 0, 2_048)?.unwrap_or_default();
    if !file.is_empty() {
        state.set_photo(position, true);
    }
    state.photo_urls(request, position)
}

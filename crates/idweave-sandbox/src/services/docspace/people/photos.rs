//! Pictures of people.

use http::StatusCode;
use serde_json::json;

use crate::engine::wire::{Reply, Request};
use crate::services::docspace::envelope::{error, one};
use crate::services::docspace::state::DocSpace;
use crate::services::docspace::{Answer, Refused, bad_argument, denied, not_found};

crate::engine::operation::operations! { DocSpace;
    "getMemberPhoto" GET "/api/2.0/people/{userid}/photo" => get;
    "uploadMemberPhoto" POST "/api/2.0/people/{userid}/photo" => upload;
    "updateMemberPhoto" PUT "/api/2.0/people/{userid}/photo" => update;
    "deleteMemberPhoto" DELETE "/api/2.0/people/{userid}/photo" => delete;
    "createMemberPhotoThumbnails" POST "/api/2.0/people/{userid}/photo/thumbnails" => thumbnails;
}

/// The largest picture taken.
const LARGEST: usize = 25 << 20;

impl DocSpace {
    /// The user of the path, whose picture the caller may change.
    fn pictured(&mut self, request: &Request) -> Result<usize, Refused> {
        let principal = self.require(request)?;
        let position = self
            .find_user(request.param("userid"))
            .ok_or_else(|| not_found("The user could not be found"))?;
        let user = self.user(position).ok_or_else(denied)?;
        if principal.may_edit(&user) {
            Ok(position)
        } else {
            Err(denied())
        }
    }

    fn set_photo(&mut self, position: usize, there: bool) {
        let version = self.ids.number();
        if let Some(user) = self.users.get_mut(position) {
            user.photo = there.then_some(version);
        }
    }

    fn pictures(&self, request: &Request, position: usize) -> Answer {
        one(
            request,
            self.users
                .get(position)
                .map_or(serde_json::Value::Null, |user| user.thumbnails()),
        )
    }
}

fn get(state: &mut DocSpace, request: &Request) -> Answer {
    let principal = state.require(request)?;
    let position = state
        .find_user(request.param("userid"))
        .ok_or_else(|| not_found("The user could not be found"))?;
    let user = state.user(position).ok_or_else(denied)?;
    if !principal.sees(&user) {
        return Err(denied());
    }
    state.pictures(request, position)
}

fn is_picture(bytes: &[u8]) -> bool {
    let has = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    has(b"\x89PNG\r\n\x1a\n") || has(b"\xff\xd8\xff") || has(b"GIF8") || has(b"RIFF")
}

fn upload(state: &mut DocSpace, request: &Request) -> Answer {
    let position = state.pictured(request)?;
    if !request.is_multipart() {
        return Err(Refused(Reply::empty(StatusCode::UNSUPPORTED_MEDIA_TYPE)));
    }
    if request.body.len() > LARGEST {
        return Err(Refused(error(
            StatusCode::PAYLOAD_TOO_LARGE,
            "The picture is too large",
            None,
        )));
    }
    let names_file = |line: &[u8]| {
        line.windows(9)
            .any(|window| window.eq_ignore_ascii_case(b"filename="))
    };
    if !names_file(&request.body) {
        return Err(bad_argument("There is no file in the request"));
    }
    if !is_picture(&request.body) {
        // What is no picture is answered, not refused.
        return one(
            request,
            json!({"success": false, "message": "The file is not a picture"}),
        );
    }
    let saves = request
        .body
        .windows(8)
        .any(|window| window.eq_ignore_ascii_case(b"autosave"));
    let data = if saves {
        state.set_photo(position, true);
        state.users.get(position).map(|user| user.thumbnails())
    } else {
        Some(json!(format!(
            "{}/storage/tmp/{}.png",
            state.base(),
            state.ids.text(16)
        )))
    };
    one(request, json!({"success": true, "data": data}))
}

fn update(state: &mut DocSpace, request: &Request) -> Answer {
    let position = state.pictured(request)?;
    let body = request.json()?;
    let file = body.text_opt("files", 0, 2_048)?.unwrap_or_default();
    if !file.is_empty() {
        state.set_photo(position, true);
    }
    state.pictures(request, position)
}

fn delete(state: &mut DocSpace, request: &Request) -> Answer {
    let position = state.pictured(request)?;
    state.set_photo(position, false);
    state.pictures(request, position)
}

fn thumbnails(state: &mut DocSpace, request: &Request) -> Answer {
    let position = state.pictured(request)?;
    let body = request.json()?;
    for name in ["x", "y", "width", "height"] {
        body.integer_opt(name, 0, i64::from(i32::MAX))?;
    }
    if body
        .text_opt("tmpFile", 0, 2_048)?
        .is_some_and(|file| !file.is_empty())
    {
        state.set_photo(position, true);
    }
    state.pictures(request, position)
}

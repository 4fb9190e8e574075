//! The signature that a user manages OAuth2 clients with, as cookie or header.

use std::time::Duration;

use http::StatusCode;
use serde_json::json;

use super::error::{ApiError, problem};
use crate::engine::clock::later;
use crate::engine::wire::Request;
use crate::services::docspace::auth::Principal;
use crate::services::docspace::envelope::ok;
use crate::services::docspace::error::HandlerResult;
use crate::services::docspace::state::DocSpace;

crate::engine::operation::operations! { DocSpace;
    "generateJwtToken" GET "/api/2.0/security/oauth2/token" => create;
}

const LIFETIME: Duration = Duration::from_secs(3_600);

fn create(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let Principal { position, .. } = state.require(request)?;
    let now = request.now;
    state.signatures.retain(|_, (_, expires)| *expires > now);
    let token = state.ids.secret(43);
    let entry = (position, later(now, LIFETIME));
    state.signatures.insert(token.clone(), entry);
    ok(request, json!(token))
}

impl DocSpace {
    /// Requires a signature and returns its user.
    pub(crate) fn signer(&self, request: &Request) -> Result<usize, ApiError> {
        let token = request
            .header("x-signature")
            .or_else(|| request.cookie("x-signature"));
        let found = token
            .and_then(|token| self.signatures.get(token))
            .filter(|(_, expires)| *expires > request.now);
        let (position, _) = *found.ok_or_else(|| {
            problem(
                StatusCode::FORBIDDEN,
                "The signature is missing or has expired",
            )
        })?;
        request.record_credential("signature");
        Ok(position)
    }
}

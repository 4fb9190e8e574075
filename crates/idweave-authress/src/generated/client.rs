//! Placeholder until the first run of codegen.

use idweave_transport::Session;

/// The client.
#[derive(Clone, Debug)]
pub struct Client {
    session: Session,
}

impl From<Session> for Client {
    fn from(session: Session) -> Self {
        Self { session }
    }
}

impl Client {
    /// The session.
    pub fn session(&self) -> &Session {
        &self.session
    }
}

//! The emulated services, and the four of them running together.

pub(crate) mod authress;
pub(crate) mod docspace;
pub(crate) mod enhance;
pub(crate) mod ostrom;

use std::sync::Arc;

use serde_json::{Value, json};

use crate::access::Access;
use crate::engine::emulator::Emulator;
use crate::engine::env::Env;

use authress::Authress;
use docspace::DocSpace;
use enhance::Enhance;
use ostrom::Ostrom;

/// The four running services.
pub(crate) struct Services {
    pub(crate) env: Arc<Env>,
    pub(crate) access: Access,
    pub(crate) docspace: Arc<Emulator<DocSpace>>,
    pub(crate) authress: Arc<Emulator<Authress>>,
    pub(crate) ostrom: Arc<Emulator<Ostrom>>,
    pub(crate) enhance: Arc<Emulator<Enhance>>,
}

impl Services {
    pub(crate) fn new(env: Arc<Env>) -> Self {
        Self {
            access: Access {
                docspace: docspace::access(&env),
                authress: authress::access(&env),
                ostrom: ostrom::access(&env),
                enhance: enhance::access(&env),
            },
            docspace: Arc::new(Emulator::new(env.clone())),
            authress: Arc::new(Emulator::new(env.clone())),
            ostrom: Arc::new(Emulator::new(env.clone())),
            enhance: Arc::new(Emulator::new(env.clone())),
            env,
        }
    }

    /// Returns everything to the seed.
    pub(crate) fn reset(&self) {
        self.env.reset();
        self.docspace.reset();
        self.authress.reset();
        self.ostrom.reset();
        self.enhance.reset();
    }

    /// Returns the state of all services as JSON.
    pub(crate) fn snapshot(&self) -> Value {
        json!({
            "docspace": self.docspace.snapshot(),
            "authress": self.authress.snapshot(),
            "ostrom": self.ostrom.snapshot(),
            "enhance": self.enhance.snapshot(),
        })
    }
}

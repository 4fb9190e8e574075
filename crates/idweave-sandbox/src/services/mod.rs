//! One emulator for each service.

pub(crate) mod authress;
pub(crate) mod docspace;
pub(crate) mod enhance;
pub(crate) mod ostrom;

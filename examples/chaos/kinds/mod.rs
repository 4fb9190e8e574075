//! The operations of the run: what each asks for, and how its response and the state it leaves are
//! checked.

mod authress;
mod docspace;
mod enhance;
mod kind;
mod ostrom;

pub use kind::{Kind, Mishap, Nature, Op};
use kind::{absent, right, task};

/// Every kind, in the order of the report.
pub fn all() -> Vec<&'static Kind> {
    [
        docspace::KINDS,
        authress::KINDS,
        ostrom::KINDS,
        enhance::KINDS,
    ]
    .into_iter()
    .flatten()
    .collect()
}

//! The operations of the run, by service.

mod authress;
mod docspace;
mod enhance;
mod ostrom;

use super::operation::OperationKind;

/// Returns every kind of operation, in the order of the report.
pub fn all() -> Vec<&'static OperationKind> {
    [
        docspace::OPERATIONS,
        authress::OPERATIONS,
        ostrom::OPERATIONS,
        enhance::OPERATIONS,
    ]
    .into_iter()
    .flatten()
    .collect()
}

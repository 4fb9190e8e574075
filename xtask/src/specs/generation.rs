//! Asks codegen what it would generate for a service, for `lint` and `coverage`.

use serde_json::Value;

use crate::codegen;
use crate::openapi::service::Service;
use crate::openapi::{Error, Result};

/// What codegen made of a document.
#[derive(Clone, Debug, Default)]
pub struct Generation {
    /// Operations that have a method.
    pub generated: usize,
    /// Operations without one, with the reason.
    pub left_out: Vec<(String, String)>,
}

/// How a command asks codegen what it would make of a document; tests ask something simpler.
pub type Generate<'a> = &'a dyn Fn(&Service, &Value) -> Result<Generation>;

/// Asks codegen what it would make of a service, without writing anything.
///
/// # Errors
/// When nothing of the document can be generated.
pub fn generate(service: &Service, effective: &Value) -> Result<Generation> {
    let options = codegen::Options {
        display_name: service.display_name.clone(),
        header: codegen::header(&service.name),
    };
    let output = codegen::generate(effective, &options)
        .map_err(|e| Error::new(format!("specs/{}: {e}", service.name)))?;
    let left_out = output
        .report
        .left_out
        .into_iter()
        .map(|l| (l.operation, l.reason))
        .collect();
    Ok(Generation {
        generated: output.report.generated,
        left_out,
    })
}

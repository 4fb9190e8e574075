//! What a pass works on: the document on its way to the generator, and the report of the changes.

use serde_json::Value;

use crate::codegen::report::Report;

/// A document on its way to the generator.
pub struct Context {
    /// The document, rewritten in place.
    pub document: Value,
    /// What was changed so far.
    pub report: Report,
}

#[cfg(test)]
pub(crate) mod testing {
    //! What the tests of passes share.

    use serde_json::Value;

    use super::{Context, Report};
    use crate::openapi::emit;

    /// Runs one pass on a document.
    pub(crate) fn run_pass(document: Value, run: fn(&mut Context)) -> Context {
        let mut context = Context {
            document,
            report: Report::default(),
        };
        run(&mut context);
        context
    }

    impl Context {
        pub(crate) fn at(&self, pointer: &str) -> &Value {
            self.document.pointer(pointer).unwrap_or(&Value::Null)
        }

        /// A part of the document as YAML, for comparing it as a whole.
        pub(crate) fn yaml(&self, pointer: &str) -> String {
            emit::yaml(self.at(pointer))
        }

        pub(crate) fn reports(&self, text: &str) -> bool {
            self.report.changed.iter().any(|c| c.what.contains(text))
        }
    }
}

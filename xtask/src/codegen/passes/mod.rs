//! The passes between overlay and generator: each makes one small change to the document, and has its own test.
//!
//! [`normalise`] runs them in order. Every pass may rely on earlier ones, and reports what it changes. What the generator cannot
//! express, a pass keeps under an `x-idweave-…` key; [`crate::codegen::plan`] reads it when bodies are written.

mod aliases;
mod all_of;
mod annotations;
mod bases;
mod bodies;
mod context;
mod dialect;
mod enums;
mod field_names;
mod hoist;
mod inline;
mod limits;
mod media;
mod names;
mod operation_ids;
mod optional;
mod parameter_types;
mod parameters;
mod prune;
mod reach;
mod responses;
mod root;
mod schema_refs;
mod secrets;
mod tolerant;
mod unions;

pub use context::Context;

/// One rule.
pub struct Pass {
    /// Name in reports.
    pub name: &'static str,
    run: fn(&mut Context),
}

/// All rules, in the order they run.
pub const PASSES: &[Pass] = &[
    Pass {
        name: root::NAME,
        run: root::run,
    },
    Pass {
        name: inline::NAME,
        run: inline::run,
    },
    Pass {
        name: operation_ids::NAME,
        run: operation_ids::run,
    },
    Pass {
        name: responses::NAME,
        run: responses::run,
    },
    Pass {
        name: bodies::NAME,
        run: bodies::run,
    },
    Pass {
        name: parameters::NAME,
        run: parameters::run,
    },
    Pass {
        name: schema_refs::NAME,
        run: schema_refs::run,
    },
    Pass {
        name: prune::NAME,
        run: prune::run,
    },
    Pass {
        name: tolerant::NAME,
        run: tolerant::run,
    },
    Pass {
        name: dialect::NAME,
        run: dialect::run,
    },
    Pass {
        name: limits::NAME,
        run: limits::run,
    },
    Pass {
        name: secrets::NAME,
        run: secrets::run,
    },
    Pass {
        name: all_of::NAME,
        run: all_of::run,
    },
    Pass {
        name: bases::NAME,
        run: bases::run,
    },
    Pass {
        name: unions::NAME,
        run: unions::run,
    },
    Pass {
        name: enums::NAME,
        run: enums::run,
    },
    Pass {
        name: names::NAME,
        run: names::run,
    },
    Pass {
        name: hoist::NAME,
        run: hoist::run,
    },
    Pass {
        name: aliases::NAME,
        run: aliases::run,
    },
    Pass {
        name: prune::NAME,
        run: prune::run,
    },
    Pass {
        name: parameter_types::NAME,
        run: parameter_types::run,
    },
    Pass {
        name: optional::NAME,
        run: optional::run,
    },
    Pass {
        name: field_names::NAME,
        run: field_names::run,
    },
];

/// Runs every pass.
pub fn normalise(context: &mut Context) {
    for pass in PASSES {
        let before = context.report.changed.len();
        let started = std::time::Instant::now();
        (pass.run)(context);
        tracing::info!(
            pass = pass.name,
            changed = context.report.changed.len() - before,
            milliseconds = started.elapsed().as_millis() as u64,
        );
    }
}

//! No `Debug`, `Display` or log line shows a secret or personal data, whatever a service responds: every operation of the
//! four services is sent to the sandbox by the real transport at TRACE, and all that can be printed of its response or
//! error is searched for what the sandbox made.
//!
//! Nobody has to remember a new operation: the operations come from the effective documents, the types of their responses
//! from a generated table, and the secrets from the sandbox, which knows no client. The first run of this test printed the
//! ids of Authress' invites, in a URL beside the field that hid them.
//!
//! One test in a process of its own: the subscriber is the process's.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod authress;
#[path = "../../../idweave-sandbox/tests/common/mod.rs"]
mod common;
mod docspace;
#[path = "../../../idweave-sandbox/tests/conformance/document.rs"]
mod document;
mod enhance;
#[path = "../../../idweave-sandbox/tests/known/mod.rs"]
mod known;
#[path = "../../../idweave-transport/tests/common/log.rs"]
mod log;
mod ostrom;
#[path = "../../../idweave-sandbox/tests/conformance/plan.rs"]
mod plan;
mod search;
mod show;

use std::collections::{BTreeMap, BTreeSet};

use idweave_transport::{BoxFuture, Call, Multipart, Operation, Session};

use document::Document;
use known::Known;
use log::Log;
use plan::{Body, Plan};
use search::Needles;
use show::{Print, Show, distinct_lines};

/// A service, and how its operations are called.
struct Service<'a> {
    name: &'static str,
    /// Every operation, and how its response is read.
    table: &'static [(&'static Operation, Show)],
    /// What exists there.
    known: Known,
    /// The session that calls an operation.
    session: Box<dyn Fn(&document::Operation<'_>) -> &'a Session + Send + Sync + 'a>,
}

/// What the calls of all operations of a service led to.
struct Outcome {
    printed: Vec<Print>,
    /// The operations that did not succeed, so that nothing is known of the response they have then.
    not_exercised: BTreeSet<String>,
}

impl Service<'_> {
    async fn call_all(&self) -> Outcome {
        let document = document::effective(self.name);
        let table: BTreeMap<&str, _> = self
            .table
            .iter()
            .map(|(operation, show)| (operation.id(), (*operation, *show)))
            .collect();
        let ids: BTreeSet<&str> = document.operations().iter().map(|own| own.id).collect();
        assert_eq!(table.keys().copied().collect::<BTreeSet<_>>(), ids);
        let mut outcome = Outcome {
            printed: Vec::new(),
            not_exercised: BTreeSet::new(),
        };
        for operation in document.operations() {
            let plan = self.plan(&document, &operation);
            let session = (self.session)(&operation);
            let (known, show) = table[operation.id];
            let call = call(session, known, &plan);
            outcome.printed.push(match show(call).await {
                Ok(print) => print.of(operation.id),
                Err(error) => {
                    outcome.not_exercised.insert(operation.id.to_owned());
                    Print::of_error(&error).of(operation.id)
                }
            });
        }
        outcome
    }

    fn plan(&self, document: &Document, operation: &document::Operation<'_>) -> Plan {
        document.plan(operation, &self.known)
    }
}

/// Puts a call together from the arguments of a plan.
fn call<'a>(session: &'a Session, operation: &'static Operation, plan: &Plan) -> Call<'a> {
    // Names are static in generated code, and so few that the test may leak them.
    let name = |name: &str| -> &'static str { String::leak(name.to_owned()) };
    let mut call = session.call(operation);
    for (parameter, value) in &plan.path {
        call = call.path(name(parameter), value);
    }
    for (parameter, value) in &plan.query {
        call = call.query(name(parameter), value);
    }
    match &plan.body {
        None => call,
        Some(Body::Json(body)) => call.json_body(body),
        Some(Body::Form(fields)) => {
            call.form_body(&fields.iter().cloned().collect::<BTreeMap<_, _>>())
        }
        Some(Body::Picture(field)) => {
            let form = Multipart::new().file(field, "a.png", "image/png", plan::PICTURE);
            call.multipart_body(form)
        }
    }
}

#[tokio::test]
async fn responses_of_all_operations_show_no_secret_and_no_address() {
    let log = Log::start();
    let (mut found, mut changed) = (Vec::new(), Vec::new());
    for run in [
        authress::run as fn() -> BoxFuture<'static, Run>,
        docspace::run,
        enhance::run,
        ostrom::run,
    ] {
        let (name, outcome, needles, not_exercised) = run().await;
        let expected: BTreeSet<String> = not_exercised.iter().map(|id| (*id).to_owned()).collect();
        if outcome.not_exercised != expected {
            let now = &outcome.not_exercised;
            changed.push(format!("{name} has no successful response to {now:?}"));
        }
        // What is searched for was there to be found.
        let present = needles.present(outcome.printed.iter().map(|print| &*print.body));
        assert!(
            present > 1,
            "only {present} secrets of {name} were sent at all"
        );
        for print in &outcome.printed {
            let what = format!("{name} {}", print.operation);
            found.extend(needles.found(&what, &print.text));
        }
        let log = distinct_lines(&log.take());
        assert!(log.contains("TRACE") && log.contains(outcome.printed[0].operation.as_str()));
        found.extend(needles.found(&format!("{name}, the log"), &log));
    }
    assert!(
        found.is_empty(),
        "{} places:\n{}",
        found.len(),
        found.join("\n")
    );
    // Silence is not success: whoever changes which operations are reached says so here.
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}

/// What a service's module returns: its name, what its calls led to, what to search for, and the operations that are out
/// of reach of one call each.
type Run = (&'static str, Outcome, Needles, &'static [&'static str]);

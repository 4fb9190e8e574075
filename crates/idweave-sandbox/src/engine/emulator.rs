//! One emulated service: its state, its operations, and what a call goes through on its way to a
//! handler: faults, recording, counting of effects.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};

use crate::engine::delivery::Delivery;
use crate::engine::env::Env;
use crate::engine::fault::{ActiveFault, PageFault, ResetPoint};
use crate::engine::hooks::{CallInfo, CallOutcome};
use crate::engine::journal::Entry;
use crate::engine::operation::Operation;
use crate::engine::wire::{Reply, Request};

/// The state of an emulated service, and how it behaves around its operations.
pub(crate) trait Service: Send + Sized + 'static {
    /// `docspace`, `authress`, `ostrom` or `enhance`.
    const NAME: &'static str;
    /// Returns the state of a fresh sandbox.
    fn new(env: Arc<Env>) -> Self;
    /// Lists everything it implements.
    fn operations() -> Vec<Operation<Self>>;
    /// Builds an error response in the service's own form, for faults and unknown paths.
    fn error(status: StatusCode, request: &Request) -> Reply;
    /// Completes what has become due; called before each request.
    fn complete_due(&mut self, _now: jiff::Timestamp) {}
    /// Ends a request before its handler runs, for rate limits.
    fn before_handler(&mut self, _request: &Request) -> Option<Reply> {
        None
    }
    /// Adds headers to each response.
    fn after_handler(&mut self, _request: &Request, _reply: &mut Reply) {}
    /// Returns the state as JSON, for tests and for the web page.
    fn snapshot(&mut self) -> serde_json::Value;
}

/// A running service: its operations and its state.
pub(crate) struct Emulator<S: Service> {
    pub(crate) env: Arc<Env>,
    pub(crate) operations: Vec<Operation<S>>,
    state: Mutex<S>,
}

/// What the router found for a path.
pub(crate) enum RouteMatch {
    /// The index of an operation, and the path's parameters.
    Operation(usize, Vec<(String, String)>),
    /// Only operations of other methods.
    OtherMethods,
    Nothing,
}

/// How a call ends on the wire.
pub(crate) enum CallResult {
    Reply(Reply, Delivery),
    Stall,
    Reset,
}

impl<S: Service> Emulator<S> {
    pub(crate) fn new(env: Arc<Env>) -> Self {
        Self {
            operations: S::operations(),
            state: Mutex::new(S::new(env.clone())),
            env,
        }
    }

    pub(crate) fn lock(&self) -> std::sync::MutexGuard<'_, S> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns to the state of a fresh sandbox.
    pub(crate) fn reset(&self) {
        let fresh = S::new(self.env.clone());
        *self.lock() = fresh;
    }

    /// Returns the state as JSON, after completing what has become due.
    pub(crate) fn snapshot(&self) -> serde_json::Value {
        let mut state = self.lock();
        state.complete_due(self.env.clock.now());
        state.snapshot()
    }

    /// Handles a call; returns how it ends, and the delay before that.
    pub(crate) fn handle(
        &self,
        route: RouteMatch,
        mut request: Request,
    ) -> (CallResult, Option<Duration>) {
        let operation = match &route {
            RouteMatch::Operation(at, _) => self.operations[*at].id,
            RouteMatch::OtherMethods | RouteMatch::Nothing => "",
        };
        let mut fault = self.env.faults.next_fault(S::NAME, operation);
        let controller = self.env.hooks.get();
        let chosen = controller
            .and_then(|controller| controller.on_request(call_info::<S>(operation, &request)));
        if let Some(chosen) = chosen {
            fault.get_or_insert_default().merge(&chosen);
        }
        let mut effect = false;
        let result = match route {
            RouteMatch::Operation(at, params) => {
                request.params = params;
                self.call(at, &mut request, fault.as_ref(), &mut effect)
            }
            RouteMatch::OtherMethods => CallResult::Reply(
                S::error(StatusCode::METHOD_NOT_ALLOWED, &request),
                Delivery::Whole,
            ),
            RouteMatch::Nothing => {
                CallResult::Reply(S::error(StatusCode::NOT_FOUND, &request), Delivery::Whole)
            }
        };
        let status = match &result {
            CallResult::Reply(reply, _) => Some(reply.status.as_u16()),
            CallResult::Stall | CallResult::Reset => None,
        };
        if let Some(controller) = controller {
            controller.on_response(
                call_info::<S>(operation, &request),
                CallOutcome { effect, status },
            );
        }
        self.env.journal.record(Entry {
            service: S::NAME,
            operation: (!operation.is_empty()).then_some(operation),
            method: request.method,
            path: request.path,
            query: request.raw_query,
            headers: request.headers,
            body: request.body,
            credential: request.credential.into_inner(),
            status,
            fault: fault.is_some(),
            at: request.now,
        });
        (result, fault.and_then(|fault| fault.delay))
    }

    /// Carries the call out, unless its fault prevents that; `effect` becomes whether it was.
    fn call(
        &self,
        at: usize,
        request: &mut Request,
        fault: Option<&ActiveFault>,
        effect: &mut bool,
    ) -> CallResult {
        let mut run = |request: &Request| {
            let reply;
            (reply, *effect) = self.run_handler(at, request);
            self.count_effect(at, *effect);
            reply
        };
        let Some(fault) = fault else {
            return CallResult::Reply(run(request), Delivery::Whole);
        };
        if fault.reset == Some(ResetPoint::Before) {
            return CallResult::Reset;
        }
        let mut reply = match fault
            .status
            .and_then(|status| StatusCode::from_u16(status).ok())
        {
            Some(status) => S::error(status, request),
            None => {
                request.page_shift = match fault.page {
                    Some(PageFault::Duplicate) => -1,
                    Some(PageFault::Missing) => 1,
                    None => 0,
                };
                run(request)
            }
        };
        if fault.stall {
            return CallResult::Stall;
        }
        if fault.reset == Some(ResetPoint::After) {
            return CallResult::Reset;
        }
        alter(&mut reply, fault);
        let delivery = match fault.reset {
            Some(ResetPoint::During) => Delivery::Reset,
            _ if fault.truncate => Delivery::Truncated,
            _ => Delivery::Whole,
        };
        CallResult::Reply(reply, delivery)
    }

    /// Runs the handler; the flag says whether it ran and returned no error.
    fn run_handler(&self, at: usize, request: &Request) -> (Reply, bool) {
        let mut state = self.lock();
        state.complete_due(request.now);
        let (mut reply, mut effect) = match state.before_handler(request) {
            Some(reply) => (reply, false),
            None => ((self.operations[at].run)(&mut state, request), true),
        };
        effect &= reply.status.as_u16() < 400;
        state.after_handler(request, &mut reply);
        (reply, effect)
    }

    fn count_effect(&self, at: usize, effect: bool) {
        let id = self.operations[at].id;
        if effect && !id.is_empty() {
            self.env.journal.count_effect(S::NAME, id);
        }
    }
}

/// Describes the request to a fault controller.
fn call_info<'a, S: Service>(operation: &'static str, request: &'a Request) -> CallInfo<'a> {
    CallInfo {
        service: S::NAME,
        operation: (!operation.is_empty()).then_some(operation),
        method: &request.method,
        path: &request.path,
        headers: &request.headers,
    }
}

/// Applies the parts of a fault that change the response itself.
fn alter(reply: &mut Reply, fault: &ActiveFault) {
    if let Some(seconds) = fault.retry_after {
        reply
            .headers
            .insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(body) = &fault.body {
        reply.body = Bytes::from(body.clone());
    }
    if fault.malformed {
        let mut broken = BytesMut::from(&b"{\"broken\": [1, "[..]);
        broken.extend_from_slice(&reply.body);
        reply.body = broken.freeze();
    }
    if let Some(content_type) = fault
        .content_type
        .as_deref()
        .and_then(|text| HeaderValue::from_str(text).ok())
    {
        reply.headers.insert(CONTENT_TYPE, content_type);
    }
}

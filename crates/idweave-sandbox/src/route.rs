//! Which operation a request is for: a table of templates per service, literal segments first.

use std::collections::HashMap;

use http::Method;
use percent_encoding::percent_decode_str;

use crate::wire::{Reply, Request};

/// A handler's answer; both sides are replies, the error side being what the service refuses with.
pub(crate) type Handler<S> = fn(&mut S, &Request) -> Reply;

/// One operation an emulator answers.
pub(crate) struct Operation<S: 'static> {
    /// The vendor's operation id; empty for a web page that is no part of the API.
    pub(crate) id: &'static str,
    pub(crate) method: Method,
    pub(crate) template: &'static str,
    pub(crate) run: Handler<S>,
}

/// Writes a table of operations: `"id" METHOD "/path/{name}" => handler;`
macro_rules! operations {
    ($state:ty; $($id:literal $method:ident $template:literal => $run:expr;)*) => {
        pub(super) fn operations() -> Vec<$crate::route::Operation<$state>> {
            vec![$($crate::route::Operation {
                id: $id,
                method: http::Method::$method,
                template: $template,
                run: |state, request| $crate::route::flatten($run(state, request)),
            }),*]
        }
    };
}
pub(crate) use operations;

/// A handler's `Result` as the reply it is either way.
pub(crate) fn flatten<E: Into<Reply>>(answer: Result<Reply, E>) -> Reply {
    answer.unwrap_or_else(Into::into)
}

#[derive(Clone, Copy)]
enum Segment {
    Literal(&'static str),
    Name(&'static str),
}

struct Route {
    segments: Vec<Segment>,
    operation: usize,
}

/// All operations of one service, found by method and path.
pub(crate) struct Router<S: 'static> {
    pub(crate) operations: Vec<Operation<S>>,
    routes: HashMap<usize, Vec<Route>>,
}

/// What a path led to.
pub(crate) enum Found {
    Operation(usize, Vec<(&'static str, String)>),
    /// The path is known under these other methods.
    OtherMethods(Vec<Method>),
    Nothing,
}

impl<S> Router<S> {
    pub(crate) fn new(operations: Vec<Operation<S>>) -> Self {
        let mut routes: HashMap<usize, Vec<Route>> = HashMap::new();
        for (operation, entry) in operations.iter().enumerate() {
            let segments: Vec<Segment> = entry
                .template
                .split('/')
                .skip(1)
                .map(|segment| {
                    match segment
                        .strip_prefix('{')
                        .and_then(|name| name.strip_suffix('}'))
                    {
                        Some(name) => Segment::Name(name),
                        None => Segment::Literal(segment),
                    }
                })
                .collect();
            routes.entry(segments.len()).or_default().push(Route {
                segments,
                operation,
            });
        }
        for routes in routes.values_mut() {
            // Literal before name, segment by segment, so that `/people/@self` is not a user id.
            routes.sort_by_key(|route| {
                route
                    .segments
                    .iter()
                    .map(|segment| matches!(segment, Segment::Name(_)))
                    .collect::<Vec<_>>()
            });
        }
        Self { operations, routes }
    }

    pub(crate) fn find(&self, method: &Method, path: &str) -> Found {
        let given: Vec<&str> = path.split('/').skip(1).collect();
        let mut others = Vec::new();
        let Some(routes) = self.routes.get(&given.len()) else {
            return Found::Nothing;
        };
        for route in routes {
            if !fits(&route.segments, &given) {
                continue;
            }
            let own = &self.operations[route.operation].method;
            if own == method {
                return Found::Operation(route.operation, names(&route.segments, &given));
            }
            others.push(own.clone());
        }
        if others.is_empty() {
            Found::Nothing
        } else {
            Found::OtherMethods(others)
        }
    }
}

fn fits(segments: &[Segment], given: &[&str]) -> bool {
    segments
        .iter()
        .zip(given)
        .all(|(segment, given)| match segment {
            Segment::Literal(literal) => {
                literal == given
                    || (given.contains('%') && percent_decode_str(given).eq(literal.bytes()))
            }
            Segment::Name(_) => !given.is_empty(),
        })
}

fn names(segments: &[Segment], given: &[&str]) -> Vec<(&'static str, String)> {
    segments
        .iter()
        .zip(given)
        .filter_map(|(segment, given)| match segment {
            Segment::Name(name) => Some((
                *name,
                percent_decode_str(given).decode_utf8_lossy().into_owned(),
            )),
            Segment::Literal(_) => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::StatusCode;

    fn answer(_: &mut (), _: &Request) -> Reply {
        Reply::empty(StatusCode::OK)
    }

    fn router() -> Router<()> {
        let operation = |id, method, template| Operation {
            id,
            method,
            template,
            run: answer,
        };
        Router::new(vec![
            operation("one", Method::GET, "/people/{id}"),
            operation("self", Method::GET, "/people/@self"),
            operation("move", Method::PUT, "/group/{from}/members/{to}"),
        ])
    }

    fn id(method: Method, path: &str) -> Option<(&'static str, Vec<(&'static str, String)>)> {
        let router = router();
        match router.find(&method, path) {
            Found::Operation(at, names) => Some((router.operations[at].id, names)),
            _ => None,
        }
    }

    #[test]
    fn a_literal_wins_over_a_name_even_when_encoded() {
        assert_eq!(id(Method::GET, "/people/@self"), Some(("self", vec![])));
        assert_eq!(id(Method::GET, "/people/%40self"), Some(("self", vec![])));
    }

    #[test]
    fn an_encoded_slash_stays_inside_its_segment() {
        assert_eq!(
            id(Method::GET, "/people/a%2Fb"),
            Some(("one", vec![("id", "a/b".to_owned())]))
        );
        assert_eq!(id(Method::GET, "/people/"), None);
        assert!(matches!(
            router().find(&Method::DELETE, "/people/x"),
            Found::OtherMethods(_)
        ));
    }
}

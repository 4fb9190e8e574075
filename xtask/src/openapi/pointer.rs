//! JSON pointers (RFC 6901), by which every report names a place in a document.

use std::fmt;

/// Appends a reference token, escaped.
#[must_use]
pub fn push(pointer: &str, token: &str) -> String {
    format!("{pointer}/{}", escape(token))
}

/// Escapes one reference token.
#[must_use]
pub fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

/// Undoes the escapes of one reference token.
#[must_use]
pub fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// Returns the pointer of a named schema.
#[must_use]
pub fn of_schema(name: &str) -> String {
    push("/components/schemas", name)
}

/// Returns the pointer of an operation.
#[must_use]
pub fn of_operation(path: &str, method: &str) -> String {
    format!("/paths/{}/{method}", escape(path))
}

/// Where a visitor is, kept as a chain so that a pointer is only built when one is displayed.
#[derive(Clone, Copy)]
pub struct PointerPath<'a> {
    parent: Option<&'a PointerPath<'a>>,
    key: Key<'a>,
}

#[derive(Clone, Copy)]
enum Key<'a> {
    Base(&'a str),
    Name(&'a str),
    Index(usize),
}

impl<'a> PointerPath<'a> {
    /// Starts at a pointer that is already written.
    #[must_use]
    pub fn base(pointer: &'a str) -> Self {
        Self {
            parent: None,
            key: Key::Base(pointer),
        }
    }

    /// Goes one level down, by name.
    #[must_use]
    pub fn name(&'a self, name: &'a str) -> Self {
        Self {
            parent: Some(self),
            key: Key::Name(name),
        }
    }

    /// Goes one level down, by index.
    #[must_use]
    pub fn index(&'a self, index: usize) -> Self {
        Self {
            parent: Some(self),
            key: Key::Index(index),
        }
    }
}

impl fmt::Display for PointerPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.key {
            Key::Base(base) => f.write_str(base),
            Key::Name(name) => write!(f, "/{}", escape(name)),
            Key::Index(index) => write!(f, "/{index}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_and_unescape_are_inverse() {
        for token in ["/v1/users/{id}", "a~b", "~1", "plain"] {
            assert_eq!(unescape(&escape(token)), token);
        }
        assert_eq!(push("/paths", "/me"), "/paths/~1me");
    }

    #[test]
    fn pointer_path_escapes_names() {
        let base = PointerPath::base("/paths");
        let path = base.name("/a~b");
        let list = path.name("parameters");
        assert_eq!(list.index(2).to_string(), "/paths/~1a~0b/parameters/2");
    }
}

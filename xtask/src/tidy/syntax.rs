//! Reads the attributes of items.

use std::ops::RangeInclusive;

use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Item, Meta, Token};

/// Tells whether attributes keep code out of every build but those of tests and doctests.
pub(super) fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let path = attribute.path();
        let last = path.segments.last();
        last.is_some_and(|segment| segment.ident == "test")
            || (path.is_ident("cfg")
                && attribute
                    .parse_args::<Meta>()
                    .is_ok_and(|condition| needs_test(&condition)))
    })
}

fn needs_test(condition: &Meta) -> bool {
    let Meta::List(list) = condition else {
        return condition.path().is_ident("test") || condition.path().is_ident("doctest");
    };
    let inner = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    match inner {
        Ok(inner) if list.path.is_ident("all") => inner.iter().any(needs_test),
        Ok(inner) if list.path.is_ident("any") => inner.iter().all(needs_test),
        _ => false,
    }
}

/// Lists the lines of code for tests only.
pub(super) fn test_lines(file: &syn::File) -> Vec<RangeInclusive<usize>> {
    let mut lines = TestLines(Vec::new());
    if is_test_only(&file.attrs) {
        lines.0.push(1..=usize::MAX);
    }
    lines.visit_file(file);
    lines.0
}

struct TestLines(Vec<RangeInclusive<usize>>);

impl<'ast> Visit<'ast> for TestLines {
    fn visit_item(&mut self, item: &'ast Item) {
        if is_test_only(attributes_of_item(item)) {
            let span = item.span();
            self.0.push(span.start().line..=span.end().line);
        } else {
            visit::visit_item(self, item);
        }
    }
}

/// The attributes of an item.
pub(super) fn attributes_of_item(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn is_test_only_reads_the_condition() {
        let holds = |text: &str| {
            let item: syn::ItemFn = syn::parse_str(&format!("{text} fn f() {{}}")).unwrap();
            is_test_only(&item.attrs)
        };
        assert!(holds("#[test]"));
        assert!(holds("#[tokio::test]"));
        assert!(holds("#[cfg(test)]"));
        assert!(holds("#[cfg(all(test, feature = \"mock\"))]"));
        assert!(holds("#[cfg(any(test, doctest))]"));
        assert!(!holds("#[cfg(any(test, feature = \"mock\"))]"));
        assert!(!holds("#[cfg(not(test))]"));
        assert!(!holds("#[must_use]"));
    }

    #[test]
    fn test_lines_covers_whole_items() {
        let text = "fn f() {}\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn t() {}\n}\nimpl X {}\n#[test]\nfn u() {}";
        let file = syn::parse_file(text).unwrap();
        assert_eq!(test_lines(&file), [2..=6, 8..=9]);
    }
}

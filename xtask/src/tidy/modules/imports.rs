//! Reads `use` declarations.

use syn::visit::Visit;
use syn::{Item, ItemUse, UseTree, Visibility};

use super::super::syntax::is_test_only;
use super::tokens::Segments;

/// The first segment of `::name`, a path that starts at another crate.
pub(super) const OTHER_CRATE: &str = "::";

/// One name that a `use` brings in: the name, and the path behind it.
pub(super) struct Import {
    /// The name in this module; none for `as _` and for globs.
    pub(super) name: Option<String>,
    /// The path it stands for; of a glob, the path before the star.
    pub(super) path: Segments,
    /// Whether it is a glob.
    pub(super) is_glob: bool,
    /// The line it is written on.
    pub(super) line: usize,
}

/// Lists what a `use` brings in.
pub(super) fn imports(item: &ItemUse) -> Vec<Import> {
    let mut found = Vec::new();
    let mut prefix = Vec::new();
    if item.leading_colon.is_some() {
        prefix.push(OTHER_CRATE.to_owned());
    }
    collect_imports(&item.tree, &mut prefix, &mut found);
    found
}

/// Tells whether a `use` only passes names on to other modules.
pub(super) fn is_re_export(item: &ItemUse) -> bool {
    !matches!(item.vis, Visibility::Inherited)
}

fn collect_imports(tree: &UseTree, prefix: &mut Segments, found: &mut Vec<Import>) {
    let (segment, name) = match tree {
        UseTree::Path(path) => {
            prefix.push(path.ident.to_string());
            collect_imports(&path.tree, prefix, found);
            prefix.pop();
            return;
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                collect_imports(tree, prefix, found);
            }
            return;
        }
        UseTree::Glob(glob) => {
            found.push(Import {
                name: None,
                path: prefix.clone(),
                is_glob: true,
                line: glob.star_token.spans[0].start().line,
            });
            return;
        }
        UseTree::Name(name) => (&name.ident, &name.ident),
        UseTree::Rename(rename) => (&rename.ident, &rename.rename),
    };
    let mut path = prefix.clone();
    let mut name = Some(name.to_string());
    if segment == "self" && !prefix.is_empty() {
        if name.as_deref() == Some("self") {
            name = prefix.last().cloned();
        }
    } else {
        path.push(segment.to_string());
    }
    found.push(Import {
        name: name.filter(|name| name != "_"),
        path,
        is_glob: false,
        line: segment.span().start().line,
    });
}

/// Lists what the `use` declarations of a module bring in, those inside its functions included.
pub(super) fn imports_of_items(items: &[Item]) -> Vec<Import> {
    let mut collector = Collector { found: Vec::new() };
    for item in items {
        collector.visit_item(item);
    }
    collector.found
}

struct Collector {
    found: Vec<Import>,
}

impl<'ast> Visit<'ast> for Collector {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if !is_test_only(&item.attrs) {
            self.found.extend(imports(item));
        }
    }

    /// A child module has a scope of its own.
    fn visit_item_mod(&mut self, _: &'ast syn::ItemMod) {}
}

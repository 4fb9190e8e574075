//! Finds what the code of a module uses, and in which file that is defined.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, Lit, Pat, Stmt, TraitItem};

use super::super::syntax::{attributes_of_item, is_test_only};
use super::imports::{imports, is_re_export};
use super::scope::{ModuleId, Scope, Target};
use super::tokens::{self, Segments, TokenPath};

/// The uses between files: from file, to file, and the names used with the line of the first use.
pub(super) type Uses<'a> = BTreeMap<(&'a str, &'a str), BTreeMap<String, usize>>;

/// Macros whose tokens are code for somewhere else.
const QUOTES: [&str; 4] = [
    "quote",
    "quote_spanned",
    "parse_quote",
    "parse_quote_spanned",
];

/// Collects what one crate's files use of each other.
pub(super) fn collect<'a>(scope: &Scope<'a>, uses: &mut Uses<'a>) {
    for (id, module) in scope.modules() {
        if module.is_test_only {
            continue;
        }
        let mut visitor = Visitor {
            scope,
            module: id,
            file: module.file,
            locals: HashSet::new(),
            uses,
        };
        for item in module.items {
            visitor.visit_item(item);
        }
    }
}

struct Visitor<'s, 'a> {
    scope: &'s Scope<'a>,
    module: ModuleId,
    file: &'a str,
    /// The names that patterns of the function around bind.
    locals: HashSet<String>,
    uses: &'s mut Uses<'a>,
}

impl<'a> Visitor<'_, 'a> {
    /// Records the item that a path leads to, by its own name: of `a::Kind::One` it is `Kind`.
    fn path(&mut self, path: &[String], line: usize) {
        let files = self.items(path);
        if files.iter().all(|file| *file == self.file) {
            return;
        }
        let modules = (1..path.len())
            .take_while(|end| self.is_module(&path[..*end]))
            .count();
        let name = path.get(modules).map_or("", String::as_str);
        for file in files {
            self.record(file, name, line);
        }
    }

    /// The files that define the item a path leads to.
    fn items(&self, path: &[String]) -> BTreeSet<&'a str> {
        self.scope
            .resolve(self.module, path)
            .into_iter()
            .filter_map(|target| match target {
                Target::Item(file) => Some(file),
                Target::Module(_) | Target::Outside => None,
            })
            .collect()
    }

    fn is_module(&self, path: &[String]) -> bool {
        self.scope
            .resolve(self.module, path)
            .iter()
            .any(|target| matches!(target, Target::Module(_)))
    }

    fn record(&mut self, file: &'a str, name: &str, line: usize) {
        if file != self.file {
            self.uses
                .entry((self.file, file))
                .or_default()
                .entry(name.to_owned())
                .and_modify(|first| *first = line.min(*first))
                .or_insert(line);
        }
    }

    fn tokens(&mut self, tokens: &TokenStream) {
        for TokenPath { segments, line } in tokens::paths(tokens) {
            self.unparsed_path(&segments, line);
        }
    }

    fn unparsed_path(&mut self, segments: &Segments, line: usize) {
        if let [name] = segments.as_slice()
            && self.locals.contains(name)
        {
            return;
        }
        self.path(segments, line);
    }

    /// A macro of this crate brings the paths of its rules to where it is called.
    fn macro_call(&mut self, call: &syn::Macro) {
        let line = call.path.span().start().line;
        let path = segments(&call.path);
        let Some(name) = path.last() else {
            return;
        };
        if QUOTES.contains(&name.as_str()) {
            for TokenPath { segments, line } in tokens::interpolated(&call.tokens) {
                self.unparsed_path(&segments, line);
            }
            return;
        }
        self.path(&path, line);
        self.tokens(&call.tokens);
        // A macro without `use` is in scope by the order of the text; one of this file comes first.
        let files = self.items(&path);
        for definition in self.scope.macros(name) {
            if files.is_empty() || files.contains(definition.file) {
                self.record(definition.file, name, line);
                for path in &definition.paths {
                    self.unparsed_path(path, line);
                }
            }
        }
    }

    fn attribute_strings(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.attribute_strings(group.stream()),
                TokenTree::Literal(literal) => {
                    let line = literal.span().start().line;
                    if let Lit::Str(text) = Lit::new(literal)
                        && let Ok(path) = text.parse::<syn::Path>()
                    {
                        self.path(&segments(&path), line);
                    }
                }
                _ => {}
            }
        }
    }

    fn in_function(&mut self, visit: impl FnOnce(&mut Self), bound: HashSet<String>) {
        let outer = std::mem::take(&mut self.locals);
        self.locals = outer.union(&bound).cloned().collect();
        visit(self);
        self.locals = outer;
    }
}

impl<'ast> Visit<'ast> for Visitor<'_, '_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if is_test_only(attributes_of_item(item)) {
            return;
        }
        match item {
            // Blocks and files of child modules are visited as modules of their own.
            Item::Mod(_) => {}
            Item::Use(item) if is_re_export(item) => {}
            Item::Use(item) => {
                for import in imports(item) {
                    self.path(&import.path, import.line);
                }
            }
            Item::Macro(item) if item.ident.is_some() => {
                for TokenPath { segments, line } in tokens::paths(&item.mac.tokens) {
                    if matches!(segments[0].as_str(), "crate" | "$crate") {
                        self.path(&segments, line);
                    }
                }
            }
            Item::Fn(function) => self.in_function(
                |visitor| visit::visit_item_fn(visitor, function),
                bound_names(|bound| bound.visit_item_fn(function)),
            ),
            item => visit::visit_item(self, item),
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let attributes: &[Attribute] = match item {
            ImplItem::Const(item) => &item.attrs,
            ImplItem::Fn(item) => &item.attrs,
            ImplItem::Type(item) => &item.attrs,
            ImplItem::Macro(item) => &item.attrs,
            _ => &[],
        };
        if is_test_only(attributes) {
            return;
        }
        if let ImplItem::Fn(function) = item {
            self.in_function(
                |visitor| visit::visit_impl_item_fn(visitor, function),
                bound_names(|bound| bound.visit_impl_item_fn(function)),
            );
        } else {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_trait_item(&mut self, item: &'ast TraitItem) {
        if let TraitItem::Fn(function) = item {
            if !is_test_only(&function.attrs) {
                self.in_function(
                    |visitor| visit::visit_trait_item_fn(visitor, function),
                    bound_names(|bound| bound.visit_trait_item_fn(function)),
                );
            }
        } else {
            visit::visit_trait_item(self, item);
        }
    }

    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        let attributes: &[Attribute] = match statement {
            Stmt::Local(statement) => &statement.attrs,
            Stmt::Macro(statement) => &statement.attrs,
            Stmt::Expr(syn::Expr::Block(block), _) => &block.attrs,
            Stmt::Expr(syn::Expr::Call(call), _) => &call.attrs,
            _ => &[],
        };
        if !is_test_only(attributes) {
            visit::visit_stmt(self, statement);
        }
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if !is_test_only(&field.attrs) {
            visit::visit_field(self, field);
        }
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        if !is_test_only(&variant.attrs) {
            visit::visit_variant(self, variant);
        }
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        if !is_test_only(&arm.attrs) {
            visit::visit_arm(self, arm);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let segments = segments(path);
            let line = path.span().start().line;
            self.unparsed_path(&segments, line);
        }
        visit::visit_path(self, path);
    }

    fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
        let name = pattern.ident.to_string();
        if !is_binding(&name) {
            self.path(&[name], pattern.ident.span().start().line);
        }
        visit::visit_pat_ident(self, pattern);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.macro_call(call);
    }

    /// `serde(with = "…")` and the like name paths in strings; other paths stand in tokens.
    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.tokens(&list.tokens);
            self.attribute_strings(list.tokens.clone());
        }
    }

    /// `pub(in path)` uses nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}
}

fn segments(path: &syn::Path) -> Segments {
    path.segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect()
}

/// Tells whether a lone name in a pattern binds a value; constants and unit variants begin with a capital letter.
fn is_binding(name: &str) -> bool {
    !name.starts_with(char::is_uppercase)
}

fn bound_names(visit: impl FnOnce(&mut BoundNames)) -> HashSet<String> {
    let mut bound = BoundNames::default();
    visit(&mut bound);
    bound.names
}

/// Collects the names that patterns bind.
#[derive(Default)]
struct BoundNames {
    names: HashSet<String>,
}

impl<'ast> Visit<'ast> for BoundNames {
    fn visit_pat(&mut self, pattern: &'ast Pat) {
        if let Pat::Ident(pattern) = pattern {
            let name = pattern.ident.to_string();
            if is_binding(&name) {
                self.names.insert(name);
            }
        }
        visit::visit_pat(self, pattern);
    }
}

/// The files of a set of uses, each with the files it uses.
pub(super) fn by_file(uses: &Uses<'_>) -> BTreeMap<String, Vec<String>> {
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (from, to) in uses.keys() {
        graph
            .entry((*from).to_owned())
            .or_default()
            .insert((*to).to_owned());
        graph.entry((*to).to_owned()).or_default();
    }
    graph
        .into_iter()
        .map(|(from, to)| (from, to.into_iter().collect()))
        .collect()
}

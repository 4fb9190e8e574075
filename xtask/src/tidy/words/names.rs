//! Finds the names that a file declares.

use proc_macro2::Ident;
use syn::visit::{self, Visit};

use super::super::syntax::is_test_only;

/// The names of a file.
#[derive(Default)]
pub(super) struct Names {
    /// Every declared name with its line.
    pub(super) declared: Vec<(String, usize)>,
    /// The names of test functions.
    pub(super) tests: Vec<(String, usize)>,
}

impl Names {
    /// Reads a file.
    pub(super) fn of(file: &syn::File) -> Self {
        let mut names = Self::default();
        names.visit_file(file);
        names
    }

    fn declare(&mut self, ident: &Ident) {
        let name = ident.to_string();
        self.declared.push((name, ident.span().start().line));
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if let syn::Item::Fn(function) = item
            && is_test_only(&function.attrs)
        {
            let ident = &function.sig.ident;
            self.tests
                .push((ident.to_string(), ident.span().start().line));
            self.visit_block(&function.block);
            return;
        }
        visit::visit_item(self, item);
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.declare(&item.ident);
        visit::visit_item_const(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.declare(&item.ident);
        visit::visit_item_enum(self, item);
    }

    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        if let Some(ident) = &item.ident {
            self.declare(ident);
        }
        visit::visit_item_macro(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.declare(&item.ident);
        visit::visit_item_mod(self, item);
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        self.declare(&item.ident);
        visit::visit_item_static(self, item);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.declare(&item.ident);
        visit::visit_item_struct(self, item);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.declare(&item.ident);
        visit::visit_item_trait(self, item);
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.declare(&item.ident);
        visit::visit_item_type(self, item);
    }

    fn visit_item_union(&mut self, item: &'ast syn::ItemUnion) {
        self.declare(&item.ident);
        visit::visit_item_union(self, item);
    }

    fn visit_impl_item_const(&mut self, item: &'ast syn::ImplItemConst) {
        self.declare(&item.ident);
        visit::visit_impl_item_const(self, item);
    }

    fn visit_trait_item_const(&mut self, item: &'ast syn::TraitItemConst) {
        self.declare(&item.ident);
        visit::visit_trait_item_const(self, item);
    }

    fn visit_trait_item_type(&mut self, item: &'ast syn::TraitItemType) {
        self.declare(&item.ident);
        visit::visit_trait_item_type(self, item);
    }

    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        self.declare(&signature.ident);
        visit::visit_signature(self, signature);
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        self.declare(&variant.ident);
        visit::visit_variant(self, variant);
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if let Some(ident) = &field.ident {
            self.declare(ident);
        }
        visit::visit_field(self, field);
    }

    fn visit_type_param(&mut self, parameter: &'ast syn::TypeParam) {
        self.declare(&parameter.ident);
        visit::visit_type_param(self, parameter);
    }

    fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
        self.declare(&pattern.ident);
        visit::visit_pat_ident(self, pattern);
    }

    fn visit_use_rename(&mut self, rename: &'ast syn::UseRename) {
        self.declare(&rename.rename);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_lists_what_is_declared_and_not_what_is_used() {
        let file = syn::parse_file(
            "use a::{B as C, D};\nstruct E<F> { g: H }\nenum I { J(K) }\nfn l(m: N) -> O { let p = q(r); }\n\
             impl S for T { const U: V = w; fn x() {} }\nmacro_rules! y { () => { fn z() {} } }\n\
             #[cfg(test)]\nmod tests {\n    #[test]\n    fn t() {}\n}",
        )
        .unwrap();
        let names = Names::of(&file);
        let declared: Vec<&str> = names
            .declared
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(
            declared,
            [
                "C", "E", "F", "g", "I", "J", "l", "m", "p", "U", "x", "y", "tests"
            ]
        );
        assert_eq!(names.tests, [("t".to_owned(), 10)]);
    }
}

//! The module graph, on crates of a few lines.

use super::super::files::Files;
use super::*;

/// The uses between the files of a crate, as `from -> to: names`; `src/` and `.rs` are left out.
fn uses_of(texts: &[(&str, &str)]) -> Vec<String> {
    let texts: Vec<(String, &str)> = texts
        .iter()
        .map(|(path, text)| (format!("src/{path}.rs"), *text))
        .collect();
    let texts: Vec<(&str, &str)> = texts
        .iter()
        .map(|(path, text)| (path.as_str(), *text))
        .collect();
    let files = Files::from_texts(&texts);
    for file in files.rust() {
        assert!(file.parsed().is_some(), "{} does not parse", file.path);
    }
    let scope = Scope::read(&files, "src/lib.rs");
    let mut uses = Uses::new();
    uses::collect(&scope, &mut uses);
    let short = |path: &str| path.replace("src/", "").replace(".rs", "");
    uses.iter()
        .map(|((from, to), names)| {
            let names: Vec<&str> = names.keys().map(String::as_str).collect();
            format!("{} -> {}: {}", short(from), short(to), names.join(", "))
        })
        .collect()
}

fn cycles_of(texts: &[(&str, &str)]) -> Vec<Diagnostic> {
    let manifest = (
        "Cargo.toml",
        "[[example]]\nname = 'tour'\npath = 'tour.rs'\n",
    );
    check(&Files::from_texts(&[&[manifest], texts].concat()))
}

#[test]
fn cycle_is_reported_with_the_names_and_lines_that_close_it() {
    let found = cycles_of(&[
        ("src/lib.rs", "mod a;\nmod b;\nmod c;"),
        (
            "src/a.rs",
            "use crate::b::B;\npub struct A;\nfn f(_: crate::b::Other) {}",
        ),
        (
            "src/b.rs",
            "\npub struct B(crate::a::A);\npub struct Other;",
        ),
        ("src/c.rs", "use crate::a::A;"),
    ]);
    let printed: Vec<String> = found.iter().map(Diagnostic::to_string).collect();
    assert_eq!(
        printed,
        [
            "src/a.rs:1: 2 modules use each other in a cycle; move what they share to a module that uses none of them\n    \
             src/a.rs:1 -> src/b.rs: B, Other\n    \
             src/b.rs:2 -> src/a.rs: A"
        ]
    );
    assert_eq!(found[0].related, ["src/a.rs", "src/b.rs"]);
}

#[test]
fn cycle_of_three_is_one_finding() {
    let found = cycles_of(&[
        ("src/lib.rs", "mod a; mod b; mod c;"),
        ("src/a.rs", "pub fn a() { crate::b::b() }"),
        ("src/b.rs", "pub fn b() { crate::c::c() }"),
        ("src/c.rs", "pub fn c() { crate::a::a() }"),
    ]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].related.len(), 3);
}

#[test]
fn cycles_are_reported_in_every_target() {
    let cycle = "use crate::x::X; pub struct Y;";
    let back = "pub struct X(crate::y::Y);";
    let found = cycles_of(&[
        ("tests/a/main.rs", "mod x; mod y;"),
        ("tests/a/x.rs", back),
        ("tests/a/y.rs", cycle),
        (
            "tour.rs",
            "#[path = \"tour/x.rs\"] mod x;\n#[path = \"tour/y.rs\"] mod y;",
        ),
        ("tour/x.rs", back),
        ("tour/y.rs", cycle),
    ]);
    let places: Vec<&str> = found.iter().map(|f| f.path.as_str()).collect();
    assert_eq!(places, ["tests/a/x.rs", "tour/x.rs"]);
}

#[test]
fn uses_follow_a_re_export_to_the_definition() {
    let uses = uses_of(&[
        ("lib", "mod a; mod b; mod front; pub use front::B;"),
        ("front", "pub use crate::b::B;"),
        ("a", "use crate::B; pub struct A;"),
        ("b", "use crate::a::A; pub struct B;"),
    ]);
    assert_eq!(uses, ["a -> b: B", "b -> a: A"]);
}

#[test]
fn uses_follow_a_renaming_and_a_glob_re_export() {
    let uses = uses_of(&[
        (
            "lib",
            "mod a; mod b; pub use a::*; pub use b::B as Renamed;",
        ),
        ("a", "pub struct A; fn f(_: crate::Renamed) {}"),
        ("b", "pub struct B; fn f(_: crate::A) {}"),
    ]);
    assert_eq!(uses, ["a -> b: Renamed", "b -> a: A"]);
}

#[test]
fn re_exports_and_mod_declarations_alone_make_no_use() {
    let uses = uses_of(&[
        ("lib", "mod a; mod b; pub use a::A; pub(crate) use b::B;"),
        ("a", "pub struct A; fn f(_: crate::B) {}"),
        ("b", "pub struct B;"),
    ]);
    assert_eq!(uses, ["a -> b: B"]);
}

#[test]
fn re_exported_name_that_the_file_itself_uses_is_a_use() {
    let uses = uses_of(&[
        ("lib", "mod a; pub use a::{A, f}; fn g(_: A) { f(); }"),
        ("a", "pub struct A; pub fn f() {}"),
    ]);
    assert_eq!(uses, ["lib -> a: A, f"]);
}

#[test]
fn local_variable_does_not_use_the_re_export_of_its_name() {
    let uses = uses_of(&[
        ("lib", "mod a; pub use a::f; fn g(f: u8) -> u8 { f + 1 }"),
        ("a", "pub fn f() {}"),
    ]);
    assert_eq!(uses, Vec::<String>::new());
}

#[test]
fn uses_through_super_and_self_are_seen() {
    let uses = uses_of(&[
        ("lib", "mod a;"),
        (
            "a/mod",
            "mod b; mod c; pub struct A; fn f() { self::b::g() }",
        ),
        ("a/b", "use super::c::C; pub fn g() { super::super::a::A; }"),
        ("a/c", "pub struct C(super::A);"),
    ]);
    assert_eq!(
        uses,
        [
            "a/b -> a/c: C",
            "a/b -> a/mod: A",
            "a/c -> a/mod: A",
            "a/mod -> a/b: g"
        ]
    );
}

#[test]
fn uses_through_a_parents_private_import_reach_the_definition() {
    let uses = uses_of(&[
        ("lib", "mod a; mod b;"),
        ("a", "use crate::b::B; mod c;"),
        ("a/c", "fn f(_: super::B) {}"),
        ("b", "pub struct B;"),
    ]);
    assert_eq!(uses, ["a -> b: B", "a/c -> b: B"]);
}

#[test]
fn module_import_counts_where_its_items_are_used() {
    let uses = uses_of(&[
        ("lib", "mod a; mod b;"),
        (
            "a",
            "use crate::b::{self, c as d}; fn f() { b::g(); d::h(); }",
        ),
        ("b", "pub mod c; pub fn g() {}"),
        ("b/c", "pub fn h() {}"),
    ]);
    assert_eq!(uses, ["a -> b: g", "a -> b/c: h"]);
}

#[test]
fn glob_import_counts_for_the_names_that_are_mentioned() {
    let uses = uses_of(&[
        ("lib", "mod a; mod b; mod front;"),
        (
            "front",
            "pub use crate::b::B; pub struct Front; pub struct Unused;",
        ),
        ("a", "use crate::front::*; fn f(_: B, _: &[Front]) {}"),
        ("b", "pub struct B;"),
    ]);
    assert_eq!(uses, ["a -> b: B", "a -> front: Front"]);
}

#[test]
fn glob_import_finds_what_a_macro_call_defines() {
    let uses = uses_of(&[
        ("lib", "mod a; mod ids;"),
        ("ids", "other::typed_id! { UserId, \"user\" }"),
        ("a", "use crate::ids::*; fn f(_: UserId) {}"),
    ]);
    assert_eq!(uses, ["a -> ids: UserId"]);
}

#[test]
fn globs_that_import_each_other_end() {
    let uses = uses_of(&[
        ("lib", "mod a; mod b; pub use a::*; pub use b::*;"),
        (
            "a",
            "pub use crate::b::*; pub use super::*; fn f(_: Unknown, _: B) {}",
        ),
        ("b", "pub use crate::a::*; pub struct B;"),
    ]);
    assert_eq!(uses, ["a -> b: B"]);
}

#[test]
fn enum_variant_leads_to_the_file_of_the_enum() {
    let uses = uses_of(&[
        ("lib", "mod a; mod kind; pub use kind::Kind;"),
        ("kind", "pub enum Kind { One, Two }"),
        (
            "a",
            "fn f(k: &crate::Kind) -> bool { use crate::kind::Kind::*; matches!(k, One) || *k == crate::Kind::Two }",
        ),
    ]);
    assert_eq!(uses, ["a -> kind: Kind"]);
}

#[test]
fn constant_in_a_pattern_is_a_use() {
    let uses = uses_of(&[
        (
            "lib",
            "mod a; pub use a::LAST; fn f(x: u8) { match x { LAST => {} _ => {} } }",
        ),
        ("a", "pub const LAST: u8 = 9;"),
    ]);
    assert_eq!(uses, ["lib -> a: LAST"]);
}

#[test]
fn trait_method_makes_no_use_but_the_trait_does() {
    let uses = uses_of(&[
        ("lib", "mod a; mod b; mod c;"),
        ("a", "pub trait Named { fn name(&self); }"),
        (
            "b",
            "pub struct B; impl crate::a::Named for B { fn name(&self) {} }",
        ),
        (
            "c",
            "use crate::a::Named as _; fn f(x: super::b::B) { x.name() }",
        ),
    ]);
    assert_eq!(uses, ["b -> a: Named", "c -> a: Named", "c -> b: B"]);
}

#[test]
fn associated_function_leads_to_the_type() {
    let uses = uses_of(&[
        ("lib", "mod a; mod b;"),
        (
            "a",
            "pub struct A; impl A { pub fn new() -> Self { Self } }",
        ),
        (
            "b",
            "fn f() { let _ = crate::a::A::new(); <crate::a::A as Default>::default(); }",
        ),
    ]);
    assert_eq!(uses, ["b -> a: A"]);
}

#[test]
fn test_code_makes_no_uses() {
    let uses = uses_of(&[
        ("lib", "mod a; #[cfg(test)] mod checks; pub struct L;"),
        ("checks", "use crate::a::A; mod more;"),
        ("checks/more", "use crate::L;"),
        (
            "a",
            "pub struct A { #[cfg(test)] l: crate::L }\n\
             #[cfg(test)] use crate::L;\n\
             #[cfg(test)] mod tests { use crate::L; }\n\
             #[test] fn t() { crate::L; }\n\
             impl A { #[cfg(test)] fn u(_: crate::L) {} }",
        ),
    ]);
    assert_eq!(uses, Vec::<String>::new());
}

#[test]
fn conditions_other_than_tests_count() {
    let uses = uses_of(&[
        ("lib", "mod a; pub struct L;"),
        (
            "a",
            "#[cfg(not(test))] use crate::L; #[cfg(feature = \"x\")] fn f() {}",
        ),
    ]);
    assert_eq!(uses, ["a -> lib: L"]);
}

#[test]
fn inline_modules_belong_to_their_file() {
    let uses = uses_of(&[
        ("lib", "mod a; mod b;"),
        (
            "a",
            "pub mod inner { pub struct I(super::A); fn f() { crate::b::g() } } pub struct A;",
        ),
        ("b", "pub fn g() -> crate::a::inner::I { loop {} }"),
    ]);
    assert_eq!(uses, ["a -> b: g", "b -> a: I"]);
}

#[test]
fn paths_in_macro_calls_are_uses() {
    let uses = uses_of(&[
        ("lib", "mod a; mod b; pub use b::C;"),
        ("b", "pub fn g() {} pub const C: u8 = 0; pub struct P;"),
        (
            "a",
            "fn f() { println!(\"{}\", crate::b::g()); vec![crate::C, x.g]; assert!(matches!(p, super::b::P)); }",
        ),
    ]);
    assert_eq!(uses, ["a -> b: C, P, g"]);
}

#[test]
fn quoted_code_makes_no_use_but_what_it_interpolates_is() {
    let uses = uses_of(&[
        (
            "lib",
            "mod a; pub use a::{A, B}; fn f() { quote! { super::x::A #B crate::a::A } }",
        ),
        ("a", "pub struct A; pub const B: u8 = 0;"),
    ]);
    assert_eq!(uses, ["lib -> a: B"]);
}

#[test]
fn macro_and_the_paths_of_its_rules_are_used_where_it_is_called() {
    let uses = uses_of(&[
        ("lib", "#[macro_use] mod macros; mod a; mod b;"),
        (
            "macros",
            "macro_rules! make { ($x:ident) => { $crate::b::g($x) } }",
        ),
        ("a", "fn f() { make!(y) }"),
        ("b", "pub fn g() {}"),
    ]);
    assert_eq!(uses, ["a -> b: g", "a -> macros: make", "macros -> b: g"]);
}

#[test]
fn macros_of_one_name_in_two_files_are_told_apart() {
    let uses = uses_of(&[
        ("lib", "mod a; mod b;"),
        ("a", "macro_rules! call { () => {} } fn f() { call!() }"),
        ("b", "macro_rules! call { () => {} } fn f() { call!() }"),
    ]);
    assert_eq!(uses, Vec::<String>::new());
}

#[test]
fn attributes_name_paths_in_tokens_and_in_strings() {
    let uses = uses_of(&[
        ("lib", "mod a; mod b;"),
        ("b", "pub fn read() {} pub const LIMIT: u8 = 0;"),
        (
            "a",
            "struct S { #[serde(deserialize_with = \"crate::b::read\")] x: u8, #[arg(max = super::b::LIMIT)] y: u8 }",
        ),
    ]);
    assert_eq!(uses, ["a -> b: LIMIT, read"]);
}

#[test]
fn visibility_uses_nothing() {
    let uses = uses_of(&[
        ("lib", "mod a;"),
        ("a", "mod b; pub struct A;"),
        ("a/b", "pub(in crate::a) struct B; pub(super) struct C;"),
    ]);
    assert_eq!(uses, Vec::<String>::new());
}

#[test]
fn other_crates_make_no_use_even_under_the_name_of_a_module() {
    let uses = uses_of(&[
        ("lib", "mod http; mod a; pub use ::http::Method;"),
        ("http", "pub struct Client;"),
        (
            "a",
            "use ::http::Uri; use serde::Serialize; fn f(_: http::Uri, _: crate::Method) { ::http::x(); m!(::http::y); }",
        ),
    ]);
    assert_eq!(uses, Vec::<String>::new());
}

#[test]
fn module_and_item_of_one_name_are_told_apart() {
    let uses = uses_of(&[
        ("lib", "mod page; pub use page::page; mod a;"),
        ("page", "pub fn page() {} pub struct Page;"),
        ("a", "fn f() { crate::page(); crate::page::Page; }"),
    ]);
    assert_eq!(uses, ["a -> page: Page, page"]);
}

#[test]
fn unread_generated_modules_are_left_out() {
    let uses = uses_of(&[
        (
            "lib",
            "mod ext; mod generated; pub use generated::{Client, types::*};",
        ),
        ("generated/mod", "pub struct Client(crate::ext::Ext);"),
        (
            "ext",
            "use crate::Client; pub struct Ext; impl Client { fn f(_: crate::generated::types::User) {} }",
        ),
    ]);
    assert_eq!(uses, Vec::<String>::new());
}

#[test]
fn files_are_found_by_mod_rs_by_path_and_in_blocks() {
    let uses = uses_of(&[
        (
            "lib",
            "mod a; #[path = \"elsewhere/c.rs\"] mod c; mod block { mod d; } pub struct L;",
        ),
        ("a/mod", "mod b;"),
        ("a/b", "use crate::L;"),
        ("elsewhere/c", "mod e; use crate::L;"),
        ("elsewhere/e", "use crate::L;"),
        ("block/d", "use super::super::L;"),
    ]);
    assert_eq!(
        uses,
        [
            "a/b -> lib: L",
            "block/d -> lib: L",
            "elsewhere/c -> lib: L",
            "elsewhere/e -> lib: L"
        ]
    );
}

#[test]
fn file_that_no_crate_declares_is_reported() {
    let found = cycles_of(&[
        ("src/lib.rs", "mod a; #[cfg(test)] mod b;"),
        ("src/a.rs", ""),
        ("src/b.rs", ""),
        ("src/lost.rs", ""),
        ("src/template/c.rs", "@NAME@"),
        ("src/generated/d.rs", ""),
    ]);
    let places: Vec<&str> = found.iter().map(|found| found.path.as_str()).collect();
    assert_eq!(places, ["src/lost.rs"]);
}

#[test]
fn file_that_is_not_rust_is_reported() {
    let found = cycles_of(&[("src/lib.rs", "mod a;"), ("src/a.rs", "fn (")]);
    assert_eq!(found.len(), 1);
    assert!(found[0].message.starts_with("not valid Rust"), "{found:?}");
}

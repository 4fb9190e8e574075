//! The modules of one crate and the names each of them has: its items, its imports, its child modules.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use syn::Item;

use super::super::files::Files;
use super::super::syntax::is_test_only;
use super::imports::{OTHER_CRATE, imports_of_items};
use super::place::Place;
use super::tokens::{Segments, idents, paths};

/// A module's index in its [`Scope`].
pub(super) type ModuleId = usize;

/// The module tree of one crate.
pub(super) struct Scope<'a> {
    modules: Vec<Module<'a>>,
    macros: BTreeMap<String, Vec<Macro<'a>>>,
}

/// One module: a file, or a block inside a file.
pub(super) struct Module<'a> {
    /// The file its items stand in.
    pub(super) file: &'a str,
    /// Its items.
    pub(super) items: &'a [Item],
    /// Compiled for tests only: it uses what it likes.
    pub(super) is_test_only: bool,
    parent: Option<ModuleId>,
    names: BTreeMap<String, Vec<Binding<'a>>>,
    globs: Vec<Segments>,
    /// Names that a macro call at item level mentions, and so may define.
    mentioned: HashSet<String>,
    /// The file was not read (generated code), so that any name may be in it.
    is_unknown: bool,
}

/// A `macro_rules!` definition.
pub(super) struct Macro<'a> {
    /// The file it is defined in.
    pub(super) file: &'a str,
    /// The paths its rules spell out.
    pub(super) paths: Vec<Segments>,
}

/// What a name of a module stands for.
#[derive(Clone)]
enum Binding<'a> {
    /// An item defined in this file.
    Item(&'a str),
    /// A child module.
    Module(ModuleId),
    /// What a `use` names.
    Import(Segments),
}

/// Where a path leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target<'a> {
    /// An item, by the file that defines it.
    Item(&'a str),
    /// A module.
    Module(ModuleId),
    /// Another crate, or code that is not read.
    Outside,
}

impl<'a> Scope<'a> {
    /// Reads the crate whose root file is `root`; a file that does not exist gives a crate without modules.
    pub(super) fn read(files: &'a Files, root: &'a str) -> Self {
        let mut scope = Self {
            modules: Vec::new(),
            macros: BTreeMap::new(),
        };
        let module = scope.add_module(root, &[], None, false);
        if let Some(file) = files.get(root).and_then(|file| file.parsed()) {
            let place = Place::of_root(root);
            scope.modules[module].is_test_only = is_test_only(&file.attrs);
            scope.fill(module, &file.items, &place, files);
        }
        scope
    }

    /// Lists the modules.
    pub(super) fn modules(&self) -> impl Iterator<Item = (ModuleId, &Module<'a>)> {
        self.modules.iter().enumerate()
    }

    /// Finds the macros that this crate defines by `macro_rules!` under a name.
    pub(super) fn macros(&self, name: &str) -> &[Macro<'a>] {
        self.macros.get(name).map_or(&[], Vec::as_slice)
    }

    /// Finds what a path stands for, seen from a module; empty when it leads nowhere in this crate.
    pub(super) fn resolve(&self, module: ModuleId, path: &[String]) -> BTreeSet<Target<'a>> {
        self.resolve_path(module, path, Wanted::Anything, &mut Vec::new())
    }

    fn add_module(
        &mut self,
        file: &'a str,
        items: &'a [Item],
        parent: Option<ModuleId>,
        is_test_only: bool,
    ) -> ModuleId {
        self.modules.push(Module {
            file,
            items,
            is_test_only,
            parent,
            names: BTreeMap::new(),
            globs: Vec::new(),
            mentioned: HashSet::new(),
            is_unknown: false,
        });
        self.modules.len() - 1
    }

    fn fill(&mut self, module: ModuleId, items: &'a [Item], place: &Place, files: &'a Files) {
        self.modules[module].items = items;
        let file = self.modules[module].file;
        for item in items {
            if let Item::Mod(child) = item {
                self.add_child(module, child, place, files);
            } else if let Item::Macro(call) = item {
                self.add_macro(module, call);
            } else {
                for name in defined_names(item) {
                    self.bind(module, name, Binding::Item(file));
                }
            }
        }
        for import in imports_of_items(items) {
            if import.is_glob {
                self.modules[module].globs.push(import.path);
            } else if let Some(name) = import.name {
                self.bind(module, name, Binding::Import(import.path));
            }
        }
    }

    fn bind(&mut self, module: ModuleId, name: String, binding: Binding<'a>) {
        self.modules[module]
            .names
            .entry(name)
            .or_default()
            .push(binding);
    }

    fn add_child(
        &mut self,
        parent: ModuleId,
        declaration: &'a syn::ItemMod,
        place: &Place,
        files: &'a Files,
    ) {
        let name = declaration.ident.to_string();
        let is_test_only = self.modules[parent].is_test_only || is_test_only(&declaration.attrs);
        let written_path = path_attribute(&declaration.attrs);
        let child = if let Some((_, items)) = &declaration.content {
            let file = self.modules[parent].file;
            let child = self.add_module(file, &[], Some(parent), is_test_only);
            let place = place.of_block(&name, written_path.as_deref());
            self.fill(child, items, &place, files);
            child
        } else {
            let found = place
                .candidates(&name, written_path.as_deref())
                .into_iter()
                .find_map(|(path, place)| Some((files.get(&path)?, place)));
            let file = found.as_ref().map_or("", |(file, _)| file.path.as_str());
            let child = self.add_module(file, &[], Some(parent), is_test_only);
            match found.and_then(|(file, place)| Some((file.parsed()?, place))) {
                Some((syntax, place)) => {
                    self.modules[child].is_test_only |= self::is_test_only(&syntax.attrs);
                    self.fill(child, &syntax.items, &place, files);
                }
                None => self.modules[child].is_unknown = true,
            }
            child
        };
        self.bind(parent, name, Binding::Module(child));
    }

    fn add_macro(&mut self, module: ModuleId, call: &'a syn::ItemMacro) {
        let Some(name) = &call.ident else {
            self.modules[module]
                .mentioned
                .extend(idents(&call.mac.tokens));
            return;
        };
        let file = self.modules[module].file;
        let name = name.to_string();
        let is_exported = call
            .attrs
            .iter()
            .any(|attribute| attribute.path().is_ident("macro_export"));
        if is_exported {
            self.bind(0, name.clone(), Binding::Item(file));
        }
        self.bind(module, name.clone(), Binding::Item(file));
        let paths = paths(&call.mac.tokens)
            .into_iter()
            .map(|path| path.segments)
            .collect();
        self.macros
            .entry(name)
            .or_default()
            .push(Macro { file, paths });
    }

    fn resolve_path<'s>(
        &'s self,
        module: ModuleId,
        path: &'s [String],
        last: Wanted,
        open: &mut Open<'s>,
    ) -> BTreeSet<Target<'a>> {
        let Some((first, mut rest)) = path.split_first() else {
            return BTreeSet::new();
        };
        let wanted = |rest: &[String]| {
            if rest.is_empty() {
                last
            } else {
                Wanted::Module
            }
        };
        let mut targets = match first.as_str() {
            "crate" | "$crate" => [Target::Module(0)].into(),
            "self" => [Target::Module(module)].into(),
            "super" => self.parent(module).into_iter().collect(),
            OTHER_CRATE => [Target::Outside].into(),
            name => self.look_up((module, name, wanted(rest)), open),
        };
        while let Some((name, after)) = rest.split_first() {
            rest = after;
            let mut found = BTreeSet::new();
            for target in targets {
                match target {
                    Target::Module(id) if name == "super" => found.extend(self.parent(id)),
                    Target::Module(id) if name == "self" => {
                        found.insert(Target::Module(id));
                    }
                    Target::Module(id) => {
                        found.extend(self.member((id, name, wanted(rest)), open));
                    }
                    other => {
                        found.insert(other);
                    }
                }
            }
            targets = found;
        }
        targets
    }

    fn parent(&self, module: ModuleId) -> Option<Target<'a>> {
        self.modules[module].parent.map(Target::Module)
    }

    /// The member of a module that a path names; one that is not seen (a macro made it) is taken to be defined there.
    fn member<'s>(&'s self, name: Name<'s>, open: &mut Open<'s>) -> BTreeSet<Target<'a>> {
        if open.contains(&name) {
            return BTreeSet::new();
        }
        let mut found = self.look_up(name, open);
        if found.is_empty() {
            let module = &self.modules[name.0];
            found.insert(if module.is_unknown {
                Target::Outside
            } else {
                Target::Item(module.file)
            });
        }
        found
    }

    /// The things a module has under a name: items, child modules and imports first, then what its glob imports bring.
    fn look_up<'s>(&'s self, name: Name<'s>, open: &mut Open<'s>) -> BTreeSet<Target<'a>> {
        let mut found = BTreeSet::new();
        if open.contains(&name) {
            return found;
        }
        open.push(name);
        let (id, text, wanted) = name;
        let module = &self.modules[id];
        for binding in module.names.get(text).into_iter().flatten() {
            match binding {
                Binding::Item(file) => {
                    found.insert(Target::Item(file));
                }
                Binding::Module(child) => {
                    found.insert(Target::Module(*child));
                }
                Binding::Import(path) => {
                    let targets = self.resolve_path(id, path, wanted, open);
                    if targets.is_empty() {
                        found.insert(Target::Outside);
                    }
                    found.extend(targets);
                }
            }
        }
        // A module and an item may share a name, so that a module does not hide the item that a glob brings.
        let is_hiding = match wanted {
            Wanted::Module => !found.is_empty(),
            Wanted::Anything => found.iter().any(|target| !is_module(*target)),
        };
        if !is_hiding {
            for glob in &module.globs {
                for target in self.resolve_path(id, glob, Wanted::Module, open) {
                    if let Target::Module(origin) = target {
                        found.extend(self.look_up((origin, text, wanted), open));
                    }
                }
            }
        }
        if found.is_empty() && module.mentioned.contains(text) {
            found.insert(Target::Item(module.file));
        }
        if wanted == Wanted::Module && found.iter().any(|target| is_module(*target)) {
            // A function or macro of the module's name has no members.
            found.retain(|target| !matches!(target, Target::Item(_)));
        }
        open.pop();
        found
    }
}

fn is_module(target: Target<'_>) -> bool {
    matches!(target, Target::Module(_))
}

/// A name in a module, and what it is looked up for.
type Name<'s> = (ModuleId, &'s str, Wanted);

/// The names whose search has begun: imports and globs may lead back to them.
type Open<'s> = Vec<Name<'s>>;

/// What a segment of a path stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// Something that has members.
    Module,
    /// Whatever bears the name.
    Anything,
}

fn path_attribute(attributes: &[syn::Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| {
        let pair = attribute.meta.require_name_value().ok()?;
        match &pair.value {
            syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(text),
                ..
            }) if pair.path.is_ident("path") => Some(text.value()),
            _ => None,
        }
    })
}

fn defined_names(item: &Item) -> Vec<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::TraitAlias(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return Vec::new(),
    };
    vec![ident.to_string()]
}

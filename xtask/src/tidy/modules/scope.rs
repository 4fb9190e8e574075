//! The modules of one crate and the names each of them has: its items, its imports, its child modules.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use syn::visit::Visit;
use syn::{Item, ItemUse, UseTree, Visibility};

use super::super::files::Files;
use super::super::syntax::is_test_only;
use super::tokens::{Segments, idents, paths};

/// A module's index in its [`Scope`].
pub(super) type ModuleId = usize;

/// The first segment of `::name`, a path that starts at another crate.
const OTHER_CRATE: &str = "::";

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
        let mut imports = Imports::default();
        for item in items.iter().filter(|item| !matches!(item, Item::Mod(_))) {
            imports.visit_item(item);
        }
        for (name, path) in imports.names {
            self.bind(module, name, Binding::Import(path));
        }
        self.modules[module].globs = imports.globs;
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

/// Where the files of a module's children are.
struct Place {
    /// The folder of `mod child;`.
    children: String,
    /// The folder that `#[path]` starts from.
    written: String,
}

impl Place {
    /// Of a crate's root, a `mod.rs` and a file named by `#[path]`.
    fn of_root(file: &str) -> Self {
        let folder = folder_of(file).to_owned();
        Self {
            children: folder.clone(),
            written: folder,
        }
    }

    /// Of a file `name.rs`.
    fn of_file(file: &str) -> Self {
        Self {
            children: file.strip_suffix(".rs").unwrap_or(file).to_owned(),
            written: folder_of(file).to_owned(),
        }
    }

    /// Of a block `mod name { … }`.
    fn of_block(&self, name: &str, written_path: Option<&str>) -> Self {
        let folder = match written_path {
            Some(path) => join(&self.written, path),
            None => join(&self.children, name),
        };
        Self {
            children: folder.clone(),
            written: folder,
        }
    }

    /// The files that `mod name;` may mean, each with the place of its own children.
    fn candidates(&self, name: &str, written_path: Option<&str>) -> Vec<(String, Self)> {
        if let Some(path) = written_path {
            let file = join(&self.written, path);
            let place = Self::of_root(&file);
            return vec![(file, place)];
        }
        let name = name.strip_prefix("r#").unwrap_or(name);
        let flat = join(&self.children, &format!("{name}.rs"));
        let nested = join(&self.children, &format!("{name}/mod.rs"));
        let (of_flat, of_nested) = (Self::of_file(&flat), Self::of_root(&nested));
        vec![(flat, of_flat), (nested, of_nested)]
    }
}

fn folder_of(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Joins a path to a folder, without `.` and `..` in the result.
fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
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

/// Collects the imports of a module, those inside its functions included.
#[derive(Default)]
struct Imports {
    names: Vec<(String, Segments)>,
    globs: Vec<Segments>,
}

impl<'ast> Visit<'ast> for Imports {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if is_test_only(&item.attrs) {
            return;
        }
        for import in imports(item) {
            if import.is_glob {
                self.globs.push(import.path);
            } else if let Some(name) = import.name {
                self.names.push((name, import.path));
            }
        }
    }

    fn visit_item_mod(&mut self, _: &'ast syn::ItemMod) {}
}

//! The files of a crate as a tree of modules, and the file that each import refers to.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use walkdir::WalkDir;

use crate::imports::{FileImports, UsedPath};

/// A module path below the crate root. The root itself is empty.
type ModulePath = Vec<String>;

/// Every module with its own file.
pub(crate) struct CrateFiles {
    modules: BTreeMap<ModulePath, Module>,
}

struct Module {
    /// Relative to the source folder.
    file: String,
    imports: FileImports,
}

/// One import, from a file to a file.
pub(crate) struct Import {
    pub(crate) from_file: String,
    pub(crate) line: usize,
    /// As the source has it, from the crate root.
    pub(crate) path: String,
    /// The importing top-level module.
    pub(crate) from: String,
    /// The imported top-level module. Empty for the crate root.
    pub(crate) target: String,
    pub(crate) target_file: String,
}

impl CrateFiles {
    pub(crate) fn read(src_dir: &Path) -> Self {
        let entries =
            WalkDir::new(src_dir).sort_by_file_name().into_iter().map(|entry| entry.expect("readable folder"));
        let sources = entries.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "rs"));
        let modules = sources.map(|entry| {
            let file = entry.path().strip_prefix(src_dir).expect("inside the folder").to_string_lossy().into_owned();
            let source = fs::read_to_string(entry.path()).expect("readable file");
            let module = module_path(&file);
            let imports = FileImports::parse(&source, &module).unwrap_or_else(|error| panic!("{file}: {error}"));
            (module, Module { file, imports })
        });
        let files = Self { modules: modules.collect() };
        assert!(!files.modules.is_empty(), "no Rust files in {}", src_dir.display());
        files
    }

    pub(crate) fn top_level_modules(&self) -> BTreeSet<&str> {
        self.modules.keys().filter_map(|module| module.first()).map(String::as_str).collect()
    }

    /// Every import of every file but the crate root's.
    pub(crate) fn imports(&self) -> Vec<Import> {
        let modules = self.modules.iter().filter(|(module, _)| !module.is_empty());
        modules.flat_map(|(name, module)| self.imports_of(name, module)).collect()
    }

    fn imports_of(&self, name: &ModulePath, module: &Module) -> Vec<Import> {
        let import = |used: &UsedPath| {
            let target = self.defining_module(&self.absolute(used)?);
            Some(Import {
                from_file: module.file.clone(),
                line: used.line,
                path: format!("crate::{}", self.absolute(used)?.join("::")),
                from: name[0].clone(),
                target: target.first().cloned().unwrap_or_default(),
                target_file: self.modules.get(&target)?.file.clone(),
            })
        };
        module.imports.used.iter().filter_map(import).collect()
    }

    /// Returns the path from the crate root. `None` for a path into another crate.
    fn absolute(&self, used: &UsedPath) -> Option<ModulePath> {
        let UsedPath { scope, path, .. } = used;
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([scope, rest].concat()),
            "super" => {
                let parents = path.iter().take_while(|segment| *segment == "super").count();
                Some([&scope[..scope.len().checked_sub(parents)?], &path[parents..]].concat())
            }
            child => {
                let is_child = self.modules.contains_key(&[scope.as_slice(), &[child.to_owned()]].concat());
                is_child.then(|| [scope.as_slice(), path].concat())
            }
        }
    }

    /// Returns the module that defines the item at `path`, following re-exports. The module has its own file.
    fn defining_module(&self, path: &[String]) -> ModulePath {
        let length = (0..=path.len()).rev().find(|&length| self.modules.contains_key(&path[..length]));
        let (module, rest) = path.split_at(length.unwrap_or_default());
        let (Some(name), Some(found)) = (rest.first(), self.modules.get(module)) else { return module.to_vec() };
        let reexport = found.imports.reexports.iter().find(|reexport| {
            reexport.name.as_ref().map_or_else(|| self.glob_defines(&reexport.used, name), |exported| exported == name)
        });
        let Some(reexport) = reexport else { return module.to_vec() };
        let Some(mut target) = self.absolute(&reexport.used) else { return module.to_vec() };
        if reexport.name.is_none() {
            target.push(name.clone());
        }
        if target == path { module.to_vec() } else { self.defining_module(&target) }
    }

    fn glob_defines(&self, glob: &UsedPath, name: &str) -> bool {
        let module = self.absolute(glob).and_then(|path| self.modules.get(&path));
        module.is_some_and(|module| module.imports.items.contains(name))
    }
}

/// `client/path.rs` is `client::path`, `client/mod.rs` is `client`, `lib.rs` and `main.rs` are the root.
fn module_path(file: &str) -> ModulePath {
    let stem = file.strip_suffix(".rs").expect("a Rust file").replace('\\', "/");
    let mut segments: ModulePath = stem.split('/').map(str::to_owned).collect();
    let last = segments.last().map(String::as_str);
    if last == Some("mod") || (segments.len() == 1 && matches!(last, Some("lib" | "main"))) {
        segments.pop();
    }
    segments
}

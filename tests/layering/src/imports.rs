//! The paths that one source file uses, with their line numbers.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::{
    Attribute, Item, ItemMod, ItemUse, Macro, Path, UseTree, Visibility,
    visit::{self, Visit},
};

/// What one file imports, re-exports and defines.
#[derive(Default)]
pub(crate) struct FileImports {
    pub(crate) used: Vec<UsedPath>,
    pub(crate) reexports: Vec<Reexport>,
    /// The names of the file's own items.
    pub(crate) items: BTreeSet<String>,
    /// The current module: the file's own, or one nested in it.
    scope: Vec<String>,
}

/// A path as written, for example `super::path::fill` in the module `client::transport`.
pub(crate) struct UsedPath {
    pub(crate) scope: Vec<String>,
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
}

/// An item that a module re-exports with `pub use`.
pub(crate) struct Reexport {
    /// `None` for a glob.
    pub(crate) name: Option<String>,
    pub(crate) used: UsedPath,
}

impl FileImports {
    pub(crate) fn parse(source: &str, module: &[String]) -> syn::Result<Self> {
        let file = syn::parse_file(source)?;
        let mut imports = Self { scope: module.to_vec(), ..Self::default() };
        imports.items = file.items.iter().filter_map(item_name).collect();
        imports.visit_file(&file);
        Ok(imports)
    }

    fn use_path(&mut self, path: Vec<String>, span: Span) {
        let used = self.used_path(path, span);
        self.used.push(used);
    }

    fn used_path(&self, path: Vec<String>, span: Span) -> UsedPath {
        UsedPath { scope: self.scope.clone(), path, line: span.start().line }
    }

    /// The leaves of a `use` tree, each with its local name (`None` for a glob), its path, and its position.
    fn leaves(tree: &UseTree, prefix: &[String]) -> Vec<(Option<String>, Vec<String>, Span)> {
        let longer = |segment: &syn::Ident| [prefix, &[segment.to_string()]].concat();
        match tree {
            UseTree::Path(path) => Self::leaves(&path.tree, &longer(&path.ident)),
            UseTree::Group(group) => group.items.iter().flat_map(|tree| Self::leaves(tree, prefix)).collect(),
            UseTree::Glob(glob) => vec![(None, prefix.to_vec(), glob.star_token.spans[0])],
            UseTree::Rename(rename) => {
                vec![(Some(rename.rename.to_string()), longer(&rename.ident), rename.ident.span())]
            }
            UseTree::Name(name) if name.ident == "self" && !prefix.is_empty() => {
                vec![(prefix.last().cloned(), prefix.to_vec(), name.ident.span())]
            }
            UseTree::Name(name) => vec![(Some(name.ident.to_string()), longer(&name.ident), name.ident.span())],
        }
    }

    /// Visits the paths in the tokens of a macro or an attribute, including those in a string (`with = "crate::…"`).
    fn visit_tokens(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Group(group) => self.visit_tokens(group.stream()),
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    let text = text.trim_matches('"');
                    if text.starts_with("crate::") || text.starts_with("super::") {
                        self.use_path(text.split("::").map(str::to_owned).collect(), literal.span());
                    }
                }
                TokenTree::Ident(ident) if ident == "crate" || ident == "super" => {
                    let mut path = vec![ident.to_string()];
                    while matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == ':') {
                        tokens.next();
                        if let Some(TokenTree::Ident(segment)) = tokens.peek() {
                            path.push(segment.to_string());
                            tokens.next();
                        }
                    }
                    if path.len() > 1 {
                        self.use_path(path, ident.span());
                    }
                }
                TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
        }
    }
}

impl Visit<'_> for FileImports {
    fn visit_item_use(&mut self, item: &ItemUse) {
        let is_reexport = !matches!(item.vis, Visibility::Inherited);
        for (name, path, span) in Self::leaves(&item.tree, &[]) {
            if is_reexport {
                let used = self.used_path(path, span);
                self.reexports.push(Reexport { name, used });
            } else {
                self.use_path(path, span);
            }
        }
    }

    fn visit_item_mod(&mut self, module: &ItemMod) {
        if is_test_only(&module.attrs) || module.content.is_none() {
            return;
        }
        self.scope.push(module.ident.to_string());
        visit::visit_item_mod(self, module);
        self.scope.pop();
    }

    fn visit_path(&mut self, path: &Path) {
        if path.segments.len() > 1 {
            let span = path.segments[0].ident.span();
            self.use_path(path.segments.iter().map(|segment| segment.ident.to_string()).collect(), span);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, invocation: &Macro) {
        self.visit_tokens(invocation.tokens.clone());
        visit::visit_macro(self, invocation);
    }

    fn visit_attribute(&mut self, attribute: &Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.visit_tokens(list.tokens.clone());
        }
        visit::visit_attribute(self, attribute);
    }
}

fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg") && attribute.parse_args::<Path>().is_ok_and(|path| path.is_ident("test"))
    })
}

fn item_name(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        _ => return None,
    };
    Some(ident.to_string())
}

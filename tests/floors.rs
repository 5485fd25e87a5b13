//! The house has floors: a module imports from floors below it, never upward, never sideways.
//!
//! This reads `src/` and fails on an import that breaks that, and on a name that only one module
//! may speak: atomics, threads and model checkers enter through `facade` alone. It reads tokens,
//! so that paths in code and in macros count, while comments and documentation do not.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The modules of each floor. A new folder under `src/` is entered here.
const FLOORS: &[&[&str]] = &[
    &["facade"],
    &["base"],
    &["reclaim"],
    &["queue", "stack", "map", "cell", "deque", "ordered", "wait"],
    &["sync", "channel", "cache", "select", "bag"],
    &["runtime"],
    &[
        "future",
        "stream",
        "pipeline",
        "actor",
        "machine",
        "resilience",
        "net",
        "graph",
        "effect",
        "buffer",
    ],
    &["clock", "crdt", "detector", "link", "consensus", "lease", "replica", "shard", "sim"],
];

/// Sees every floor, and is seen by none.
const VERIFY: &str = "verify";

/// Names that one module alone may speak.
const DOORS: &[(&[&str], &str)] = &[
    (&["core", "sync", "atomic"], "facade"),
    (&["std", "sync", "atomic"], "facade"),
    (&["core", "hint", "spin_loop"], "facade"),
    (&["std", "hint", "spin_loop"], "facade"),
    (&["std", "thread"], "facade"),
    (&["std", "thread_local"], "facade"),
    (&["std", "time"], "facade"),
    (&["portable_atomic"], "facade"),
    (&["critical_section"], "facade"),
    (&["libc"], "facade"),
    (&["loom"], "facade"),
    (&["generator"], "facade"),
    (&["shuttle"], "facade"),
    (&["crossbeam_epoch"], "reclaim"),
];

/// Engines and sanitizers, whose `cfg`s stand in `facade` alone.
const ENGINES: &[&str] = &["loom", "shuttle", "sanitize", "miri"];

/// A path that a file names.
#[derive(Debug, PartialEq)]
struct Named {
    line: usize,
    /// From the crate's root (`crate` first), or from that of another crate.
    path: Vec<String>,
    /// Whether it imports all that is beneath the path, by name or by `*`.
    whole: bool,
}

/// Reads the paths out of one file.
struct Reader {
    /// The module that the tokens stand in.
    module: Vec<String>,
    named: Vec<Named>,
    /// The lines of `cfg`s that name an engine.
    engines: Vec<usize>,
}

fn ident(token: Option<&TokenTree>) -> Option<String> {
    match token {
        Some(TokenTree::Ident(name)) => Some(name.to_string().trim_start_matches("r#").to_owned()),
        _ => None,
    }
}

fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

/// Whether `::` begins at a token.
fn is_separator(tokens: &[TokenTree], at: usize) -> bool {
    is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':')
}

fn line(token: &TokenTree) -> usize {
    token.span().start().line
}

impl Reader {
    fn read(module: &[&str], source: &str) -> Self {
        let module = module.iter().map(|&name| name.to_owned()).collect();
        let mut reader = Reader { module, named: Vec::new(), engines: Vec::new() };
        let tokens: TokenStream = source.parse().expect("a file of src/ is Rust");
        reader.tokens(tokens);
        reader
    }

    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at = self.token(&tokens, at);
        }
    }

    /// Reads what begins at a token; returns where to go on.
    fn token(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        if let TokenTree::Group(group) = &tokens[at] {
            self.tokens(group.stream());
            return at + 1;
        }
        let Some(name) = ident(tokens.get(at)) else { return at + 1 };
        match (name.as_str(), tokens.get(at + 1), tokens.get(at + 2)) {
            // `use<'a>` in a type is no import.
            ("use", next, _) if !is_punct(next, '<') => self.tree(tokens, at + 1, &[]),
            ("mod", Some(TokenTree::Ident(inner)), Some(TokenTree::Group(body))) => {
                self.module.push(inner.to_string());
                self.tokens(body.stream());
                self.module.pop();
                at + 3
            }
            ("crate", Some(TokenTree::Ident(other)), _) if follows_extern(tokens, at) => {
                self.name(&tokens[at], &[other.to_string()], true);
                at + 2
            }
            ("cfg" | "cfg_attr", ..) => {
                self.cfg(tokens, at);
                at + 1
            }
            _ => self.path(tokens, at),
        }
    }

    /// Reads a use tree up to its comma, its semicolon or its end.
    fn tree(&mut self, tokens: &[TokenTree], mut at: usize, prefix: &[String]) -> usize {
        let mut path = prefix.to_vec();
        let start = at;
        loop {
            match tokens.get(at) {
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    let branches: Vec<TokenTree> = group.stream().into_iter().collect();
                    let mut branch = 0;
                    while branch < branches.len() {
                        branch = self.tree(&branches, branch, &path) + 1;
                    }
                    return at + 1;
                }
                Some(TokenTree::Ident(name)) if name == "as" => at += 1, // the new name follows
                Some(TokenTree::Ident(_))
                    if at == start || is_separator(tokens, at.saturating_sub(2)) =>
                {
                    path.extend(ident(tokens.get(at)));
                }
                Some(TokenTree::Punct(mark)) if matches!(mark.as_char(), ';' | ',') => break,
                None => break,
                Some(_) => {} // a separator, a star
            }
            at += 1;
        }
        if let Some(token) = tokens.get(start) {
            if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
                path.pop();
            }
            self.name(token, &path, true);
        }
        at
    }

    /// Reads a path in code: two names or more.
    fn path(&mut self, tokens: &[TokenTree], start: usize) -> usize {
        let mut path = Vec::new();
        let mut at = start;
        while let Some(name) = ident(tokens.get(at)) {
            path.push(name);
            at += 1;
            if !is_separator(tokens, at) || ident(tokens.get(at + 2)).is_none() {
                break;
            }
            at += 2;
        }
        if path.len() > 1 && !continues_path(tokens, start) {
            self.name(&tokens[start], &path, false);
        }
        at
    }

    /// Notes a path, with `self` and `super` resolved.
    fn name(&mut self, token: &TokenTree, path: &[String], whole: bool) {
        let here = || std::iter::once("crate".to_owned()).chain(self.module.iter().cloned());
        let mut absolute: Vec<String> = match path.first().map(String::as_str) {
            Some("self" | "super") => here().collect(),
            _ => Vec::new(),
        };
        for name in path {
            match name.as_str() {
                "self" => {}
                "super" => drop(absolute.pop()),
                _ => absolute.push(name.clone()),
            }
        }
        self.named.push(Named { line: line(token), path: absolute, whole });
    }

    fn cfg(&mut self, tokens: &[TokenTree], at: usize) {
        fn speaks(tokens: TokenStream) -> bool {
            tokens.into_iter().any(|token| match token {
                TokenTree::Group(group) => speaks(group.stream()),
                other => ENGINES.contains(&other.to_string().trim_matches('"')),
            })
        }
        let group = tokens[at + 1..].iter().find(|token| !is_punct(Some(token), '!'));
        if let Some(TokenTree::Group(predicate)) = group {
            if speaks(predicate.stream()) {
                self.engines.push(line(&tokens[at]));
            }
        }
    }
}

fn follows_extern(tokens: &[TokenTree], at: usize) -> bool {
    at > 0 && ident(tokens.get(at - 1)).is_some_and(|name| name == "extern")
}

/// Whether the name at `at` goes on after `something::`, rather than after a leading `::`.
fn continues_path(tokens: &[TokenTree], at: usize) -> bool {
    at > 2
        && is_separator(tokens, at - 2)
        && (ident(tokens.get(at - 3)).is_some() || is_punct(tokens.get(at - 3), '>'))
}

fn floor_of(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// Why a module may not name a path of this crate.
fn wrong_import(home: &str, named: &Named) -> Option<String> {
    let Some(target) = named.path.get(1) else {
        return named.whole.then(|| "imports the whole crate: name the module".to_owned());
    };
    if target == home || home == VERIFY {
        return None;
    }
    if target == VERIFY {
        return Some("verify is seen by tests and users only".to_owned());
    }
    match (floor_of(home), floor_of(target)) {
        (Some(own), Some(other)) if other < own => None,
        (Some(own), Some(other)) if other > own => {
            Some(format!("{home} (floor {own}) imports upward, from {target} (floor {other})"))
        }
        (Some(own), Some(_)) => {
            Some(format!("{home} imports sideways, from {target}: both are on floor {own}"))
        }
        _ => Some(format!("crate::{target} is on no floor: enter it in FLOORS")),
    }
}

/// Why a module may not name a path of another crate.
fn wrong_door(home: &str, named: &Named) -> Option<String> {
    DOORS.iter().find_map(|&(door, keeper)| {
        let common = named.path.iter().zip(door).take_while(|(a, b)| a == b).count();
        let names_door = common == door.len();
        let holds_door = named.whole && common == named.path.len();
        ((names_door || holds_door) && home != keeper)
            .then(|| format!("{} comes through {keeper} alone", door.join("::")))
    })
}

/// All that is wrong with one file, given by its path under `src/`.
fn wrongs(file: &str, source: &str) -> Vec<String> {
    let mut module: Vec<&str> = file.trim_end_matches(".rs").split('/').collect();
    if matches!(module.last(), Some(&"mod" | &"lib")) {
        module.pop();
    }
    let Some(&home) = module.first() else { return Vec::new() }; // lib.rs lists the modules
    let mut wrongs = Vec::new();
    if home != VERIFY && floor_of(home).is_none() {
        wrongs.push(format!("src/{file}: {home} is on no floor: enter it in FLOORS"));
    }
    let Reader { named, engines, .. } = Reader::read(&module, source);
    for named in named {
        let is_ours = named.path.first().is_some_and(|first| first == "crate");
        let wrong = if is_ours { wrong_import(home, &named) } else { wrong_door(home, &named) };
        wrongs.extend(wrong.map(|why| format!("src/{file}:{}: {why}", named.line)));
    }
    if home != "facade" {
        let cfg = |line| format!("src/{file}:{line}: a cfg of an engine belongs in facade");
        wrongs.extend(engines.into_iter().map(cfg));
    }
    wrongs
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder of src/ can be read");
    let paths = entries.map(|entry| entry.expect("an entry of src/ can be read").path());
    paths
        .flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

#[test]
fn imports_go_down_and_doors_are_kept() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = rust_files(&src);
    assert!(files.iter().any(|file| file.ends_with("lib.rs")), "src/ was not found");
    let wrongs: Vec<String> = files
        .iter()
        .flat_map(|path| {
            let file = path.strip_prefix(&src).expect("it is under src/").to_string_lossy();
            wrongs(&file, &fs::read_to_string(path).expect("a file of src/ can be read"))
        })
        .collect();
    assert!(wrongs.is_empty(), "\n{}\n(tests/floors.rs states the rules)", wrongs.join("\n"));
}

/// Each source is wrong in one way, which its message must name.
#[test]
fn a_wrong_import_of_each_kind_is_seen() {
    let cases = [
        ("base/backoff.rs", "use crate::reclaim::Guard;", "upward"),
        ("queue/mod.rs", "use crate::{facade, stack::TreiberStack};", "sideways"),
        ("queue/mod.rs", "use crate::{facade::{atomic, cell}, map::{self}};", "sideways"),
        ("queue/ms/node.rs", "use super::super::super::stack;", "sideways"),
        ("queue/mod.rs", "mod inner { use super::super::stack::Node; }", "sideways"),
        ("queue/mod.rs", "fn f() { let _ = crate::channel::bounded::<u8>(1); }", "upward"),
        ("queue/mod.rs", "macro_rules! m { () => { $crate::sync::Mutex::new(()) } }", "upward"),
        ("queue/mod.rs", "fn f() { assert!(crate::stack::is_empty()); }", "sideways"),
        ("queue/mod.rs", "pub use crate::verify::model;", "verify is seen by"),
        ("queue/mod.rs", "use crate::*;", "whole crate"),
        ("queue/mod.rs", "use crate as all;", "whole crate"),
        ("queue/mod.rs", "use crate::gadget::Gadget;", "gadget is on no floor: enter it in FLOORS"),
        ("gadget/mod.rs", "", "gadget is on no floor: enter it in FLOORS"),
        ("stack/mod.rs", "use core::sync::atomic::Ordering;", "through facade"),
        ("stack/mod.rs", "use core::{fmt, sync::{atomic as a}};", "through facade"),
        ("stack/mod.rs", "use std::sync;", "through facade"),
        ("stack/mod.rs", "use std::*;", "through facade"),
        ("stack/mod.rs", "fn f() { let x: ::std::sync::atomic::AtomicU8; }", "through facade"),
        ("stack/mod.rs", "fn f() { std::thread::yield_now() }", "through facade"),
        ("stack/mod.rs", "fn f() { core::hint::spin_loop() }", "through facade"),
        ("stack/mod.rs", "extern crate loom;", "through facade"),
        ("stack/mod.rs", "use ::portable_atomic as atomic;", "through facade"),
        ("verify/mod.rs", "use generator::Gn;", "through facade"),
        ("stack/mod.rs", "fn f(_: crossbeam_epoch::Guard) {}", "through reclaim"),
        ("stack/mod.rs", "#[cfg(all(test, feature = \"loom\"))] mod m {}", "belongs in facade"),
        ("stack/mod.rs", "fn f() -> bool { cfg!(miri) }", "belongs in facade"),
    ];
    for (file, source, expected) in cases {
        let found = wrongs(file, source);
        assert_eq!(found.len(), 1, "{source}: {found:?}");
        assert!(found[0].contains(expected), "{source}: {found:?}");
    }
}

#[test]
fn right_imports_pass() {
    let source = r#"
        //! As in [`crate::map`], not `use crate::stack`.
        use super::{iter::Iter, super::reclaim::Guard};
        use crate::{base::Backoff, facade::{atomic::{AtomicPtr, Ordering}, cell}, queue::Other};
        use core::{fmt, mem as memory};
        pub(in crate::queue) fn f<'a>(s: &'a str) -> impl Sized + use<'a> { self::g::<u8>(s) }
        /// See [`std::thread`].
        #[cfg(feature = "std")]
        mod tests { use super::super::iter; const TEXT: &str = "use loom::model;"; }
    "#;
    assert_eq!(wrongs("queue/ms.rs", source), [""; 0]);
    assert_eq!(wrongs("facade/native.rs", "use core::sync::atomic::AtomicU8;"), [""; 0]);
    assert_eq!(wrongs("verify/mod.rs", "use crate::{facade, map, runtime};"), [""; 0]);
}

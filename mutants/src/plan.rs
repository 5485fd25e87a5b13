//! All mutants: each ordering one step weaker, and the patches; and the copy of the sources in which
//! a run chooses one of the former.

use crate::{
    lists::{self, Check, Checks, Exempt, Module},
    order::{self, Weaker},
    rewrite,
    sites::{self, Site},
    tree::{self, Files},
};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Something that is broken on purpose.
#[derive(Debug)]
pub(crate) struct Mutant {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) checks: Vec<Check>,
}

#[derive(Debug)]
pub(crate) enum Kind {
    /// A site, by its number, and the weaker ordering.
    Ordering { site: usize, weaker: Weaker },
    /// A patch, and what it breaks.
    Logic { patch: PathBuf, breaks: String },
}

pub(crate) struct Plan {
    pub(crate) modules: Vec<Module>,
    pub(crate) exempt: Vec<Exempt>,
    /// Each with its module's place.
    pub(crate) sites: Vec<(usize, Site)>,
    pub(crate) mutants: Vec<Mutant>,
    /// The sources.
    pub(crate) plain: Files,
    /// The sources in which a run chooses an ordering's mutant.
    pub(crate) switched: Files,
}

impl Plan {
    pub(crate) fn read(repository: &Path) -> Result<Self, String> {
        let home = repository.join("mutants");
        let checks: Checks = lists::read(&home.join("checks.toml"))?;
        let plain = tree::files(repository)?;
        let (sites, switched) = switch(&checks, &plain)?;
        let mut mutants = Vec::new();
        for (number, (module, site)) in sites.iter().enumerate() {
            for weaker in order::weaker(site.role, site.order) {
                let name = format!("{site} -> {weaker}");
                let kind = Kind::Ordering { site: number, weaker };
                mutants.push(Mutant { name, kind, checks: checks.module[*module].checks.clone() });
            }
        }
        mutants.extend(patches(&home.join("patches"))?);
        let plan =
            Plan { modules: checks.module, exempt: checks.exempt, sites, mutants, plain, switched };
        plan.names_are_unique()?;
        Ok(plan)
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.mutants.iter().map(|mutant| mutant.name.clone()).collect()
    }

    /// The test programs of all checks.
    pub(crate) fn programs<'m>(mutants: impl Iterator<Item = &'m Mutant>) -> BTreeSet<String> {
        let checks = mutants.flat_map(|mutant| &mutant.checks);
        checks.map(|check| check.program.clone()).collect()
    }

    fn names_are_unique(&self) -> Result<(), String> {
        let mut seen = BTreeSet::new();
        match self.mutants.iter().find(|mutant| !seen.insert(&mutant.name)) {
            Some(mutant) => Err(format!("two mutants are called {}", mutant.name)),
            None => Ok(()),
        }
    }
}

/// The sites, each with its module, and the sources in which they ask.
fn switch(checks: &Checks, plain: &Files) -> Result<(Vec<(usize, Site)>, Files), String> {
    let mut all = Vec::new();
    let mut switched = plain.clone();
    for (file, text) in plain {
        let is_source = file.starts_with("src/") && file.ends_with(".rs");
        if !is_source || checks.exempt.iter().any(|exempt| lists::covers(&exempt.path, file)) {
            continue;
        }
        let source = std::str::from_utf8(text).map_err(|error| format!("{file}: {error}"))?;
        let sites = sites::find(file, source)?;
        let covers = |module: &Module| module.paths.iter().any(|path| lists::covers(path, file));
        let module = checks.module.iter().position(covers);
        let Some(module) = module else {
            match sites.first() {
                Some(site) => {
                    return Err(format!("{site}: its file is of no module of checks.toml"));
                }
                None => continue,
            }
        };
        let text = rewrite::switched(source, &sites, all.len());
        switched.insert(file.clone(), text.into_bytes());
        all.extend(sites.into_iter().map(|site| (module, site)));
    }
    for exempt in &checks.exempt {
        if !plain.keys().any(|file| lists::covers(&exempt.path, file)) {
            return Err(format!("checks.toml exempts {}, which is not there", exempt.path));
        }
    }
    give_switch(&mut switched)?;
    Ok((all, switched))
}

/// Adds the module that the sites ask, where they are compiled: in the crate, and in the tests that
/// take in files of it.
fn give_switch(files: &mut Files) -> Result<(), String> {
    files.insert("src/mutation.rs".to_owned(), rewrite::SWITCH.as_bytes().to_vec());
    let library = files.get_mut("src/lib.rs").ok_or("there is no src/lib.rs")?;
    library.extend(b"\n#[doc(hidden)]\n#[allow(missing_docs)]\npub mod mutation;\n");
    for (name, text) in files.iter_mut().filter(|(name, _)| name.starts_with("loom-tests/")) {
        if String::from_utf8_lossy(text).contains("#[path = \"../src/") {
            if name.matches('/').count() > 1 {
                return Err(format!("{name} takes in a source, and is no test program itself"));
            }
            text.extend(b"\n#[allow(unused_imports)]\nuse counterpoint::mutation;\n");
        }
    }
    Ok(())
}

/// The patches of a folder; each begins with what it breaks and which checks name it:
///
/// ```text
/// Breaks: a pop that finds the tail behind does not help.
/// Checks: queue_models::a_lagging_tail_leads_to_no_retired_node
/// ```
fn patches(folder: &Path) -> Result<Vec<Mutant>, String> {
    let failed = |error| format!("{}: {error}", folder.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        paths.push(entry.map_err(failed)?.path());
    }
    paths.sort();
    paths.into_iter().map(|path| patch(&path)).collect()
}

fn patch(path: &Path) -> Result<Mutant, String> {
    let failed = |error: &str| format!("{}: {error}", path.display());
    let text = fs::read_to_string(path).map_err(|error| failed(&error.to_string()))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.strip_suffix(".patch").ok_or_else(|| failed("is no NAME.patch"))?;
    let head: Vec<&str> = text.lines().take_while(|line| !line.starts_with("--- ")).collect();
    let field = |field: &str| {
        let mut lines = head.iter().skip_while(|line| !line.starts_with(field));
        let first = lines.next()?.strip_prefix(field)?;
        let more = lines.take_while(|line| line.starts_with(' '));
        Some(more.fold(first.trim().to_owned(), |all, line| all + " " + line.trim()))
    };
    let breaks = field("Breaks:").ok_or_else(|| failed("does not say what it `Breaks:`"))?;
    let checks = field("Checks:").ok_or_else(|| failed("names no `Checks:`"))?;
    let checks: Result<Vec<Check>, String> =
        checks.split(',').map(|check| Check::try_from(check.trim().to_owned())).collect();
    Ok(Mutant {
        name: format!("logic: {name}"),
        kind: Kind::Logic { patch: path.to_owned(), breaks },
        checks: checks.map_err(|error| failed(&error))?,
    })
}

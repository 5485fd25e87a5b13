//! The lists, by hand: which checks name which files (`checks.toml`), and why a mutant that survives
//! is none (`proofs.toml`). What a run found is in `ledger.rs`.

use serde::{Deserialize, Serialize};
use std::{fmt, fs, path::Path};

/// A test, and the test program it is in: `queue_models::a_value_is_popped_once`; `lib::` is the
/// crate's own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Check {
    pub(crate) program: String,
    pub(crate) test: String,
}

impl TryFrom<String> for Check {
    type Error = String;
    fn try_from(name: String) -> Result<Self, String> {
        let (program, test) = name.split_once("::").ok_or(format!("{name} is no PROGRAM::TEST"))?;
        Ok(Check { program: program.to_owned(), test: test.to_owned() })
    }
}

impl From<Check> for String {
    fn from(check: Check) -> Self {
        check.to_string()
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}", self.program, self.test)
    }
}

/// `checks.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Checks {
    /// Files whose orderings are not weakened.
    pub(crate) exempt: Vec<Exempt>,
    pub(crate) module: Vec<Module>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exempt {
    /// A file, or a folder with a `/` at the end.
    pub(crate) path: String,
    pub(crate) why: String,
}

/// Files that share their tags, and the checks that name them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Module {
    pub(crate) name: String,
    /// Files, or folders with a `/` at the end.
    pub(crate) paths: Vec<String>,
    /// In the order in which they are tried.
    pub(crate) checks: Vec<Check>,
}

/// Whether a file is, or lies in, what a list names.
pub(crate) fn covers(path: &str, file: &str) -> bool {
    if path.ends_with('/') { file.starts_with(path) } else { file == path }
}

/// `proofs.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proofs {
    #[serde(default)]
    pub(crate) proof: Vec<Proof>,
}

/// Why the source is right, and what no check can see.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proof {
    /// The mutant's name.
    pub(crate) mutant: String,
    /// The heading in `docs/ORDERING.md` under which the proof stands.
    pub(crate) heading: String,
}

/// Reads a list; one that is not there is empty.
pub(crate) fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T, String> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        text => text.map_err(|error| format!("{}: {error}", path.display()))?,
    };
    toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

//! What the last whole run found, `ledger.toml`: which check killed each mutant.

use crate::lists::Check;
use serde::{Deserialize, Serialize};
use std::{fmt, fs, path::Path};

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ledger {
    #[serde(default)]
    mutant: Vec<Entry>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Entry {
    name: String,
    #[serde(flatten)]
    verdict: Verdict,
}

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "verdict", rename_all = "lowercase")]
pub(crate) enum Verdict {
    Killed {
        check: Check,
        /// The model and its pass, or what the test said.
        how: String,
    },
    Survived,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Killed { check, how } => write!(f, "killed by {check} ({how})"),
            Verdict::Survived => f.write_str("SURVIVED"),
        }
    }
}

const HEAD: &str = "\
# What ci/mutants.sh --write found; not written by hand. Each mutant and what became of it.\n\n";

impl Ledger {
    pub(crate) fn get(&self, name: &str) -> Option<&Verdict> {
        self.mutant.iter().find(|entry| entry.name == name).map(|entry| &entry.verdict)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.mutant.iter().map(|entry| entry.name.as_str())
    }

    pub(crate) fn set(&mut self, name: &str, verdict: Verdict) {
        match self.mutant.iter_mut().find(|entry| entry.name == name) {
            Some(entry) => entry.verdict = verdict,
            None => self.mutant.push(Entry { name: name.to_owned(), verdict }),
        }
    }

    /// Keeps what there is a mutant for, in the order of those.
    pub(crate) fn keep(&mut self, names: &[String]) {
        let place = |entry: &Entry| names.iter().position(|name| *name == entry.name);
        self.mutant.retain(|entry| place(entry).is_some());
        self.mutant.sort_by_key(place);
    }

    pub(crate) fn write(&self, path: &Path) -> Result<(), String> {
        let text = toml::to_string(self).map_err(|error| error.to_string())?;
        let text = format!("{HEAD}{}", text.trim_end()) + "\n";
        fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let check = Check::try_from("queue_models::a_test".to_owned()).unwrap();
        let killed = Verdict::Killed { check, how: "a \"model\" [weak]".to_owned() };
        let mut ledger = Ledger::default();
        ledger.set("gone", Verdict::Survived);
        ledger.set("b -> Relaxed", Verdict::Survived);
        ledger.set("a", Verdict::Survived);
        ledger.set("a", killed.clone());
        ledger.keep(&["a".to_owned(), "b -> Relaxed".to_owned()]);
        let again: Ledger = toml::from_str(&toml::to_string(&ledger).unwrap()).unwrap();
        assert_eq!(again.names().collect::<Vec<_>>(), ["a", "b -> Relaxed"]);
        assert_eq!(again.get("a"), Some(&killed));
        assert_eq!(again.get("b -> Relaxed"), Some(&Verdict::Survived));
    }
}

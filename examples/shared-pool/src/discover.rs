//! Lists the files to read: what was named, and the regular files of folders that were named.
//!
//! Links are followed where they were named and nowhere else, so that the walk ends.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::{DirEntry, WalkDir};

/// Files in a stable order, and the paths that were left out.
#[derive(Debug, Default)]
pub(crate) struct Discovery {
    pub(crate) files: Vec<Arc<Path>>,
    pub(crate) problems: Vec<Problem>,
}

/// A path that was left out, and why.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) path: PathBuf,
    pub(crate) reason: io::Error,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read {}: {}", self.path.display(), self.reason)
    }
}

/// Walks `roots`; a file that two of them reach is listed twice.
pub(crate) fn discover(roots: &[PathBuf]) -> Discovery {
    let mut found = Discovery::default();
    for root in roots {
        for entry in WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(is_wanted) {
            match entry {
                Ok(entry) if is_file(&entry) => found.files.push(entry.path().into()),
                Ok(_) => {}
                Err(error) => {
                    let path = error.path().unwrap_or(root).to_owned();
                    found.problems.push(Problem { path, reason: error.into() });
                }
            }
        }
    }
    found
}

/// A FIFO or a device could block whoever opens it.
fn is_file(entry: &DirEntry) -> bool {
    match entry.depth() {
        0 => entry.path().is_file(),
        _ => entry.file_type().is_file(),
    }
}

/// Version control and build output are no text of the user's, unless named.
fn is_wanted(entry: &DirEntry) -> bool {
    let name = entry.file_name();
    entry.depth() == 0 || !(name == ".git" || name == "target" && entry.file_type().is_dir())
}

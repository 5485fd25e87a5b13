//! Lists the files to read: what was named, and the regular files of folders that were named.
//!
//! Nothing is opened here but folders, so that a FIFO or a device cannot block. Links are followed
//! where they were named by the user and nowhere else, so that the walk ends.

use std::fs;
use std::path::PathBuf;

use walkdir::{DirEntry, WalkDir};

use crate::problem::{Problem, Reason};

/// Files in a stable order, and the paths that were left out.
#[derive(Debug, Default)]
pub(crate) struct Discovery {
    pub(crate) files: Vec<PathBuf>,
    pub(crate) problems: Vec<Problem>,
}

/// Walks `roots`; a file that two of them reach is listed twice.
pub(crate) fn discover(roots: &[PathBuf]) -> Discovery {
    let mut found = Discovery::default();
    for root in roots {
        for entry in WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(is_wanted) {
            match entry {
                Ok(entry) => found.add(entry),
                Err(error) => {
                    let path = error.path().unwrap_or(root).to_owned();
                    // An error without a cause is a cycle of links, and links are not followed.
                    let reason = error.into_io_error().map_or(Reason::NotRegular, Reason::from);
                    found.problems.push(Problem { path, reason });
                }
            }
        }
    }
    found
}

/// Version control and build output are no text of the user's, unless named.
fn is_wanted(entry: &DirEntry) -> bool {
    let name = entry.file_name();
    entry.depth() == 0 || !(name == ".git" || name == "target" && entry.file_type().is_dir())
}

impl Discovery {
    fn add(&mut self, entry: DirEntry) {
        let kind = if entry.depth() == 0 {
            fs::metadata(entry.path()).map(|metadata| metadata.file_type())
        } else {
            Ok(entry.file_type())
        };
        match kind {
            Ok(kind) if kind.is_file() => self.files.push(entry.into_path()),
            Ok(kind) if kind.is_dir() => {}
            Ok(_) => self.problems.push(Problem::new(entry.path(), Reason::NotRegular)),
            Err(error) => self.problems.push(Problem::new(entry.path(), error.into())),
        }
    }
}

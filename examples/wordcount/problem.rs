//! What can be wrong with a path, none of it fatal: the path is named, counted and left out.

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A path that was left out, and why.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) path: PathBuf,
    pub(crate) reason: Reason,
}

#[derive(Debug)]
pub(crate) enum Reason {
    /// The file holds bytes that are not UTF-8.
    NotUtf8,
    /// Opening, listing or reading it failed.
    Unreadable(io::Error),
    /// It was there when it was listed, and is no more.
    Vanished,
    /// It is neither a regular file nor a folder.
    NotRegular,
}

impl Problem {
    pub(crate) fn new(path: &Path, reason: Reason) -> Self {
        Problem { path: path.to_owned(), reason }
    }
}

impl From<io::Error> for Reason {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound => Reason::Vanished,
            _ => Reason::Unreadable(error),
        }
    }
}

impl Reason {
    /// The names under which reasons are counted, in the order of [`count`].
    pub(crate) const NAMES: [&'static str; 4] =
        ["not_utf8", "unreadable", "vanished", "not_regular"];

    fn index(&self) -> usize {
        match self {
            Reason::NotUtf8 => 0,
            Reason::Unreadable(_) => 1,
            Reason::Vanished => 2,
            Reason::NotRegular => 3,
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        Self::NAMES[self.index()]
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::NotUtf8 => f.write_str("not UTF-8"),
            Reason::Unreadable(error) => write!(f, "unreadable: {error}"),
            Reason::Vanished => f.write_str("vanished before it was read"),
            Reason::NotRegular => f.write_str("not a regular file"),
        }
    }
}

/// How many problems there are of each reason.
pub(crate) fn count(problems: &[Problem]) -> [usize; 4] {
    let mut counts = [0; 4];
    for problem in problems {
        counts[problem.reason.index()] += 1;
    }
    counts
}

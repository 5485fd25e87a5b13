//! The texts, in memory: each file is read once, before anything is measured.
//!
//! So the three counts see the same bytes, whatever happens to the files meanwhile, and none of
//! them waits for a disk. The price is that the texts must fit in memory together.

use std::fs;
use std::path::Path;

use crate::chunk;
use crate::discover::Discovery;
use crate::problem::{Problem, Reason};
use crate::progress::Progress;

/// What was read, and what was left out.
#[derive(Debug)]
pub(crate) struct Corpus {
    texts: Vec<String>,
    pub(crate) problems: Vec<Problem>,
}

impl Corpus {
    pub(crate) fn read(found: Discovery) -> Self {
        let progress = Progress::of_files(found.files.len());
        let mut corpus = Corpus { texts: Vec::new(), problems: found.problems };
        for path in &found.files {
            match read_text(path) {
                Ok(text) => corpus.texts.push(text),
                Err(reason) => corpus.problems.push(Problem::new(path, reason)),
            }
            progress.add(1);
        }
        corpus
    }

    /// Files that were read, empty ones included.
    pub(crate) fn files(&self) -> usize {
        self.texts.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.texts.iter().map(String::len).sum()
    }

    /// All texts, cut into pieces of work.
    pub(crate) fn chunks(&self) -> Vec<&str> {
        self.texts.iter().flat_map(|text| chunk::chunks(text, chunk::SIZE)).collect()
    }
}

fn read_text(path: &Path) -> Result<String, Reason> {
    String::from_utf8(fs::read(path)?).map_err(|_| Reason::NotUtf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_vanishes_after_it_was_listed_is_counted_and_the_rest_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let (here, gone) = (folder.path().join("here"), folder.path().join("gone"));
        fs::write(&here, "still here").unwrap();
        let corpus = Corpus::read(Discovery { files: vec![gone, here], problems: Vec::new() });
        assert_eq!(corpus.chunks(), ["still here"]);
        assert!(matches!(corpus.problems[..], [Problem { reason: Reason::Vanished, .. }]));
    }
}

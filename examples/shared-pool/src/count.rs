//! What is counted, part by part, and the plain sequential count that others must agree with.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

use crc32fast::Hasher;

use crate::discover::Problem;
use crate::pool::BUFFER_BYTES;

/// The counts of a text, given in parts that may end anywhere.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) lines: u64,
    /// Runs of bytes that are not ASCII's white space.
    pub(crate) words: u64,
    pub(crate) bytes: u64,
    checksum: Hasher,
    is_in_word: bool,
}

/// What came of a file, which its place in the list names.
pub(crate) type Counted = (usize, io::Result<Counts>);

impl Counts {
    /// Goes on with the next part.
    pub(crate) fn add(&mut self, part: &[u8]) {
        self.bytes += part.len() as u64;
        self.checksum.update(part);
        for byte in part {
            self.lines += u64::from(*byte == b'\n');
            let is_in_word = !byte.is_ascii_whitespace();
            self.words += u64::from(is_in_word && !self.is_in_word);
            self.is_in_word = is_in_word;
        }
    }

    /// Goes on with another text, whose words are its own; the checksum is that of both, one after
    /// the other.
    pub(crate) fn append(&mut self, next: &Counts) {
        self.lines += next.lines;
        self.words += next.words;
        self.bytes += next.bytes;
        self.checksum.combine(&next.checksum);
    }

    pub(crate) fn checksum(&self) -> u32 {
        self.checksum.clone().finalize()
    }
}

impl PartialEq for Counts {
    fn eq(&self, other: &Self) -> bool {
        let of = |counts: &Self| (counts.lines, counts.words, counts.bytes, counts.checksum());
        of(self) == of(other)
    }
}

/// Counts a file, read through a buffer.
pub(crate) fn file(path: &Path, buffer: &mut [u8]) -> io::Result<Counts> {
    let mut file = File::open(path)?;
    let mut counts = Counts::default();
    loop {
        match file.read(buffer) {
            Ok(0) => return Ok(counts),
            Ok(read) => counts.add(&buffer[..read]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Counts all files, one after the other.
pub(crate) fn sequentially(files: &[Arc<Path>]) -> Vec<Counted> {
    let mut buffer = vec![0; BUFFER_BYTES];
    files.iter().map(|path| file(path, &mut buffer)).enumerate().collect()
}

/// Puts counts in the order of the files; what could not be read has none.
///
/// # Panics
/// When a file was counted twice, or not at all.
pub(crate) fn per_file(
    files: &[Arc<Path>],
    counted: Vec<Counted>,
) -> (Vec<Option<Counts>>, Vec<Problem>) {
    let mut places: Vec<Option<io::Result<Counts>>> = files.iter().map(|_| None).collect();
    for (place, counts) in counted {
        let before = places[place].replace(counts);
        assert!(before.is_none(), "{} was counted twice", files[place].display());
    }
    let mut problems = Vec::new();
    let counts = places.into_iter().zip(files).map(|(counts, path)| {
        let counts = counts.unwrap_or_else(|| panic!("{} was not counted", path.display()));
        counts.map_err(|reason| problems.push(Problem { path: path.to_path_buf(), reason })).ok()
    });
    (counts.collect(), problems)
}

/// The files whose counts differ.
pub(crate) fn differing(
    files: &[Arc<Path>],
    some: &[Option<Counts>],
    others: &[Option<Counts>],
) -> Vec<Arc<Path>> {
    let pairs = some.iter().zip(others).zip(files);
    pairs.filter(|((some, other), _)| some != other).map(|(_, path)| path.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(parts: &[&[u8]]) -> Counts {
        let mut counts = Counts::default();
        parts.iter().for_each(|part| counts.add(part));
        counts
    }

    #[test]
    fn lines_words_bytes_and_checksum_are_right() {
        let counts = counts(&[b"123456789\n one  two\n"]);
        assert_eq!((counts.lines, counts.words, counts.bytes), (2, 3, 20));
        assert_eq!(self::counts(&[b"123456789"]).checksum(), 0xcbf4_3926);
    }

    #[test]
    fn where_a_text_is_cut_does_not_matter() {
        let text = b"a bc\n\n def\tg";
        for cut in 0..=text.len() {
            let (left, right) = text.split_at(cut);
            assert_eq!(counts(&[left, right]), counts(&[text]), "{cut}");
        }
    }

    #[test]
    fn a_total_has_the_checksum_of_all_files_in_order() {
        let mut total = counts(&[b"one "]);
        total.append(&counts(&[b"two"]));
        assert_eq!(total, counts(&[b"one two"]));
    }

    #[test]
    fn files_that_differ_are_named() {
        let files: [Arc<Path>; 3] = ["a", "b", "c"].map(|name| Path::new(name).into());
        let some = [Some(counts(&[b"x"])), Some(counts(&[b"y"])), None];
        let others = [Some(counts(&[b"x"])), Some(counts(&[b"z"])), Some(counts(&[]))];
        assert_eq!(differing(&files, &some, &others), files[1..]);
    }
}

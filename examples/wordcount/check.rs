//! Compares two counts word by word.
//!
//! Both come sorted, and are walked side by side; a word that a map yields twice is therefore a
//! difference too.

use std::cmp::Ordering;

use crate::count::Counts;

/// A word whose counts differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) word: Box<str>,
    pub(crate) expected: u64,
    pub(crate) found: u64,
}

/// Every difference, in the order of the words.
pub(crate) fn differences(expected: &Counts<'_>, found: &Counts<'_>) -> Vec<Difference> {
    let difference =
        |word: &str, expected, found| Difference { word: word.into(), expected, found };
    let mut differences = Vec::new();
    let (mut left, mut right) = (expected.iter().peekable(), found.iter().peekable());
    loop {
        let order = match (left.peek(), right.peek()) {
            (Some((expected, _)), Some((found, _))) => expected.cmp(found),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return differences,
        };
        // Take from the side that is behind, or from both.
        let expected = left.next_if(|_| order.is_le());
        let found = right.next_if(|_| order.is_ge());
        let (a, b) = (expected.map_or(0, |pair| pair.1), found.map_or(0, |pair| pair.1));
        if let Some((word, _)) = expected.or(found).filter(|_| a != b) {
            differences.push(difference(word, a, b));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(pairs: &[(&'static str, u64)]) -> Counts<'static> {
        pairs.iter().map(|&(word, count)| (word, count)).collect()
    }

    #[test]
    fn equal_counts_do_not_differ() {
        let same = counts(&[("a", 1), ("b", 2)]);
        assert_eq!(differences(&same, &same), []);
        assert_eq!(differences(&Counts::new(), &Counts::new()), []);
    }

    #[test]
    fn lost_invented_miscounted_and_doubled_words_differ() {
        let expected = counts(&[("a", 1), ("b", 2), ("c", 3), ("d", 4)]);
        let found = counts(&[("b", 2), ("c", 5), ("d", 4), ("d", 1), ("e", 1)]);
        let differences: Vec<(String, u64, u64)> = differences(&expected, &found)
            .into_iter()
            .map(|d| (d.word.into(), d.expected, d.found))
            .collect();
        let row = |word: &str, expected, found| (word.to_owned(), expected, found);
        assert_eq!(differences, [row("a", 1, 0), row("c", 3, 5), row("d", 0, 1), row("e", 0, 1)]);
    }
}

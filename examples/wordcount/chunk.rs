//! Cuts a text into chunks of work, never inside a word.
//!
//! The words of the chunks, in order, are the words of the text. A chunk is about as long as asked;
//! only a word that does not end makes it longer.

use crate::words::is_word;

/// Bytes of a chunk: long enough that taking one costs nothing beside counting it, short enough
/// that the threads finish together.
pub(crate) const SIZE: usize = 64 * 1024;

/// The chunks of `text`, each about `size` bytes; none for an empty text.
pub(crate) fn chunks(text: &str, size: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (chunk, after) = rest.split_at(cut(rest, size));
        rest = after;
        (!chunk.is_empty()).then_some(chunk)
    })
}

/// The first place at or after `size` where no word is cut; the end if there is none.
fn cut(text: &str, size: usize) -> usize {
    let Some(at) = (size..text.len()).find(|&at| text.is_char_boundary(at)) else {
        return text.len();
    };
    text[at..].find(|letter| !is_word(letter)).map_or(text.len(), |length| at + length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::words;

    #[test]
    fn chunks_hold_the_words_of_the_text_at_every_size() {
        let text = "one two_three  vier-fünf\u{a0}шесть七 8\n\u{1f980}nine ten.";
        for size in 1..=text.len() + 1 {
            let chunks: Vec<&str> = chunks(text, size).collect();
            assert_eq!(chunks.concat(), text, "size {size}");
            let counted = chunks.iter().flat_map(|chunk| words(chunk));
            assert!(counted.eq(words(text)), "size {size}: {chunks:?}");
        }
    }

    #[test]
    fn a_long_text_is_split_and_an_endless_word_is_not() {
        assert_eq!(chunks(&"ab ".repeat(1000), 100).count(), 30);
        assert_eq!(chunks(&"ab".repeat(1000), 100).count(), 1);
        assert_eq!(chunks("", 100).count(), 0);
    }
}

//! The tokeniser: a word is a longest run of letters, digits and underscores, in any script.
//!
//! Words are slices of the text, told apart by case, so that a word costs no allocation.

/// True for the characters that words are made of.
pub(crate) fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The words of `text` in order.
pub(crate) fn words(text: &str) -> Words<'_> {
    Words { text, at: 0 }
}

/// Iterator over the words of a text; `at` is always a character boundary.
#[derive(Debug)]
pub(crate) struct Words<'text> {
    text: &'text str,
    at: usize,
}

/// [`is_word`] for the first 128 characters.
static ASCII: [bool; 128] = {
    let mut table = [false; 128];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'_';
        byte += 1;
    }
    table
};

impl Words<'_> {
    /// Advances while `is_word` is `wanted`, and returns where it stops.
    #[inline]
    fn skip(&mut self, wanted: bool) -> usize {
        while let Some(&byte) = self.text.as_bytes().get(self.at) {
            if let Some(&is_word) = ASCII.get(usize::from(byte)) {
                if is_word != wanted {
                    break;
                }
                self.at += 1;
            } else {
                let letter = self.text[self.at..].chars().next().expect("not at the end");
                if is_word(letter) != wanted {
                    break;
                }
                self.at += letter.len_utf8();
            }
        }
        self.at
    }
}

impl<'text> Iterator for Words<'text> {
    type Item = &'text str;

    #[inline]
    fn next(&mut self) -> Option<&'text str> {
        let start = self.skip(false);
        let end = self.skip(true);
        (start < end).then(|| &self.text[start..end])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<&str> {
        words(text).collect()
    }

    #[test]
    fn words_are_runs_of_letters_digits_and_underscores() {
        assert_eq!(all("let x_1 = y.z(); // don't"), ["let", "x_1", "y", "z", "don", "t"]);
        assert_eq!(all("Zürich, Москва、東京\u{1f980}!"), ["Zürich", "Москва", "東京"]);
        assert!(all("").is_empty());
        assert!(all(" \n\t\u{feff}--\u{a0}").is_empty());
    }

    #[test]
    fn the_table_and_the_definition_agree() {
        for byte in 0..128u8 {
            assert_eq!(ASCII[usize::from(byte)], is_word(char::from(byte)), "{byte}");
        }
    }
}

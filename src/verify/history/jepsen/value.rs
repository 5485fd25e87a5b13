//! The values of event logs: the part of EDN that such logs use.

use core::fmt;
use serde::{Deserialize, Serialize};

/// A value in an event log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Value {
    /// `nil`.
    Nil,
    /// `-3`.
    Integer(i64),
    /// `:name`, without the colon.
    Keyword(String),
    /// `"text"`.
    Text(String),
    /// `[1 2]`; also `(1 2)` and `#{1 2}`.
    Vector(Vec<Value>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Integer(value)
    }
}

/// As a log writes it.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Nil => f.write_str("nil"),
            Value::Integer(value) => value.fmt(f),
            Value::Keyword(name) => write!(f, ":{name}"),
            Value::Text(text) => write!(f, "{text:?}"),
            Value::Vector(values) => {
                for (nth, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if nth == 0 { "[" } else { " " })?;
                }
                f.write_str(if values.is_empty() { "[]" } else { "]" })
            }
        }
    }
}

/// Vectors within vectors that are read at most: nobody has more, and each takes a part of the stack.
const DEPTH: usize = 64;

/// What is left of a line.
pub(super) struct Text<'a>(&'a str);

fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || letter == ','
}

fn ends_word(letter: char) -> bool {
    is_blank(letter) || "[](){}\";".contains(letter)
}

impl<'a> Text<'a> {
    pub(super) fn new(line: &'a str) -> Self {
        Text(line)
    }

    /// Whether blanks and a comment are all that is left.
    pub(super) fn is_at_end(&mut self) -> bool {
        self.0 = self.0.trim_start_matches(is_blank);
        self.0.is_empty() || self.0.starts_with(';')
    }

    /// Takes what stands before the next blank or bracket; possibly nothing.
    pub(super) fn word(&mut self) -> &'a str {
        self.0 = self.0.trim_start_matches(is_blank);
        let (word, rest) = self.0.split_at(self.0.find(ends_word).unwrap_or(self.0.len()));
        self.0 = rest;
        word
    }

    /// The value, after which nothing may follow.
    pub(super) fn only_value(&mut self) -> Result<Value, String> {
        if self.is_at_end() {
            return Err("the value is missing".into());
        }
        let value = self.value(DEPTH)?;
        if !self.is_at_end() {
            return Err(format!("{:?} follows the value", self.0));
        }
        Ok(value)
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        self.0 = self.0.trim_start_matches(is_blank);
        for (open, close) in [("[", ']'), ("(", ')'), ("#{", '}')] {
            if let Some(rest) = self.0.strip_prefix(open) {
                self.0 = rest;
                return self.values(close, depth);
            }
        }
        if let Some(rest) = self.0.strip_prefix('"') {
            self.0 = rest;
            return self.text();
        }
        match self.word() {
            "nil" => Ok(Value::Nil),
            word => match word.strip_prefix(':') {
                Some(name) if !name.is_empty() => Ok(Value::Keyword(name.into())),
                _ => self.integer(word),
            },
        }
    }

    fn integer(&self, word: &str) -> Result<Value, String> {
        let no_value = || {
            let what = if word.is_empty() { self.0 } else { word };
            format!("{what:?} is no value: nil, an integer of 64 bits, :name, \"text\" or [values]")
        };
        word.parse().map(Value::Integer).map_err(|_| no_value())
    }

    fn values(&mut self, close: char, depth: usize) -> Result<Value, String> {
        if depth == 0 {
            return Err(format!("more than {DEPTH} vectors within each other"));
        }
        let mut values = Vec::new();
        loop {
            if self.is_at_end() {
                return Err(format!("{close} is missing"));
            }
            if let Some(rest) = self.0.strip_prefix(close) {
                self.0 = rest;
                return Ok(Value::Vector(values));
            }
            values.push(self.value(depth - 1)?);
        }
    }

    /// What follows a quotation mark, up to the next.
    fn text(&mut self) -> Result<Value, String> {
        let mut text = String::new();
        let mut letters = self.0.chars();
        loop {
            let letter = match letters.next() {
                Some('"') => break,
                Some('\\') => match letters.next() {
                    Some('n') => Some('\n'),
                    Some('t') => Some('\t'),
                    Some('r') => Some('\r'),
                    Some(mark @ ('"' | '\\')) => Some(mark),
                    other => return Err(format!("a text with \\{}", other.unwrap_or(' '))),
                },
                other => other,
            };
            text.push(letter.ok_or("the text has no end")?);
        }
        self.0 = letters.as_str();
        Ok(Value::Text(text))
    }
}

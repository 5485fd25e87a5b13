//! Reads event logs in the style of Jepsen and Knossos, one event to a line, so that histories of
//! other systems can be judged:
//!
//! ```text
//! INFO  jepsen.util - 0    :invoke  :write  3
//! 0    :ok      :write  3
//! 1    :invoke  :cas    [3 4]
//! 1    :info    :cas    :timed-out
//! ```
//!
//! * A line is `process type operation value`, separated by blanks, tabs or commas. What precedes it
//!   up to ` - ` is the logger's and is skipped, as are blank lines, lines that begin with `;` or
//!   `# `, and events of `:nemesis`.
//! * `:invoke` begins a call; `:ok` ends it; `:fail` says that it did not happen, so it is left out;
//!   `:info` says that nobody knows, so it is pending for ever. What follows the operation of the
//!   last two is an explanation and is skipped.
//! * The number of the line is the time. So two events are never at one moment, and the order of the
//!   lines is believed: the log is to be written by one writer.
//! * A process that goes on after `:info` (Jepsen gives it a new number itself) becomes a new one,
//!   with a number above all others.
//!
//! [`register`], [`queue`], [`set`], [`counter`], [`mutex`] and [`map`] know the usual names of
//! operations; [`read`] takes a function for others.

mod ready;
mod value;

pub use ready::{counter, map, mutex, queue, register, set};
pub use value::Value;

use super::{Call, History, Returned};
use core::fmt;
use std::collections::HashMap;
use value::Text;

/// One call of a log, to be understood.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Who asked, by the log's number.
    pub process: usize,
    /// What, without its colon.
    pub operation: &'a str,
    /// The value that went with the question.
    pub asked: &'a Value,
    /// The value that came with the answer; `None`: pending.
    pub answered: Option<&'a Value>,
}

/// Reads a log. `meaning` says what a call is in terms of a specification, with a result if it was
/// answered, or why it is none.
///
/// ```
/// use counterpoint::verify::{history::jepsen::{self, Value}, spec::counter::{Answer, Operation}};
///
/// let log = "0 :invoke :increment nil\n0 :ok :increment 7\n";
/// let history = jepsen::read(log, |seen| match (seen.operation, seen.answered) {
///     ("increment", Some(Value::Integer(new))) => {
///         Ok((Operation::FetchAdd(1), Some(Answer::Value(new - 1))))
///     }
///     ("increment", None) => Ok((Operation::FetchAdd(1), None)),
///     (other, _) => Err(format!("a ticket machine does not know {other}")),
/// });
/// assert_eq!(history.unwrap().calls()[0].result(), Some(&Answer::Value(6)));
/// ```
///
/// # Errors
/// With the number of the first line that is no event, that does not fit what its process did
/// before, or that has no meaning.
pub fn read<O, R>(
    text: &str,
    mut meaning: impl FnMut(Seen<'_>) -> Result<(O, Option<R>), String>,
) -> Result<History<O, R>, Unreadable> {
    let mut log = Log { open: HashMap::new(), calls: Vec::new(), lives: HashMap::new() };
    for (line, text) in (1..).zip(text.lines()) {
        let unreadable = |why| Unreadable { line, why };
        if let Some(event) = Event::read(text).map_err(unreadable)? {
            log.enter(line, event, &mut meaning).map_err(unreadable)?;
        }
    }
    // What was never answered, in the order of the log.
    let mut open: Vec<_> = log.open.drain().collect();
    open.sort_by_key(|(_, open)| open.line);
    for (process, open) in open {
        let line = open.line;
        log.close(process, open, None, &mut meaning).map_err(|why| Unreadable { line, why })?;
    }
    log.finish()
}

/// What a log holds up to some line.
struct Log<'a, O, R> {
    /// Calls that have not ended, by process.
    open: HashMap<usize, Open<'a>>,
    /// Calls that have, with the life of their process.
    calls: Vec<(usize, Call<O, R>)>,
    /// How often a process has ended with a pending call.
    lives: HashMap<usize, usize>,
}

struct Open<'a> {
    line: u64,
    operation: &'a str,
    value: Value,
}

impl<'a, O, R> Log<'a, O, R> {
    fn enter(
        &mut self,
        line: u64,
        event: Event<'a>,
        meaning: &mut impl FnMut(Seen<'_>) -> Result<(O, Option<R>), String>,
    ) -> Result<(), String> {
        let Event { process, kind, operation, value } = event;
        let open = self.open.remove(&process);
        if let (Kind::Invoke, Some(open)) = (kind, &open) {
            return Err(format!("process {process} has asked in line {} already", open.line));
        }
        let Some(open) = open else {
            if kind != Kind::Invoke {
                return Err(format!("process {process} has asked nothing"));
            }
            let value = value.unwrap_or(Value::Nil);
            self.open.insert(process, Open { line, operation, value });
            return Ok(());
        };
        if open.operation != operation {
            let Open { line, operation: asked, .. } = open;
            return Err(format!("process {process} has asked :{asked}, in line {line}"));
        }
        match kind {
            Kind::Invoke | Kind::Fail => Ok(()),
            Kind::Info => self.close(process, open, None, meaning),
            Kind::Ok => self.close(process, open, value.map(|value| (line, value)), meaning),
        }
    }

    fn close(
        &mut self,
        process: usize,
        open: Open<'_>,
        answer: Option<(u64, Value)>,
        meaning: &mut impl FnMut(Seen<'_>) -> Result<(O, Option<R>), String>,
    ) -> Result<(), String> {
        let (asked, operation) = (&open.value, open.operation);
        let answered = answer.as_ref().map(|(_, value)| value);
        let (operation, result) = meaning(Seen { process, operation, asked, answered })?;
        let returned = match (answer, result) {
            (Some((at, _)), Some(result)) => Some(Returned { at, result }),
            (None, _) => None,
            (Some(_), None) => return Err("it is answered, but its meaning has no result".into()),
        };
        let life = self.lives.entry(process).or_default();
        let call = Call { process, operation, invoked: open.line, returned };
        let is_pending = call.returned.is_none();
        self.calls.push((*life, call));
        *life += usize::from(is_pending);
        Ok(())
    }

    /// Gives each later life of a process a number of its own.
    fn finish(mut self) -> Result<History<O, R>, Unreadable> {
        self.calls.sort_by_key(|(_, call)| call.invoked);
        let highest = self.calls.iter().map(|(_, call)| call.process).max().unwrap_or(0);
        let mut numbers = HashMap::new();
        for (life, call) in &mut self.calls {
            if *life > 0 {
                let next = numbers.len() + 1;
                let above = *numbers.entry((call.process, *life)).or_insert(next);
                call.process = highest.checked_add(above).ok_or_else(|| Unreadable {
                    line: call.invoked,
                    why: "the numbers of processes are too great".into(),
                })?;
            }
        }
        let calls = self.calls.into_iter().map(|(_, call)| call);
        Ok(History::new(calls).expect("a process asks when it has been answered"))
    }
}

/// A line.
struct Event<'a> {
    process: usize,
    kind: Kind,
    operation: &'a str,
    /// Of `:invoke` and `:ok`.
    value: Option<Value>,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Invoke,
    Ok,
    Fail,
    Info,
}

impl<'a> Event<'a> {
    /// `None`: a line that is to be skipped.
    fn read(line: &'a str) -> Result<Option<Self>, String> {
        let mut text = Text::new(line);
        if text.is_at_end() || line.trim_start().starts_with("# ") {
            return Ok(None);
        }
        let is_event = |word: &str| word.parse::<u64>().is_ok() || word.starts_with(':');
        let mut first = text.word();
        if !is_event(first) {
            // A logger's.
            let (_, event) = line.split_once(" - ").ok_or("no event: the process is missing")?;
            text = Text::new(event);
            first = text.word();
        }
        if first == ":nemesis" {
            return Ok(None);
        }
        let process = first.parse().map_err(|_| format!("{first:?} is no process"))?;
        let kind = match text.word() {
            ":invoke" => Kind::Invoke,
            ":ok" => Kind::Ok,
            ":fail" => Kind::Fail,
            ":info" => Kind::Info,
            other => return Err(format!("{other:?} is not :invoke, :ok, :fail or :info")),
        };
        let word = text.word();
        let operation = word.strip_prefix(':').filter(|name| !name.is_empty());
        let operation = operation.ok_or_else(|| format!("{word:?} is no operation"))?;
        let value = match kind {
            Kind::Invoke | Kind::Ok => Some(text.only_value()?),
            Kind::Fail | Kind::Info => None,
        };
        Ok(Some(Event { process, kind, operation, value }))
    }
}

/// A log that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    line: u64,
    why: String,
}

impl Unreadable {
    /// The line, counted from 1.
    pub fn line(&self) -> u64 {
        self.line
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

impl core::error::Error for Unreadable {}

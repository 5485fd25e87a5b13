//! Timelines: a history drawn, a row for each process, as text, SVG or HTML.
//!
//! ```
//! use counterpoint::verify::{history::{Call, History}, linear::timeline::Timeline};
//!
//! let history = History::new([
//!     Call::new(0, "push(1)", 100, 700, "true"),
//!     Call::new(1, "pop", 300, 90_000, "none"),
//!     Call::pending(0, "push(2)", 800),
//! ])?;
//! let timeline = Timeline::new(&history).highlight(&[1]);
//! assert_eq!(
//!     timeline.text(80),
//!     "\
//! process 0  |-\"push(1)\" -> \"true\"-| |-\"push(2)\"-...
//! process 1    |====\"pop\" -> \"none\"====|
//! "
//! );
//! # Ok::<(), counterpoint::verify::history::Malformed>(())
//! ```
//!
//! What is drawn is which call began and ended before which; how long they took is not. Where calls of
//! a process touch, that is, one begins in the moment in which the other ended, the drawing has to
//! set them apart. Where calls of a process overlap, since they were widened, each is drawn up to the
//! begin of the next.

mod html;
mod layout;
mod svg;
mod text;

use super::{super::history::History, judge::guarded};
use core::fmt::Debug;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A history, ready to be drawn.
#[derive(Clone, Debug)]
#[must_use = "a timeline is drawn by `text`, `svg` or `html`"]
pub struct Timeline {
    title: String,
    /// The process of each row.
    processes: Vec<usize>,
    bars: Vec<Bar>,
    /// How many ranks there are.
    ranks: usize,
}

/// One call.
#[derive(Clone, Debug)]
struct Bar {
    row: usize,
    operation: String,
    answer: Option<String>,
    /// The ranks of its begin and its end.
    begin: usize,
    end: Option<usize>,
    /// Up to which rank it is drawn: its end, or the next begin of its process.
    drawn: Option<usize>,
    /// Its times.
    invoked: u64,
    returned: Option<u64>,
    highlighted: bool,
}

impl Bar {
    /// The operation with its answer, if that says anything.
    fn label(&self) -> String {
        const LONGEST: usize = 48;
        let label = match self.answer.as_deref() {
            None | Some("()") => self.operation.clone(),
            Some(answer) => format!("{} -> {answer}", self.operation),
        };
        if label.chars().count() <= LONGEST {
            return label;
        }
        label.chars().take(LONGEST - 1).chain(['…']).collect()
    }
}

impl Timeline {
    /// The timeline of a history.
    pub fn new<O: Debug, R: Debug>(history: &History<O, R>) -> Self {
        let calls = history.calls();
        let processes: BTreeSet<usize> = calls.iter().map(|call| call.process).collect();
        let processes: Vec<usize> = processes.into_iter().collect();
        let moments = moments(history);
        let ranks: BTreeMap<Moment, usize> = moments
            .iter()
            .flat_map(|(begin, end)| [Some(*begin), *end])
            .flatten()
            .collect::<BTreeSet<Moment>>()
            .into_iter()
            .zip(0..)
            .collect();
        let bars = calls.iter().zip(&moments).map(|(call, (begin, end))| Bar {
            row: processes.partition_point(|process| *process < call.process),
            operation: shown(&call.operation),
            answer: call.result().map(shown),
            begin: ranks[begin],
            end: end.map(|end| ranks[&end]),
            drawn: end.map(|end| ranks[&end]),
            invoked: call.invoked,
            returned: call.returned.as_ref().map(|returned| returned.at),
            highlighted: false,
        });
        let mut bars: Vec<Bar> = bars.collect();
        let mut next_begin = HashMap::new();
        for bar in bars.iter_mut().rev() {
            let next = next_begin.insert(bar.row, bar.begin);
            bar.drawn = bar.drawn.map(|end| next.map_or(end, |next| end.min(next)));
        }
        Timeline { title: "history".to_owned(), bars, ranks: ranks.len(), processes }
    }

    /// With a title, for SVG and HTML.
    pub fn title(mut self, title: &str) -> Self {
        title.clone_into(&mut self.title);
        self
    }

    /// With some calls highlighted, by their index in the history; none has an index beyond its end.
    pub fn highlight(mut self, calls: &[usize]) -> Self {
        for &call in calls {
            if let Some(bar) = self.bars.get_mut(call) {
                bar.highlighted = true;
            }
        }
        self
    }

    /// A row of text for each process, in several bands where it is wider than `width` (at least
    /// 40). Highlighted calls are drawn with `=`. Of a long history the end is shown.
    pub fn text(&self, width: usize) -> String {
        text::draw(self, width)
    }

    /// An SVG picture with the title above. Light or dark as the viewer prefers.
    pub fn svg(&self) -> String {
        svg::draw(self, true)
    }

    /// A page that stands alone: the title, the picture, and a table of the calls.
    pub fn html(&self) -> String {
        html::draw(self)
    }
}

/// A value as its `Debug` shows it, without control characters, which would break the line.
pub(super) fn shown(value: &impl Debug) -> String {
    let text = guarded(|| format!("{value:?}"));
    let text = text.unwrap_or_else(|_| "(no name: Debug panicked)".to_owned());
    let mut line = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter.is_control() {
            true => line.extend(letter.escape_debug()),
            false => line.push(letter),
        }
    }
    line
}

/// A time, and what in it comes before what.
type Moment = (u64, usize);

/// When each call begins and ends.
///
/// In one time, what begins comes before what ends, since such calls overlap; but a call of a process
/// comes after the one that it touches, and begins after the one before it began.
fn moments<O, R>(history: &History<O, R>) -> Vec<(Moment, Option<Moment>)> {
    let mut last: HashMap<usize, [Option<Moment>; 2]> = HashMap::new();
    let place = |call: &super::super::history::Call<O, R>| {
        let before = last.get(&call.process).into_iter().flatten().flatten();
        let touched = before.filter(|moment| moment.0 == call.invoked).map(|moment| moment.1 + 1);
        let begin = (call.invoked, touched.max().unwrap_or(0));
        let end = call.returned.as_ref().map(|returned| match returned.at == call.invoked {
            true => (returned.at, begin.1 + 1),
            false => (returned.at, 1),
        });
        last.insert(call.process, [Some(begin), end]);
        (begin, end)
    };
    history.calls().iter().map(place).collect()
}

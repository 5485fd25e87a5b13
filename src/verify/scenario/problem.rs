//! What is wrong, and how to see it again.

use super::{
    Runner,
    execution::{self, Declared},
    token::Token,
};
use crate::verify::{
    history::History,
    linear::{report::folder, timeline::Timeline},
    spec::SequentialSpec,
};
use core::fmt;
use std::{
    fs,
    path::{self, PathBuf},
};

/// A scenario that failed, and how.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The scenario's name.
    pub scenario: String,
    /// Who found it; `None` when nothing ran.
    pub runner: Option<Runner>,
    /// Which execution or round it was, counted from 1; 0 when it is about all of them.
    pub run: usize,
    /// What is wrong, in a line.
    pub message: String,
    /// The operations of each thread.
    pub operations: Option<String>,
    /// Who did what, step by step; of engines.
    pub table: Option<String>,
    /// What was asked and answered, and when.
    pub timeline: Option<String>,
    /// The timeline as a page on disk.
    pub page: Option<PathBuf>,
    /// Runs it again: a variable of the environment and its value.
    pub replay: Option<String>,
}

impl Problem {
    /// About a scenario as a whole.
    pub(super) fn other(scenario: &str, message: String) -> Box<Self> {
        Box::new(Problem {
            scenario: scenario.to_owned(),
            runner: None,
            run: 0,
            message,
            operations: None,
            table: None,
            timeline: None,
            page: None,
            replay: None,
        })
    }

    /// About all executions of a runner.
    pub(super) fn of_runner(scenario: &str, runner: Runner, message: String) -> Box<Self> {
        Box::new(Problem { runner: Some(runner), ..*Self::other(scenario, message) })
    }

    /// About one execution.
    pub(super) fn of_run<S: SequentialSpec, T>(
        declared: &Declared<S, T>,
        (runner, run): (Runner, usize),
        message: String,
        what: Option<String>,
    ) -> Self {
        let replay = what.map(|what| Token { scenario: declared.id(), runner, what }.to_string());
        let operations = Some(declared.operations());
        Problem { run, replay, operations, ..*Self::of_runner(&declared.name, runner, message) }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem { scenario, runner, run, message, operations, table, .. } = self;
        let Problem { timeline, page, replay, .. } = self;
        write!(f, "scenario {scenario}")?;
        if let Some(runner) = runner {
            write!(f, " [{runner}]")?;
        }
        if *run > 0 {
            write!(f, ", run {run}")?;
        }
        write!(f, ": {message}")?;
        if let Some(operations) = operations {
            write!(f, "\n{operations}")?;
        }
        if let Some(table) = table {
            write!(f, "\n\n{}", table.trim_end())?;
        }
        if let Some(timeline) = timeline {
            write!(f, "\n\n{}", timeline.trim_end())?;
        }
        if let Some(page) = page {
            write!(f, "\n\nas a page: {}", page.display())?;
        }
        if let Some(replay) = replay {
            write!(f, "\n\nto run it again: {replay}")?;
        }
        Ok(())
    }
}

impl core::error::Error for Problem {}

/// The widest timeline as text.
const WIDTH: usize = 100;

/// Adds the timeline of a history to a problem, and its page.
pub(super) fn draw<S, T>(
    problem: &mut Problem,
    declared: &Declared<S, T>,
    history: Option<&History<S::Operation, S::Result>>,
) where
    S: SequentialSpec,
{
    let Some(history) = history.filter(|history| !history.is_empty()) else { return };
    let (explanation, culprit) = execution::explanation(declared, history).unzip();
    if let Some(explanation) = explanation.filter(|known| *known != problem.message) {
        problem.message = format!("{explanation} ({})", problem.message);
    }
    let (title, culprit) = (format!("{}: {}", declared.name, problem.message), culprit.flatten());
    let timeline = Timeline::new(history).title(&title).highlight(culprit.as_slice());
    problem.timeline = Some(timeline.text(WIDTH));
    let runner = problem.runner.map(|runner| format!("-{runner}")).unwrap_or_default();
    let name = format!("{}{runner}.html", declared.file());
    problem.page = write(&name, &timeline.html());
}

/// A file beside the reports of the checker.
pub(super) fn write(name: &str, text: &str) -> Option<PathBuf> {
    let folder = folder();
    fs::create_dir_all(&folder).ok()?;
    let file = path::absolute(folder.join(name)).ok()?;
    fs::write(&file, text).ok()?;
    Some(file)
}

//! The report, as text for people or as JSON for programs.
//!
//! Both say the same. Text keeps long lists short and says how many lines it left out.

use std::fmt::Display;
use std::io::{self, Write};

use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::check::Difference;
use crate::corpus::Corpus;
use crate::count::Counts;
use crate::measure::{Measurement, Run, SHORTEST, SpeedUp};
use crate::problem::{self, Reason};

/// Lines of a list that may be long.
const LINES: usize = 5;

/// Characters of a word that may be long.
const LETTERS: usize = 40;

/// Writes the report as text.
pub(crate) fn text(
    out: &mut impl Write,
    arguments: &Arguments,
    corpus: &Corpus,
    measurement: &Measurement<'_>,
) -> io::Result<()> {
    let counts = &measurement.threads.counts;
    for (word, count) in top(counts, arguments.top) {
        writeln!(out, "{count:>12}  {}", shortened(word))?;
    }
    let (total, files, bytes) = (total(counts), corpus.files(), megabytes(corpus));
    let distinct = counts.len();
    writeln!(out, "{total:>12}  words, {distinct} distinct, in {files} files, {bytes:.1} MB")?;
    write_problems(out, corpus)?;
    writeln!(out)?;
    for run in [&measurement.sequential, &measurement.one_thread, &measurement.threads] {
        let (time, speed) = (run.time().as_secs_f64(), bytes / run.time().as_secs_f64());
        let rounds = run.times.len();
        writeln!(out, "{:<20} {time:>8.3} s {speed:>8.1} MB/s  median of {rounds}", run.way)?;
    }
    for (name, slower) in comparisons(measurement) {
        match measurement.threads.speed_up_over(slower) {
            Some(SpeedUp { median, least, most }) => writeln!(
                out,
                "{} over {name}: {median:.2} times as fast ({least:.2} to {most:.2})",
                measurement.threads.way,
            )?,
            None => writeln!(
                out,
                "{} over {name}: too short to compare, a run must take {SHORTEST:?}",
                measurement.threads.way,
            )?,
        }
    }
    write_checks(out, measurement)
}

fn write_problems(out: &mut impl Write, corpus: &Corpus) -> io::Result<()> {
    let left_out = corpus.problems.len();
    if left_out == 0 {
        return Ok(());
    }
    let [not_utf8, unreadable, vanished, not_regular] = problem::count(&corpus.problems);
    writeln!(
        out,
        "{left_out:>12}  left out: {not_utf8} not UTF-8, {unreadable} unreadable, \
         {vanished} vanished, {not_regular} not regular files"
    )?;
    write_list(out, &corpus.problems, |problem| {
        format!("{}: {}", problem.path.display(), problem.reason)
    })
}

fn write_checks(out: &mut impl Write, measurement: &Measurement<'_>) -> io::Result<()> {
    let Some(checks) = &measurement.checks else { return Ok(()) };
    for check in checks.iter().filter(|check| !check.differences.is_empty()) {
        let (way, round, differing) = (check.way, check.round, check.differences.len());
        writeln!(out, "check: {way}, round {round}: {differing} words differ")?;
        write_list(out, &check.differences, |Difference { word, expected, found }| {
            format!("{}: {found} instead of {expected}", shortened(word))
        })?;
    }
    if !measurement.differs() {
        let (runs, words) = (checks.len(), measurement.sequential.counts.len());
        writeln!(out, "check: {runs} shared counts agree with the sequential, {words} words each")?;
    }
    Ok(())
}

fn write_list<T>(out: &mut impl Write, list: &[T], line: impl Fn(&T) -> String) -> io::Result<()> {
    for item in list.iter().take(LINES) {
        writeln!(out, "{:14}{}", "", line(item))?;
    }
    match list.len().saturating_sub(LINES) {
        0 => Ok(()),
        more => writeln!(out, "{:14}and {more} more; --json names them all", ""),
    }
}

/// Writes the report as one JSON object, with every path that was left out and every difference.
pub(crate) fn json(
    out: &mut impl Write,
    arguments: &Arguments,
    corpus: &Corpus,
    measurement: &Measurement<'_>,
) -> io::Result<()> {
    let counts = &measurement.threads.counts;
    let left_out = problem::count(&corpus.problems);
    let left_out: Value = Reason::NAMES.into_iter().zip(left_out).collect();
    let speed_up = |slower: &Run<'_>| match measurement.threads.speed_up_over(slower) {
        Some(SpeedUp { median, least, most }) => {
            json!({ "median": median, "least": least, "most": most })
        }
        None => Value::Null,
    };
    let report = json!({
        "files": corpus.files(),
        "bytes": corpus.bytes(),
        "words": total(counts),
        "distinct_words": counts.len(),
        "top": list(&top(counts, arguments.top), |(word, count)| {
            json!({ "word": word, "count": count })
        }),
        "left_out": left_out,
        "problems": list(&corpus.problems, |problem| json!({
            "path": problem.path.to_string_lossy(),
            "reason": problem.reason.name(),
            "message": problem.reason.to_string(),
        })),
        "runs": {
            "sequential": run(corpus, &measurement.sequential),
            "one_thread": run(corpus, &measurement.one_thread),
            "threads": run(corpus, &measurement.threads),
        },
        "threads": arguments.threads,
        "speed_up": comparisons(measurement)
            .map(|(name, slower)| (name.replace(' ', "_"), speed_up(slower)))
            .into_iter()
            .collect::<Value>(),
        "check": measurement.checks.as_ref().map(|checks| json!({
            "agrees": !measurement.differs(),
            "runs": list(checks, |check| json!({
                "run": check.way.to_string(),
                "round": check.round,
                "differences": list(&check.differences, |difference| json!({
                    "word": difference.word,
                    "expected": difference.expected,
                    "found": difference.found,
                })),
            })),
        })),
    });
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}

fn list<T>(items: &[T], item: impl Fn(&T) -> Value) -> Value {
    items.iter().map(item).collect()
}

fn run(corpus: &Corpus, run: &Run<'_>) -> Value {
    let seconds: Vec<f64> = run.times.iter().map(|time| time.as_secs_f64()).collect();
    json!({
        "seconds": seconds,
        "median_seconds": run.time().as_secs_f64(),
        "megabytes_per_second": megabytes(corpus) / run.time().as_secs_f64(),
    })
}

/// What the run with all threads is compared with.
fn comparisons<'m, 'text>(
    measurement: &'m Measurement<'text>,
) -> [(&'static str, &'m Run<'text>); 2] {
    [("one thread", &measurement.one_thread), ("sequential", &measurement.sequential)]
}

/// The most frequent words; those that are equally frequent in the order of the words.
fn top<'text>(counts: &Counts<'text>, length: usize) -> Counts<'text> {
    let mut top = counts.clone();
    top.sort_by(|(_, a), (_, b)| b.cmp(a));
    top.truncate(length);
    top
}

fn total(counts: &Counts<'_>) -> u64 {
    counts.iter().map(|(_, count)| count).sum()
}

fn megabytes(corpus: &Corpus) -> f64 {
    corpus.bytes() as f64 / 1e6
}

fn shortened(word: &str) -> impl Display {
    match word.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", &word[..end]),
        None => word.to_owned(),
    }
}

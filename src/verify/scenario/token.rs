//! Replay tokens: `COUNTERPOINT_REPLAY=SCENARIO/RUNNER/WHAT`, in which WHAT is
//! * for our own engines and for shuttle the schedule: who went on at each step, `2x3.0` for "2 three
//!   times, then 0";
//! * for loom, which takes no schedule, the number of the execution;
//! * for real threads the file of the history.

use super::{Problem, Runner};
use core::hash::{Hash, Hasher};
use std::hash::DefaultHasher;

/// The environment variable.
pub(super) const VARIABLE: &str = "COUNTERPOINT_REPLAY";

/// What to run again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) scenario: String,
    pub(super) runner: Runner,
    pub(super) what: String,
}

impl Token {
    /// The token of the environment, if there is one.
    ///
    /// # Errors
    /// When it cannot be read; it is then a problem of whichever scenario asks.
    pub(super) fn of_environment(scenario: &str) -> Result<Option<Self>, Box<Problem>> {
        let Ok(text) = std::env::var(VARIABLE) else { return Ok(None) };
        let wrong = |why| Problem::other(scenario, format!("{VARIABLE}={text}: {why}"));
        Token::parse(&text).map(Some).map_err(wrong)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut parts = text.splitn(3, '/');
        let (Some(scenario), Some(runner), Some(what)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err("a token is SCENARIO/RUNNER/WHAT".to_owned());
        };
        let found = Runner::ALL.into_iter().find(|known| known.to_string() == runner);
        let runner = found.ok_or_else(|| format!("there is no runner `{runner}`"))?;
        Ok(Token { scenario: scenario.to_owned(), runner, what: what.to_owned() })
    }
}

impl core::fmt::Display for Token {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Token { scenario, runner, what } = self;
        write!(f, "{VARIABLE}={scenario}/{runner}/{what}")
    }
}

/// What names a scenario in a token: its name as one word, and a digest of whatever else tells it
/// from others of that name.
pub(super) fn id(name: &str, of: impl Hash) -> String {
    let mut hasher = DefaultHasher::new();
    (name, of).hash(&mut hasher);
    format!("{}-{:08x}", slug(name), hasher.finish() as u32)
}

/// A name as one word.
pub(super) fn slug(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

/// A schedule as text.
#[cfg(feature = "engine")]
pub(super) fn schedule_to_text(schedule: &[usize]) -> String {
    let runs = schedule.chunk_by(|one, next| one == next).map(|run| match run {
        [one] => one.to_string(),
        run => format!("{}x{}", run[0], run.len()),
    });
    runs.collect::<Vec<_>>().join(".")
}

/// A schedule from text.
///
/// # Errors
/// What cannot be read.
#[cfg(feature = "engine")]
pub(super) fn schedule_from_text(text: &str) -> Result<Vec<usize>, String> {
    /// No schedule that an engine runs is longer.
    const LONGEST: usize = 10_000_000;
    let mut schedule = Vec::new();
    for run in text.split('.').filter(|run| !run.is_empty()) {
        let (thread, times) = run.split_once('x').unwrap_or((run, "1"));
        let (Ok(thread), Ok(times)) = (thread.parse::<usize>(), times.parse::<usize>()) else {
            return Err(format!("`{run}` is not THREAD or THREADxTIMES"));
        };
        if times > LONGEST - schedule.len() {
            return Err(format!("more than {LONGEST} steps"));
        }
        schedule.extend(std::iter::repeat_n(thread, times));
    }
    Ok(schedule)
}

#[cfg(all(test, feature = "engine"))]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_its_text() {
        let schedule = [0, 0, 0, 1, 2, 2, 0];
        let what = schedule_to_text(&schedule);
        assert_eq!(what, "0x3.1.2x2.0");
        assert_eq!(schedule_from_text(&what).unwrap(), schedule);
        let scenario = slug("queue: push and pop");
        let token = Token { scenario, runner: Runner::BruteForce, what };
        let text = token.to_string();
        let text = text.strip_prefix(VARIABLE).unwrap().strip_prefix('=').unwrap();
        assert_eq!(text, "queue-push-and-pop/brute-force/0x3.1.2x2.0");
        assert_eq!(Token::parse(text).unwrap(), token);
    }

    #[test]
    fn what_is_no_token_is_refused_with_a_reason() {
        for (text, why) in [
            ("", "SCENARIO/RUNNER/WHAT"),
            ("a/b", "SCENARIO/RUNNER/WHAT"),
            ("a/loom/1", "no runner `loom`"),
        ] {
            assert!(Token::parse(text).unwrap_err().contains(why), "{text}");
        }
        for (text, why) in [("0x", "THREADxTIMES"), ("1.y", "`y`"), ("0x99999999999", "more than")]
        {
            assert!(schedule_from_text(text).unwrap_err().contains(why), "{text}");
        }
    }
}

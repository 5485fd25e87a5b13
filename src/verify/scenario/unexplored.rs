//! The other side of `explored.rs`, in a build without an engine: nobody calls it, since no engine is
//! available.

use super::{Problem, Report, Runner, execution::Declared, settings::Settings};
use crate::verify::spec::SequentialSpec;
use std::sync::Arc;

/// No engine is available.
pub(super) const fn is_available(_: Runner) -> bool {
    false
}

/// No engine runs anything.
pub(super) fn run<S: SequentialSpec, T>(
    declared: &Arc<Declared<S, T>>,
    _: &Settings,
    runner: Runner,
    _: Option<&str>,
) -> Result<Report, Box<Problem>> {
    let message = "this build has no engine: turn the feature `engine` on".to_owned();
    Err(Problem::of_runner(&declared.name, runner, message))
}

//! The oracle: brute force runs every interleaving, and an engine that reduces must show the same
//! behaviours. For small models: the number of interleavings is exponential.
//!
//! A behaviour is, for each thread, the list of its accesses to atomics with the value seen and
//! whether an exchange succeeded. (The set of *outcomes* would not tell: an engine that loses a
//! third of the behaviours may still show every outcome.)

use super::model::{Engine, Model};
use crate::facade::engine::{self, Behaviour, Exploration};
use std::{collections::BTreeSet, sync::Arc};

/// What both engines have seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Interleavings that brute force ran.
    pub interleavings: usize,
    /// Executions that the reducing engine ran.
    pub iterations: usize,
    /// Behaviours, the same ones in both.
    pub behaviours: usize,
}

/// Runs `body` under brute force and under [`Engine::Interleavings`]; see [`compare_with`].
///
/// # Panics
/// When the behaviours differ, or an execution fails.
#[track_caller]
pub fn compare<O>(
    name: impl Into<String>,
    body: impl Fn() -> O + Send + Sync + 'static,
) -> Comparison {
    compare_with(Engine::Interleavings, Model::new(name), body)
}

/// Runs `body` under brute force and under `reducing`, with the settings of a model but for its
/// bounds.
///
/// # Panics
/// When the behaviours differ, or an execution fails; when this build does not have the engine.
#[track_caller]
pub fn compare_with<O>(
    reducing: Engine,
    model: Model,
    body: impl Fn() -> O + Send + Sync + 'static,
) -> Comparison {
    let (name, body) = (model.name(), Arc::new(body));
    let run = |engine| -> Exploration {
        let body = body.clone();
        let settings =
            engine::Settings { record: true, preemption_bound: None, ..model.settings(engine) };
        match engine::explore(settings, move || drop(body())) {
            Ok(exploration) => exploration,
            Err(failure) => panic!("oracle {name} [{engine}]: {}", failure.message),
        }
    };
    let (all, reduced) = (run(Engine::BruteForce), run(reducing));
    let comparison = Comparison {
        interleavings: all.iterations,
        iterations: reduced.iterations,
        behaviours: all.behaviours.len(),
    };
    let Comparison { interleavings, iterations, behaviours } = comparison;
    println!(
        "oracle {name}: {interleavings} interleavings by brute force, {iterations} iterations by \
         {reducing}, {behaviours} and {} behaviours",
        reduced.behaviours.len()
    );
    agree(name, &all.behaviours, &reduced.behaviours);
    comparison
}

#[track_caller]
fn agree(name: &str, all: &BTreeSet<Behaviour>, reduced: &BTreeSet<Behaviour>) {
    for (these, those, what) in [(all, reduced, "missing"), (reduced, all, "impossible")] {
        let only: Vec<&Behaviour> = these.difference(those).collect();
        if let Some(first) = only.first() {
            panic!("oracle {name}: {} behaviours are {what}; the first:{first}", only.len());
        }
    }
}

//! The oracle: brute force runs every interleaving, and the engine that reduces must show the same
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

/// Runs `body` under brute force and under [`Engine::Interleavings`]; see [`compare_model`].
///
/// # Panics
/// When the behaviours differ, or an execution fails.
#[track_caller]
pub fn compare<O>(
    name: impl Into<String>,
    body: impl Fn() -> O + Send + Sync + 'static,
) -> Comparison {
    compare_model(Model::new(name), body)
}

/// [`compare`] with the settings of a model.
///
/// # Panics
/// When the behaviours differ, or an execution fails; when this build does not have the engine.
#[track_caller]
pub fn compare_model<O>(model: Model, body: impl Fn() -> O + Send + Sync + 'static) -> Comparison {
    let body = Arc::new(body);
    let run = |engine| {
        let body = body.clone();
        match engine::explore(model.settings(engine, true), move || drop(body())) {
            Ok(exploration) => exploration,
            Err(failure) => panic!("oracle {} [{engine}]: {}", model.name(), failure.message),
        }
    };
    let brute: Exploration = run(Engine::BruteForce);
    let loom: Exploration = run(Engine::Interleavings);
    let comparison = Comparison {
        interleavings: brute.iterations,
        iterations: loom.iterations,
        behaviours: brute.behaviours.len(),
    };
    println!(
        "oracle {}: {} interleavings by brute force, {} iterations, {} and {} behaviours",
        model.name(),
        brute.iterations,
        loom.iterations,
        brute.behaviours.len(),
        loom.behaviours.len()
    );
    agree(model.name(), &brute.behaviours, &loom.behaviours);
    comparison
}

#[track_caller]
fn agree(name: &str, brute: &BTreeSet<Behaviour>, loom: &BTreeSet<Behaviour>) {
    let differences = [(brute, loom, "missing"), (loom, brute, "impossible")];
    for (all, other, what) in differences {
        let only: Vec<&Behaviour> = all.difference(other).collect();
        if let Some(first) = only.first() {
            panic!("oracle {name}: {} behaviours are {what}; the first:{first}", only.len());
        }
    }
}

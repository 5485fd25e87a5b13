//! What the models of structures share: values whose every use an engine sees, keys whose place in
//! a map is chosen, and the backends that each model runs over.

#![allow(dead_code, unused_imports, reason = "each model uses its part")]

#[path = "../../tests/common/backends.rs"]
mod backends;
#[path = "../../tests/common/hashers.rs"]
mod hashers;

pub(crate) use backends::{BACKENDS, Backend};
pub(crate) use hashers::Placed;

use counterpoint::verify::{model::Model, shim::UnsafeCell};
use std::hash::{Hash, Hasher};

/// A value whose reads and whose drop an engine checks against each other.
pub(crate) struct Value(UnsafeCell<u32>);

// SAFETY: the engine reports any race on the cell.
unsafe impl Send for Value {}
// SAFETY: as above.
unsafe impl Sync for Value {}

impl Value {
    pub(crate) fn new(value: u32) -> Self {
        Value(UnsafeCell::new(value))
    }

    /// Reads it.
    pub(crate) fn get(&self) -> u32 {
        // SAFETY: nothing writes but the drop, and the engine reports a drop too early.
        self.0.with(|value| unsafe { *value })
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        // SAFETY: owned alone, or the engine reports it.
        self.0.with_mut(|value| unsafe { *value = u32::MAX });
    }
}

/// A key with a chosen order in the list of a map (see `Placed`), and a name among keys of one
/// order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    /// The highest 16 bits of the order.
    pub(crate) place: u16,
    pub(crate) name: u8,
}

/// The key of a place that it has to itself.
pub(crate) const fn key(place: u16) -> Key {
    Key { place, name: 0 }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(u64::from(self.place) << 48);
    }
}

impl Backend {
    /// A model over this backend, of which at most `bound` preemptions are affordable.
    pub(crate) fn model(&self, name: &str, bound: Option<usize>) -> Model {
        let model = Model::new(format!("{name}, {}", self.name));
        match (self.bounds, bound) {
            (Some((interleavings, weak)), _) => {
                model.bound(interleavings).weak_bound(weak).deep_bound(2)
            }
            (None, Some(bound)) => model.bound(bound),
            (None, None) => model,
        }
    }
}

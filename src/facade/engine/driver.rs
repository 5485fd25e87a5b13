//! What an exploration engine must offer. Each engine is one file that implements [`Driver`]: loom
//! in its two passes, brute force; the next one starts here.
//!
//! All of it runs on one OS thread: the threads of a model are coroutines.

use super::Rmw;
use core::sync::atomic::Ordering;
use std::rc::Rc;

/// One engine, during one execution.
pub(super) trait Driver {
    /// A word that holds `value`, made by the thread that runs now.
    fn word(&self, value: usize) -> Rc<dyn DrivenWord>;
    /// A cell, made by the thread that runs now.
    fn cell(&self) -> Rc<dyn DrivenCell>;
    /// A marker; see [`Marker`].
    fn marker(&self) -> Rc<dyn Marker>;
    /// A marker that every engine sees, for the boundaries of operations.
    fn boundary(&self) -> Rc<dyn Marker> {
        self.marker()
    }
    /// A fence.
    fn fence(&self, order: Ordering);
    /// The thread waits: others shall run before it goes on.
    fn wait(&self);
    /// Starts a thread; what is returned joins it.
    fn spawn(&self, body: Box<dyn FnOnce()>) -> Box<dyn FnOnce()>;
    /// How many threads an execution may have, its main thread included.
    fn max_threads(&self) -> usize;
}

/// One atomic word.
pub(super) trait DrivenWord {
    fn load(&self, order: Ordering) -> usize;
    fn store(&self, value: usize, order: Ordering);
    fn rmw(&self, rmw: Rmw, order: Ordering) -> usize;
    fn compare_exchange(
        &self,
        current: usize,
        new: usize,
        success: Ordering,
        failure: Ordering,
    ) -> Result<usize, usize>;
    /// A change that orders memory but is no scheduling point; the value means nothing.
    fn order(&self, order: Ordering);
    /// A read by who owns the word alone: no scheduling point.
    fn load_mut(&self) -> usize;
    /// A write by who owns the word alone: no scheduling point.
    fn store_mut(&self, value: usize);
}

/// One cell: reports accesses that nothing orders.
pub(super) trait DrivenCell {
    /// A shared access that lasts while `f` runs.
    fn read(&self, f: &mut dyn FnMut());
    /// An exclusive access that lasts while `f` runs.
    fn write(&self, f: &mut dyn FnMut());
}

/// A place for steps that an engine does not see otherwise: each visit is a scheduling point, which
/// depends on every other visit of the same marker unless both read, and orders no memory. What a
/// thread does after its visit, up to its next access, is one step with it.
pub(super) trait Marker {
    fn read(&self, thread: usize);
    fn write(&self);
}

//! The critical section: mutual exclusion against other threads and against interrupts.
//!
//! # Ordering
//! * `[P1]` A section sees all that happened before the end of each earlier one.
//!
//! Inside a model a section is one step: nothing in it lets an engine run another thread. So one
//! read-modify-write stands for all of it, entry and exit. (Were there a second one for the exit,
//! others could come between the two, and a thread that leaves would acquire from sections that in
//! truth come after its own.)
//!
//! **Checked by**: the models of every structure over the backend `critical`.

use super::{
    atomic::{AtomicUsize, Ordering},
    engine, hint,
};

/// What an engine sees of the section: one word that every section changes.
static PASSAGES: AtomicUsize = AtomicUsize::root();

/// Runs `f` while nobody else is in any critical section. `f` must be short and must not call
/// code of a user.
///
/// # Panics
/// Inside a model when `f` reaches what an engine sees: an atomic or a cell of the facade, a fence,
/// a node, another section. It would be no single step, and what the engine shows would be wrong.
pub(crate) fn critical_section<R>(f: impl FnOnce() -> R) -> R {
    if !engine::active() {
        return critical_section::with(|_| f());
    }
    // [P1] Acquire: earlier sections, and what came before them. Release: for later ones.
    PASSAGES.fetch_add(1, Ordering::AcqRel);
    engine::one_step(f)
}

/// As [`critical_section`], for an `f` that reaches what an engine sees. Inside a model it is no
/// single step then, but a lock: all such sections exclude each other, and nothing else. One within
/// another is part of it.
pub(crate) fn exclusive_section<R>(f: impl FnOnce() -> R) -> R {
    if !engine::active() {
        return critical_section::with(|_| f());
    }
    let key = &raw const TAKEN as usize;
    if engine::is_holder(key) {
        return f();
    }
    // [P1] Acquire and Release, as a lock. Relaxed: nothing was taken.
    while TAKEN.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed).is_err() {
        hint::spin_loop();
    }
    engine::set_holder(key, true);
    let result = f();
    engine::set_holder(key, false);
    TAKEN.swap(0, Ordering::Release); // [P1]
    result
}

/// In a model, whether somebody is in an [`exclusive_section`].
static TAKEN: AtomicUsize = AtomicUsize::root();

#[cfg(all(test, feature = "engine"))]
mod tests {
    use super::{
        super::{
            atomic::fence,
            cell::UnsafeCell,
            engine::{Engine, Settings, explore},
            hint,
        },
        AtomicUsize, Ordering, critical_section,
    };
    use std::panic::catch_unwind;

    static WORD: AtomicUsize = AtomicUsize::root();

    /// What an execution says in which a thread does that.
    fn said(body: impl Fn() + Send + Sync + 'static) -> Option<String> {
        let settings = Settings {
            engine: Engine::Interleavings,
            roots: 2,
            cells: 0,
            max_branches: 100,
            preemption_bound: None,
            checkpoint_interval: 100,
            record: false,
            may_leak: false,
            limit: None,
            seed: 0,
            given: None,
        };
        explore(settings, body).err().map(|failure| failure.message)
    }

    #[test]
    fn a_section_that_reaches_what_engines_see_is_refused() {
        let reaches: [fn(); 5] = [
            || assert_eq!(WORD.load(Ordering::Relaxed), 0),
            || UnsafeCell::new(0).with(|_| ()),
            || fence(Ordering::SeqCst),
            hint::spin_loop,
            || critical_section(|| ()),
        ];
        for (number, reach) in reaches.into_iter().enumerate() {
            let said = said(move || critical_section(reach)).unwrap_or_default();
            assert!(said.contains("which models show as one step"), "{number}: {said:?}");
        }
    }

    #[test]
    fn what_comes_after_a_section_is_free_again_also_if_it_panicked() {
        let said = said(|| {
            critical_section(|| ());
            assert_eq!(WORD.load(Ordering::Relaxed), 0);
            assert!(catch_unwind(|| critical_section(|| panic!("inside"))).is_err());
            assert_eq!(WORD.load(Ordering::Relaxed), 0);
        });
        assert_eq!(said, None);
    }
}

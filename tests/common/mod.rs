//! What all tests share: every configuration a test runs under, how much of it, on which seed, and
//! the accounts that say whether each value was dropped exactly once.
//!
//! | variable | meaning |
//! |---|---|
//! | `COUNTERPOINT_STRESS` | how much of everything: 1 unless set, 10 for a long run, 0.1 under a slow tool |
//! | `COUNTERPOINT_SEED` | the seed that a failed run printed |
#![allow(dead_code, unused_macros, unused_imports, reason = "each test binary uses its part")]

mod accounts;
mod backends;
mod hashers;
mod parked;
mod random;
mod tasks;

pub(crate) use accounts::{Accounts, Counted};
pub(crate) use backends::{BACKENDS, Backend};
pub(crate) use hashers::{Colliding, Constant, Identity, Placed};
pub(crate) use parked::Parked;
pub(crate) use random::{Random, property, seed};
pub(crate) use tasks::{Bell, Panics, Task, block_on};

use counterpoint::reclaim::{Collector, Domain, PrivateCollector};
use std::{
    sync::{
        LazyLock, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
};

/// Threads of a stress test: more than the processors that most machines of a CI have.
pub(crate) const THREADS: usize = 4;

/// So much of `count` as this build and this run are to do; at least one.
pub(crate) fn scaled(count: usize) -> usize {
    static FACTOR: LazyLock<f64> = LazyLock::new(|| {
        let wanted = std::env::var("COUNTERPOINT_STRESS").map_or(1.0, |factor| {
            factor.parse().expect("COUNTERPOINT_STRESS is a number, such as 0.1")
        });
        // An engine's seam and an interpreter cost time in every operation.
        wanted
            * if cfg!(miri) {
                0.002
            } else if cfg!(feature = "engine") {
                0.25
            } else {
                1.0
            }
    });
    ((count as f64 * *FACTOR) as usize).max(1)
}

/// Whether threads still work for whose end others wait. Each holds a `Shift`, which a panic ends
/// too: a test that fails does not hang.
pub(crate) struct Running(AtomicUsize);

/// The time that one thread works.
pub(crate) struct Shift<'a>(&'a Running);

impl Running {
    /// So many threads will take a shift.
    pub(crate) fn new(workers: usize) -> Self {
        Running(AtomicUsize::new(workers))
    }

    pub(crate) fn shift(&self) -> Shift<'_> {
        Shift(self)
    }

    pub(crate) fn any(&self) -> bool {
        self.0.load(Relaxed) > 0
    }
}

impl Drop for Shift<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Relaxed);
    }
}

/// Tests, functions that take a maker of a shared collector, under each kind of shared collector.
macro_rules! in_every_collector {
    ($($test:ident),+ $(,)?) => {
        $crate::common::in_domain!(global, counterpoint::reclaim::Collector::global; $($test)+);
        $crate::common::in_every_own_collector!($($test),+);
    };
}

/// As `in_every_collector`, but for the global one, to which other tests add garbage.
macro_rules! in_every_own_collector {
    ($($test:ident),+ $(,)?) => {
        $crate::common::in_domain!(own, counterpoint::reclaim::Collector::new; $($test)+);
        #[cfg(feature = "std")]
        $crate::common::in_domain!(
            symmetric, counterpoint::reclaim::Collector::symmetric; $($test)+);
        #[cfg(feature = "critical-section")]
        $crate::common::in_domain!(
            critical, counterpoint::reclaim::Collector::critical_section; $($test)+);
    };
}

/// Tests, functions that take a maker of a private domain, under each kind of private domain.
macro_rules! in_every_private_domain {
    ($($test:ident),+ $(,)?) => {
        $crate::common::in_domain!(
            private, counterpoint::reclaim::PrivateCollector::new; $($test)+);
        #[cfg(feature = "std")]
        $crate::common::in_domain!(
            private_symmetric,
            counterpoint::reclaim::PrivateCollector::symmetric; $($test)+);
        #[cfg(feature = "critical-section")]
        $crate::common::in_domain!(
            private_critical,
            counterpoint::reclaim::PrivateCollector::critical_section; $($test)+);
    };
}

/// Tests, functions that take a maker of a domain, under each kind of domain.
macro_rules! in_every_domain {
    ($($test:ident),+ $(,)?) => {
        $crate::common::in_every_collector!($($test),+);
        $crate::common::in_every_private_domain!($($test),+);
    };
}

macro_rules! in_domain {
    ($name:ident, $make:expr; $($test:ident)+) => {
        mod $name {
            $(#[test]
            fn $test() {
                super::$test($make);
            })+
        }
    };
}

pub(crate) use {
    in_domain, in_every_collector, in_every_domain, in_every_own_collector, in_every_private_domain,
};

/// As `mem::forget`, where leak checkers see it reachable.
pub(crate) fn forget<T>(value: T) {
    static FORGOTTEN: Mutex<Vec<usize>> = Mutex::new(Vec::new());
    FORGOTTEN.lock().unwrap().push(Box::into_raw(Box::new(value)).expose_provenance());
}

/// A domain whose garbage a test looks at.
pub(crate) trait Observed: Domain {
    fn garbage(&self) -> usize;
    fn panics(&self) -> usize;

    /// Frees all that waits; nobody may be pinned for ever.
    fn settle(&self) {
        let handle = self.register();
        // Several flushes, since freeing takes as many epochs; the bound makes a leak a failure.
        for _ in 0..100_000 {
            handle.pin().flush();
            if self.garbage() == 0 {
                return;
            }
            thread::yield_now();
        }
        panic!("{} retired nodes are never freed", self.garbage());
    }
}

impl Observed for Collector {
    fn garbage(&self) -> usize {
        Collector::garbage(self)
    }
    fn panics(&self) -> usize {
        Collector::panics(self)
    }
}

impl Observed for PrivateCollector {
    fn garbage(&self) -> usize {
        PrivateCollector::garbage(self)
    }
    fn panics(&self) -> usize {
        PrivateCollector::panics(self)
    }
}

/// Shared collectors to which no other test adds garbage, of each kind.
pub(crate) fn own_collectors() -> Vec<Collector> {
    vec![
        Collector::new(),
        #[cfg(feature = "std")]
        Collector::symmetric(),
        #[cfg(feature = "critical-section")]
        Collector::critical_section(),
    ]
}

/// For an outcome that the test does not look at.
pub(crate) fn ignore<R>(_: R) {}

/// The message of a panic that was caught.
pub(crate) fn message(payload: &(dyn std::any::Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message")
}

//! The primitives as they are used nearly always: over the default policy. So `Mutex::new(value)` says all
//! that there is to infer.

use super::generic;
use crate::{sync::Fair, wait::DefaultPolicy};

/// A mutex over the default policy; see [`generic::Mutex`].
pub type Mutex<T> = generic::Mutex<T, DefaultPolicy>;

/// A mutex that goes to who has waited longest; see [`generic::FairMutex`].
pub type FairMutex<T> = generic::Mutex<T, DefaultPolicy, Fair>;

/// A read-write lock in phases, over the default policy; see [`generic::RwLock`].
pub type RwLock<T> = generic::RwLock<T, DefaultPolicy>;

/// A semaphore over the default policy; see [`generic::Semaphore`].
pub type Semaphore = generic::Semaphore<DefaultPolicy>;

/// A semaphore whose permits go to who has waited longest; see [`generic::FairSemaphore`].
pub type FairSemaphore = generic::Semaphore<DefaultPolicy, Fair>;

/// A condition variable over the default policy; see [`generic::Condvar`].
pub type Condvar = generic::Condvar<DefaultPolicy>;

/// What is done once, over the default policy; see [`generic::Once`].
pub type Once = generic::Once<DefaultPolicy>;

/// A value that is set once, over the default policy; see [`generic::OnceCell`].
pub type OnceCell<T> = generic::OnceCell<T, DefaultPolicy>;

/// A value that is made when it is used first, over the default policy; see [`generic::Lazy`].
pub type Lazy<T, F = fn() -> T> = generic::Lazy<T, F, DefaultPolicy>;

/// A notification over the default policy; see [`generic::Notify`].
pub type Notify = generic::Notify<DefaultPolicy>;

/// An event over the default policy; see [`generic::Event`].
pub type Event = generic::Event<DefaultPolicy>;

/// A counter over the default policy; see [`generic::Counter`].
pub type Counter = generic::Counter<DefaultPolicy>;

/// A latch over the default policy; see [`generic::Latch`].
pub type Latch = generic::Latch<DefaultPolicy>;

/// A wait group over the default policy; see [`generic::WaitGroup`].
pub type WaitGroup = generic::WaitGroup<DefaultPolicy>;

/// A barrier over the default policy; see [`generic::Barrier`].
pub type Barrier = generic::Barrier<DefaultPolicy>;

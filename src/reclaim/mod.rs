//! **Reclamation**: when may a node that was unlinked from a lock-free structure be freed?
//!
//! # The contract
//! A thread *pins* itself in a *domain* (a [`Collector`]) and holds the [`Guard`]. What is unlinked
//! and then *retired* through a guard ([`Guard::defer_destroy`]) is freed after every guard that
//! was live at that moment is gone. Hence whatever a thread reached under its guard stays valid
//! until the guard is dropped or repinned.
//!
//! | domain | who may retire what | its destructors run |
//! |---|---|---|
//! | [`Collector`], shared; [`Collector::global`] by default | `T: Send + 'static` | on any thread, at any later time |
//! | [`PrivateCollector`], owned by one structure | any `T` | on the structure's threads; the rest when it drops |
//!
//! With std, [`pin`] takes the thread's own handle of the global domain. Everywhere,
//! [`Collector::register`] gives a [`Handle`] from which guards are cheap.
//!
//! # Cost
//! The first guard of a handle costs a load and a store with std, where the system helps (Linux), else
//! one locked instruction; nested ones an increment. A retired
//! node costs an entry in the handle's bag and an increment of the garbage count; a full bag
//! (sixty-four entries, eight on small targets) is handed over in one batch, which with std costs a
//! barrier in every thread of the process, by the system: there alone a thread may wait for others. `TreiberStack` retires few of
//! its nodes: a handle keeps up to thirty-two (two) of at most 256 bytes (64), and pushes with them again.
//! Small nodes of `MsQueue` and segments of `Queue` that may be freed are used again; a domain keeps half a
//! megabyte of them at most, one with a cap nothing, nor any without std on 32 bits or less.
//! A guard that lives for ever stops all freeing in its
//! domain: [`Collector::garbage`] counts what waits, and [`Collector::metrics`] says more of it. A domain of
//! one's own may have a cap ([`Builder::garbage_cap`]), beyond which the structures' forms `_within` add no
//! nodes.
//!
//! # Panics of destructors
//! A retired destructor that panics harms no stranger: the panic is caught and counted
//! ([`Collector::panics`]); a private domain re-raises the first when it drops. Without std nothing
//! can be caught, and the program aborts.
//!
//! # Parts
//! `collector` and `domain` say whose garbage it is, `builder` what such a domain is like; `local` is a thread's membership, `handle` and
//! `guard` its two public faces, `owned_guard` one that may leave its thread, `spares` what it uses again
//! at once, and `recycling` what is used again when it may be freed, from the `shelf` of its domain; `garbage` is what waits, `metrics` how much that is, `runner_*` frees it, `panics_*` is what happens when it explodes;
//! `backend` decides when to free; `pointer`, `atomic`, `owned` and `shared` are how nodes are
//! reached; `heap` is where they live.
//!
//! Names and semantics follow crossbeam-epoch, which is the backend without std.

mod atomic;
mod backend;
mod builder;
mod collector;
mod domain;
mod full;
mod garbage;
mod guard;
mod handle;
mod heap;
mod local;
mod metrics;
mod owned;
mod owned_guard;
mod pointer;
mod recycling;
mod shared;
mod shelf;
mod spares;

#[cfg(not(feature = "std"))]
#[path = "default_bare.rs"]
mod default;
#[cfg(feature = "std")]
#[path = "default_std.rs"]
mod default;

#[cfg(not(feature = "std"))]
#[path = "panics_abort.rs"]
mod panics;
#[cfg(feature = "std")]
#[path = "panics_caught.rs"]
mod panics;

#[cfg(not(feature = "std"))]
#[path = "runner_bare.rs"]
mod runner;
#[cfg(feature = "std")]
#[path = "runner_std.rs"]
mod runner;

pub use atomic::{Atomic, CompareExchangeError};
pub use builder::Builder;
pub use collector::{Collector, PrivateCollector};
#[cfg(feature = "std")]
pub use default::{is_pinned, pin};
pub use domain::{Domain, Reclaims};
pub use full::GarbageFull;
pub use guard::{Guard, unprotected};
pub use handle::Handle;
pub use metrics::Metrics;
pub use owned::Owned;
pub use owned_guard::OwnedGuard;
pub use pointer::Pointer;
pub use shared::Shared;

pub(crate) use domain::sealed::Identified;
pub(crate) use recycling::{Kind, Recyclable};

//! A reader that is stalled: pinned, it keeps all that is retired meanwhile, and unpinned nothing.

use crate::{
    common::{self, Observed, scaled},
    retire,
};
use counterpoint::reclaim::Domain;

common::in_every_own_collector!(pinned_it_keeps_all, unpinned_it_keeps_nothing);
common::in_every_private_domain!(pinned_it_keeps_all, unpinned_it_keeps_nothing);

/// So many wait at most where nobody keeps anything: a few epochs of bags.
const FEW: usize = 1_000;

/// Retires nodes, each under a guard of its own; the most that were handed over at one time.
fn peak<D: Domain>(domain: &D, count: usize) -> usize {
    let writer = domain.register();
    (0..count).for_each(|_| retire::<4>(&writer.pin()));
    drop(writer);
    domain.metrics().peak
}

fn pinned_it_keeps_all<D: Observed>(domain: fn() -> D) {
    let (domain, count) = (domain(), scaled(50_000));
    let stalled = domain.register();
    let guard = stalled.pin();
    assert_eq!(peak(&domain, count), count);
    drop(guard);
    domain.settle();
    assert_eq!(domain.metrics().freed, count);
}

/// It has a handle, and has been pinned.
fn unpinned_it_keeps_nothing<D: Observed>(domain: fn() -> D) {
    let (domain, count) = (domain(), scaled(50_000));
    let stalled = domain.register();
    drop(stalled.pin());
    let peak = peak(&domain, count);
    assert!(peak <= FEW, "{peak} of {count} waited at one time");
    assert_eq!(domain.metrics().retired, count);
}

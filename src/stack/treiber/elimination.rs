//! Where a push and a pop that have lost a race may meet: the push offers its node, the pop takes it, and
//! neither touches the head.
//!
//! **Algorithm**: Hendler, Shavit, Yerushalmi, "A Scalable Lock-free Stack Algorithm", SPAA 2004. Departures:
//! one word a slot, the node; pushes alone offer, and pops watch while they back off, which finds the same
//! pairs. The range of slots grows with the races that the operation has lost.
//!
//! # State
//! A slot is null, or a node that a push offers. The offer ends by one exchange: of the pop that takes it,
//! or of the push that withdraws it.
//!
//! # Invariants
//! * `[E1]` What was offered is in its slot, or the pop's whose exchange took it out. A node and its tag are
//!   offered at most once at a time, and never again after it was taken while the offerer is pinned: so
//!   the offerer knows by what it finds in the slot whether its offer was taken.
//!
//! # Ordering
//! * `[P2]` *offer*: put with Release, taken with Acquire: the node's fields.
//!
//! # Progress
//! Nobody waits for anybody: an offer stands for a bounded time, and is withdrawn by who made it, or was
//! taken. To everybody else it makes no difference where that thread stops.
//!
//! **Checked by**: `loom-tests/stack.rs`, `tests/scenarios/stack.rs`.

use crate::{
    base::CachePadded,
    facade::{atomic::Ordering, hint, tuning},
    reclaim::{Atomic, Guard, Shared},
};

/// How many races an operation has lost, and how often it looks at a slot after the next one.
pub(super) struct Lost {
    races: usize,
    looks: u32,
}

impl Lost {
    #[inline(always)]
    pub(super) const fn none() -> Self {
        Lost { races: 0, looks: tuning::OFFER_LOOKS }
    }

    /// Counts one more. Says which slot to try, of a participant's choice, and how often to look at it.
    fn one_more(&mut self, stripe: usize) -> (usize, u32) {
        self.races = self.races.saturating_add(1);
        let looks = self.looks;
        self.looks = (2 * looks).min(tuning::OFFER_LOOKS_AT_MOST);
        (stripe.wrapping_add(self.races) % self.races.min(tuning::OFFERS), looks)
    }
}

/// The slots.
pub(super) struct Elimination<N> {
    slots: [CachePadded<Atomic<N>>; tuning::OFFERS],
}

impl<N> Elimination<N> {
    pub(super) const fn new() -> Self {
        Elimination { slots: [const { CachePadded::new(Atomic::null()) }; tuning::OFFERS] }
    }

    /// Offers a node for a while, since one race more is lost; whether it was taken. If not, it is the
    /// caller's as before.
    #[cold]
    pub(super) fn offer(
        &self,
        node: Shared<'_, N>,
        lost: &mut Lost,
        stripe: usize,
        guard: &Guard<'_>,
    ) -> bool {
        let (slot, looks) = lost.one_more(stripe);
        let (slot, null) = (&self.slots[slot], Shared::null());
        // [P2] Release: hands over the node. Relaxed on failure: another one's offer is not touched.
        let offered =
            slot.compare_exchange(null, node, Ordering::Release, Ordering::Relaxed, guard).is_ok();
        for _ in 0..looks {
            hint::pause(tuning::OFFER_PAUSES);
            // Relaxed: compared, not followed.
            if offered && slot.load(Ordering::Relaxed, guard) != node {
                return true;
            }
        }
        // Relaxed: nobody else has touched the node, or this thread never does again.
        offered
            && slot
                .compare_exchange(node, null, Ordering::Relaxed, Ordering::Relaxed, guard)
                .is_err()
    }

    /// Takes an offer, if there is one within a while, since one race more is lost. It is the caller's
    /// alone.
    #[cold]
    pub(super) fn take<'g>(
        &self,
        lost: &mut Lost,
        stripe: usize,
        guard: &'g Guard<'_>,
    ) -> Option<Shared<'g, N>> {
        let (slot, looks) = lost.one_more(stripe);
        let slot = &self.slots[slot];
        for _ in 0..looks {
            // Relaxed: acquired below.
            let node = slot.load(Ordering::Relaxed, guard);
            if !node.is_null() {
                // [P2] Acquire: the node's value. Relaxed on failure: it is not touched.
                return slot
                    .compare_exchange(
                        node,
                        Shared::null(),
                        Ordering::Acquire,
                        Ordering::Relaxed,
                        guard,
                    )
                    .is_ok()
                    .then_some(node);
            }
            hint::pause(tuning::OFFER_PAUSES);
        }
        None
    }
}

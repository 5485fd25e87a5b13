//! A participant of a domain: what a handle and its guards share. One thread uses it; that of an owned
//! guard, which has it to itself, one thread at a time.
//!
//! # State
//! `handles` and `guards` count who points here; `[I1]` the last one to leave frees it.
//! `[I2]` The backend is pinned exactly while `guards > 0`.
//! `[I3]` Every entry of the bag was retired under a guard of this participant; the bag is sealed
//! while pinned, so a batch is retired no earlier than its entries.
//! `[I4]` A spare node goes to the bag before the participant goes.
//!
//! Destructors may run in `pin`, `unpin`, `retire` and `flush`, and may come back to this very
//! participant: no borrow of a field lasts across a call of the backend.

use super::{
    backend::Member,
    collector::{Id, StateRef},
    garbage::{Bag, Batch, Retired},
    recycling::Kind,
    spares::Spares,
};
use crate::facade::tuning::SPARES;
use alloc::boxed::Box;
use core::{
    alloc::Layout,
    cell::{Cell, UnsafeCell},
    mem,
    ptr::NonNull,
};

/// See the module's head.
pub(super) struct Local {
    member: Member,
    bag: UnsafeCell<Bag>,
    spares: UnsafeCell<Spares>,
    /// Memory whose grace period is over, to be used again.
    kept: UnsafeCell<Option<Box<Batch>>>,
    guards: Cell<usize>,
    handles: Cell<usize>,
    /// So many entries are a full bag.
    full: usize,
    keeps_spares: bool,
    /// Which stripe of a counter this participant uses.
    index: usize,
    id: Id,
    /// Keeps the ledger, and is dropped after the member.
    state: StateRef,
}

impl Local {
    /// A participant with one handle.
    pub(super) fn register(state: StateRef, id: Id) -> NonNull<Local> {
        let member = state.backend().register(id);
        let local = Box::new(Local {
            full: state.ledger().account.bag(member.batch()),
            keeps_spares: state.ledger().account.lets_keep_nodes(),
            member,
            bag: UnsafeCell::new(Bag::new()),
            spares: UnsafeCell::new(Spares::new()),
            kept: UnsafeCell::new(None),
            guards: Cell::new(0),
            handles: Cell::new(1),
            index: state.ledger().account.join(),
            id,
            state,
        });
        NonNull::from(Box::leak(local))
    }

    #[inline(always)]
    pub(super) fn id(&self) -> Id {
        self.id
    }

    #[inline(always)]
    pub(super) fn index(&self) -> usize {
        self.index
    }

    pub(super) fn is_pinned(&self) -> bool {
        self.guards.get() > 0
    }

    /// Counts one guard more.
    #[inline(always)]
    pub(super) fn pin(&self) {
        let guards = self.guards.get();
        self.guards.set(guards.checked_add(1).expect("too many guards of one handle"));
        if guards == 0 {
            self.member.pin(); // [I2]
        }
    }

    /// Counts one guard less, and frees the participant when that was the last user.
    ///
    /// # Safety
    /// `this` is live; the guard that counted is gone.
    #[inline(always)]
    pub(super) unsafe fn unpin(this: NonNull<Local>) {
        // SAFETY: live, by the caller's duty.
        let local = unsafe { this.as_ref() };
        if local.guards.get() == 1 {
            if local.member.seals_on_unpin() {
                local.seal();
            }
            local.guards.set(0);
            local.member.unpin(); // [I2]
            if local.handles.get() == 0 {
                // SAFETY: no handle and no guard is left.
                unsafe { Local::finish(this) };
            }
        } else {
            local.guards.set(local.guards.get() - 1);
        }
    }

    /// Counts one handle more.
    pub(super) fn keep(&self) {
        self.handles.set(self.handles.get() + 1);
    }

    /// Counts one handle less, and frees the participant when that was the last user.
    ///
    /// # Safety
    /// `this` is live; the handle that counted is gone.
    pub(super) unsafe fn release_handle(this: NonNull<Local>) {
        // SAFETY: live, by the caller's duty.
        let local = unsafe { this.as_ref() };
        local.handles.set(local.handles.get() - 1);
        if local.handles.get() == 0 && local.guards.get() == 0 {
            // SAFETY: no handle and no guard is left.
            unsafe { Local::finish(this) };
        }
    }

    /// # Safety
    /// `this` is live, and nobody else points to it [I1].
    #[cold]
    unsafe fn finish(this: NonNull<Local>) {
        // SAFETY: live, by the caller's duty.
        let local = unsafe { this.as_ref() };
        // SAFETY: one thread uses the spare nodes.
        let spares = unsafe { &mut *local.spares.get() };
        // SAFETY: one thread uses the bag.
        if spares.len() > 0 || unsafe { &*local.bag.get() }.len() > 0 {
            // Destructors that run here find other participants: this one has no handle.
            local.pin();
            local.retire_spares(); // [I4]
            local.seal();
            local.member.flush();
            local.guards.set(0);
            local.member.unpin();
        }
        let ledger = local.state.ledger();
        // SAFETY: one thread uses it.
        if let Some(kept) = unsafe { &mut *local.kept.get() }.take() {
            kept.put_back(ledger);
        }
        ledger.account.leave();
        // SAFETY: it came from a box, and nobody points to it.
        drop(unsafe { Box::from_raw(this.as_ptr()) });
    }

    pub(super) fn repin(&self) {
        if self.guards.get() == 1 {
            if self.member.seals_on_unpin() {
                self.seal();
            }
            self.member.repin();
        }
    }

    /// Takes an entry of so many bytes. The caller holds a guard of this participant.
    #[inline(always)]
    pub(super) fn retire(&self, retired: Retired, bytes: usize) {
        self.state.ledger().account.retire(self.index);
        // SAFETY: one thread uses the bag, and this borrow ends before the backend is called.
        let bag = unsafe { &mut *self.bag.get() };
        bag.push(retired, bytes); // [I3]
        if bag.len() >= self.full {
            self.seal();
        }
    }

    /// A node that is kept of that structure, and its tag.
    #[inline(always)]
    pub(super) fn take_spare(&self, owner: usize, layout: Layout) -> Option<(Retired, usize)> {
        // SAFETY: one thread uses them, and this borrow ends here.
        let spares = unsafe { &mut *self.spares.get() };
        spares.of(owner, layout).and_then(|_| spares.take())
    }

    /// Keeps a node of that structure, with its tag, or takes it as an entry. The caller holds a
    /// guard.
    #[inline(always)]
    pub(super) fn keep_spare(
        &self,
        owner: usize,
        (node, tag): (Retired, usize),
        layout: Layout,
        bytes: usize,
    ) {
        if !self.keeps_spares {
            return self.retire(node, bytes);
        }
        // SAFETY: one thread uses them, and this borrow ends before the backend is called.
        let spares = unsafe { &mut *self.spares.get() };
        match spares.of(owner, layout) {
            Some(len) if len < SPARES => spares.put(node, tag),
            Some(_) => self.retire(node, bytes),
            None => self.keep_first_spare(owner, (node, tag), layout, bytes),
        }
    }

    /// Keeps nodes of another structure from now on.
    #[cold]
    fn keep_first_spare(
        &self,
        owner: usize,
        (node, tag): (Retired, usize),
        layout: Layout,
        bytes: usize,
    ) {
        self.retire_spares();
        // SAFETY: as above. Destructors that ran may have kept others since.
        let spares = unsafe { &mut *self.spares.get() };
        if spares.len() > 0 {
            return self.retire(node, bytes);
        }
        spares.begin(owner, layout, bytes);
        spares.put(node, tag);
    }

    /// The caller holds a guard.
    #[cold]
    fn retire_spares(&self) {
        // SAFETY: one thread uses them, and this borrow ends before the backend is called.
        let spares = || unsafe { &mut *self.spares.get() };
        while let Some((node, _)) = spares().take() {
            // Read for each: destructors that ran may have kept others since.
            self.retire(node, spares().bytes());
        }
    }

    /// The memory of a node of that kind, whose grace period is over.
    #[inline(always)]
    pub(super) fn recycled(&self, kind: Kind) -> Option<*mut ()> {
        // SAFETY: one thread uses it, and this borrow ends here.
        let kept = unsafe { &mut *self.kept.get() };
        let taken = kept.as_mut().and_then(|batch| batch.take(kind));
        taken.or_else(|| self.recycled_of_others(kind))
    }

    /// As above, from what others have put back; the rest is kept if it is little.
    fn recycled_of_others(&self, kind: Kind) -> Option<*mut ()> {
        let ledger = self.state.ledger();
        let mut batch = ledger.take_kept(kind)?;
        let taken = batch.take(kind);
        let rest = if kind.is_bare() {
            // SAFETY: one thread uses it, and this borrow ends here.
            unsafe { &mut *self.kept.get() }.replace(batch)
        } else {
            Some(batch)
        };
        if let Some(rest) = rest {
            rest.put_back(ledger);
        }
        taken
    }

    pub(super) fn flush(&self) {
        self.seal();
        self.member.flush();
    }

    /// Whether a node may be added, as a form `_within` does it; tries to free some garbage if there is
    /// much. The participant is pinned.
    #[inline(always)]
    pub(super) fn has_room(&self) -> bool {
        self.state.ledger().account.is_far_below_cap() || self.makes_room()
    }

    /// Leaves the bag, which counts when it is handed over. Goes on while that helps and is needed: a
    /// backend may free but some at a time.
    #[cold]
    fn makes_room(&self) -> bool {
        let account = &self.state.ledger().account;
        let mut must_go = usize::MAX;
        loop {
            self.member.flush();
            let before = mem::replace(&mut must_go, account.must_go());
            if must_go == 0 || must_go >= before {
                return account.admits();
            }
        }
    }

    /// Hands the bag to the backend. The participant is pinned.
    #[cold]
    fn seal(&self) {
        // SAFETY: one thread uses the bag, and this borrow ends before the backend is called.
        let bag = unsafe { &mut *self.bag.get() };
        if bag.len() > 0 {
            // SAFETY: one thread uses it, and this borrow ends here.
            let kept = unsafe { &mut *self.kept.get() };
            let used_up = kept.take_if(|batch| batch.is_used_up());
            let batch = bag.seal(self.state.ledger_ptr(), used_up);
            self.member.retire(batch);
        }
    }
}

//! One segment of the queue: slots that are claimed in order, each by one push and by one pop.
//!
//! # State
//! `enqueue` and `dequeue` count the claims of pushes and of pops. A count below the number of slots
//! is the index of the slot that was claimed; a push's above it claimed nothing. The highest bit of `enqueue`
//! says that no push may claim any more (`CLOSED`); what is below it then counts on no further.
//!
//! | slot | meaning | next |
//! |---|---|---|
//! | empty | no value yet | ready by the push that claimed it |
//! | ready | the value is there, or was | – |
//!
//! Which of two numbers means *ready* is the segment's to say: when it is used again, all its slots have been
//! ready [S4], and the numbers change places.
//!
//! A pop that does not wait for its slot's push *gives up* the slot: it sets the slot's bit of `given_up`,
//! and then looks once more. The push stores ready first, and then looks at that bit. By the order of
//! these four one of them sees the other [P6]. If the push alone sees it, it takes its value back, and claims
//! another slot; if the pop alone, it takes the value. If both do, the value is of who first sets the slot's
//! bit of `settled`. So a push, which runs often, needs no locked instruction here where the system helps;
//! a pop that gives up, which is rare, interrupts the other processors instead.
//!
//! # Invariants
//! * `[S1]` The value of an empty slot is touched by the push that claimed it alone; that of a ready
//!   one by the pop that claimed it, or by who has the segment alone, if no pop has; if the slot was given
//!   up, by who has settled it.
//! * `[S2]` A slot is given up by the pop that claimed it alone, so a slot that no pop has claimed is
//!   ready or of a push in progress.
//! * `[S4]` When a segment may be freed that has a successor, all its slots are ready: pushes have claimed all,
//!   and who has claimed stores, pinned.
//! * `[S3]` Each push claims in vain once a segment at most, and when it is closed takes that back; pops claim
//!   what is there: no count overflows.

use crate::{
    base::{CachePadded, HeadStart},
    facade::{
        atomic::{AtomicUsize, Ordering, fence, zeroed_slice},
        cell::UnsafeCell,
        hint,
        often_and_seldom::OftenAndSeldom,
        tuning,
    },
    reclaim::{Atomic, Guard, Kind, Owned, Recyclable, Shared, unprotected},
};
use alloc::{alloc::handle_alloc_error, boxed::Box};
use core::mem::{self, MaybeUninit};

/// What means ready in a segment that is new; zero means empty there.
const READY: usize = 1;

/// The bit of `enqueue` that ends all claims of pushes.
const CLOSED: usize = 1 << (usize::BITS - 1);

/// The tag of the null pointer in `next` of the last segment of a closed queue.
pub(super) const END: usize = 1;
const _: () = assert!(align_of::<Segment<u8>>() > END);

/// Words of a bit for each slot.
const WORDS: usize = tuning::SEGMENT_SLOTS.div_ceil(usize::BITS as usize);

/// The word of a slot's bit, and the bit.
#[inline(always)]
const fn bit(index: usize) -> (usize, usize) {
    (index / usize::BITS as usize, 1 << (index % usize::BITS as usize))
}

#[repr(C)]
struct Slot<T> {
    state: AtomicUsize,
    value: UnsafeCell<MaybeUninit<T>>,
}

/// See the module's head. Of one form for all values of one layout.
#[repr(C)]
pub(super) struct Segment<T> {
    dequeue: CachePadded<AtomicUsize>,
    /// Of the pops that catch up with the pushes.
    pub(super) start: CachePadded<HeadStart>,
    enqueue: CachePadded<AtomicUsize>,
    slots: Box<[Slot<T>]>,
    /// Which state of a slot means that it is ready.
    ready: usize,
    given_up: [AtomicUsize; WORDS],
    settled: [AtomicUsize; WORDS],
    order: OftenAndSeldom,
    /// How many slots all segments before this one have, wrapping.
    before: usize,
    /// Changes once, to the next segment or to the end.
    pub(super) next: Atomic<Segment<T>>,
}

// SAFETY: a segment that is recycled has no value [S4]; and it is the same for all types of one layout, since
// it, its slots, the cells and the atomic pointers are `repr(C)`, and all else in it is the same for all types,
// or a box of slots.
unsafe impl<T> Recyclable for Segment<T> {
    const KIND: Option<Kind> = Kind::segment::<T>();
}

/// Comes between what made a queue look empty and the answer that it was.
pub(super) fn look_again() {
    // [P3] Acquire: what came before the claims of pops that were seen. [P4] SeqCst: of two threads that
    // push to one queue each, and then look into the other's, one sees the value.
    fence(Ordering::SeqCst);
}

/// What a push may do with what it has claimed.
pub(super) enum Claim {
    /// A slot.
    Slot(usize),
    /// The segment has no slot left.
    Exhausted,
    /// No push may claim in the segment.
    Closed,
}

impl<T> Segment<T> {
    /// As many as fit, two at least.
    const SLOTS: usize = {
        let fit = tuning::SEGMENT_BYTES / size_of::<Slot<T>>();
        if fit < 2 {
            2
        } else if fit > tuning::SEGMENT_SLOTS {
            tuning::SEGMENT_SLOTS
        } else {
            fit
        }
    };

    /// The first segment of a queue, which may interrupt other processors, or may not.
    pub(super) fn first(may_interrupt: bool) -> Self {
        let order = OftenAndSeldom::new(may_interrupt);
        Self::with_slots(Self::SLOTS.min(tuning::FIRST_SEGMENT_SLOTS), READY, 0, order)
    }

    /// A segment that comes after this one.
    pub(super) fn successor(&self, guard: &Guard<'_>) -> Owned<Self> {
        let before = self.before.wrapping_add(self.slots.len());
        // SAFETY: a segment for values of that layout, and so one for `T`.
        if let Some(mut used) = unsafe { Owned::<Self>::recycled(guard) } {
            let slots = mem::take(&mut used.slots);
            // Relaxed: nobody else has it.
            let is_ready = |slot: &Slot<T>| slot.state.load(Ordering::Relaxed) == used.ready;
            debug_assert!(slots.iter().all(is_ready), "[S4]");
            let ready = used.ready ^ READY; // [S4]
            *used = Self::over(slots, ready, before, self.order.clone());
            return used;
        }
        let ready = if tuning::SEGMENTS_ALTERNATE { self.ready ^ READY } else { READY };
        Owned::new(Self::with_slots(Self::SLOTS, ready, before, self.order.clone()))
    }

    /// Whether another one may be made of it when it is used up.
    pub(super) fn is_recyclable(&self) -> bool {
        self.slots.len() == Self::SLOTS && !Self::IS_LARGE
    }

    /// Whether so much memory should not wait until many segments have come together.
    pub(super) const IS_LARGE: bool = Self::SLOTS * size_of::<Slot<T>>() > tuning::SEGMENT_BYTES;

    fn with_slots(len: usize, ready: usize, before: usize, order: OftenAndSeldom) -> Self {
        let make = || Slot {
            state: AtomicUsize::new(ready ^ READY),
            value: UnsafeCell::new(MaybeUninit::uninit()),
        };
        // SAFETY: a word, of zero where no engine is, and a value that need not be one.
        let slots = unsafe { zeroed_slice(len, make) };
        let slots = slots.unwrap_or_else(|layout| handle_alloc_error(layout));
        Self::over(slots, ready, before, order)
    }

    /// A segment of slots none of which is ready.
    fn over(slots: Box<[Slot<T>]>, ready: usize, before: usize, order: OftenAndSeldom) -> Self {
        Segment {
            dequeue: CachePadded::new(AtomicUsize::new(0)),
            start: CachePadded::new(HeadStart::new()),
            enqueue: CachePadded::new(AtomicUsize::new(0)),
            slots,
            ready,
            given_up: [(); WORDS].map(|()| AtomicUsize::new(0)),
            settled: [(); WORDS].map(|()| AtomicUsize::new(0)),
            order,
            before,
            next: Shared::null().into(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Its memory.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(self) + size_of_val(&*self.slots)
    }

    #[inline(always)]
    fn slot(&self, index: usize) -> &Slot<T> {
        debug_assert!(index < self.len());
        // SAFETY: whoever has an index has compared it with the number of slots.
        unsafe { self.slots.get_unchecked(index) }
    }
}

/// Pushes.
impl<T> Segment<T> {
    /// Claims so many slots for pushes, that follow each other; the first one.
    ///
    /// By an exchange first: who loses it lets the winner do some more pushes in its own cache. Then by
    /// an addition, which cannot fail.
    #[inline(always)]
    pub(super) fn claim_for_push(&self, count: usize) -> Claim {
        // Relaxed: a guess.
        let free = self.enqueue.load(Ordering::Relaxed);
        if free < self.len() {
            // Relaxed: a pop that must not miss this push has seen it in another way [P3].
            let (success, failure) = (Ordering::Relaxed, Ordering::Relaxed);
            if self.enqueue.compare_exchange(free, free + count, success, failure).is_ok() {
                return Claim::Slot(free);
            }
            hint::pause(tuning::CLAIM_PAUSES);
        }
        // Relaxed: as above.
        let claimed = self.enqueue.fetch_add(count, Ordering::Relaxed);
        if claimed < self.len() {
            Claim::Slot(claimed)
        } else if claimed & CLOSED == 0 {
            Claim::Exhausted
        } else {
            self.take_back(count);
            Claim::Closed
        }
    }

    /// Whether all slots have been claimed for pushes, of a segment that is not closed.
    pub(super) fn is_used_up(&self) -> bool {
        // Relaxed: only compared; who finds it in time finds no slot either.
        let claimed = self.enqueue.load(Ordering::Relaxed);
        claimed & CLOSED == 0 && claimed >= self.len()
    }

    /// Takes back what was claimed in vain of a closed segment [S3].
    #[cold]
    fn take_back(&self, count: usize) {
        // Relaxed: nobody can claim.
        self.enqueue.fetch_sub(count, Ordering::Relaxed);
    }

    /// Stores a value.
    ///
    /// # Errors
    /// With the value, if the pop has given up the slot.
    ///
    /// # Safety
    /// The caller has claimed the slot for a push, and stores once.
    #[inline(always)]
    pub(super) unsafe fn store(&self, index: usize, value: T) -> Result<(), T> {
        let (slot, (word, bit)) = (self.slot(index), bit(index));
        // SAFETY: the slot is of the caller until it is ready [S1].
        slot.value.with_mut(|place| unsafe { (*place).write(value) });
        // [P1] Release: hands over the value. [P6]
        let given_up = self.order.store_then_load(&slot.state, self.ready, &self.given_up[word]);
        if given_up & bit == 0 || !self.settles(index) {
            return Ok(());
        }
        // SAFETY: the slot was given up, and the value is the caller's [S1].
        Err(slot.value.with(|place| unsafe { place.read().assume_init() }))
    }

    /// Whether the value of a slot that was given up is the caller's.
    #[cold]
    fn settles(&self, index: usize) -> bool {
        let (word, bit) = bit(index);
        // Relaxed: a push has its own value; a pop has seen it ready.
        self.settled[word].fetch_or(bit, Ordering::Relaxed) & bit == 0
    }

    /// Ends all claims of pushes; whether nobody had.
    pub(super) fn close(&self) -> bool {
        // Relaxed: the end of the list says that the queue is closed; who has not seen this bit and
        // answers that the queue is empty does so of a moment before.
        self.enqueue.fetch_or(CLOSED, Ordering::Relaxed) & CLOSED == 0
    }
}

/// Pops.
impl<T> Segment<T> {
    /// The number of slots that pops have claimed, if there is one left.
    #[inline(always)]
    pub(super) fn front(&self) -> Option<usize> {
        // Relaxed: a guess; if nothing is found behind it, the fence is the Acquire [P3].
        let claimed = self.dequeue.load(Ordering::Relaxed);
        (claimed < self.len()).then_some(claimed)
    }

    /// Whether a value is in the slot at the front.
    #[inline(always)]
    pub(super) fn is_ready(&self, front: usize) -> bool {
        // [P1] Acquire: the value.
        self.slot(front).state.load(Ordering::Acquire) == self.ready
    }

    /// Whether there was no value from the slot at the front on, at some moment since `front` was read.
    /// If it was closed then, there will be none.
    #[cold]
    pub(super) fn was_empty(&self, front: usize) -> bool {
        look_again();
        // Relaxed: if it is older than `front`, no push that this thread could know of is there.
        let enqueue = self.enqueue.load(Ordering::Relaxed);
        let claimed = (enqueue & !CLOSED).min(self.len());
        if enqueue & CLOSED != 0 {
            return front >= claimed; // A push in progress is given up, lest it end after this.
        }
        // Relaxed: only compared. A slot that is empty now was so when `enqueue` was read.
        let is_ready = |index| self.slot(index).state.load(Ordering::Relaxed) == self.ready;
        !(front..claimed).any(is_ready) && (claimed < self.len() || self.is_last())
    }

    /// Whether no segment follows.
    fn is_last(&self) -> bool {
        // SAFETY: what is loaded is not used.
        let guard = unsafe { unprotected() };
        // Relaxed: only compared. A segment that is not linked now was not when `enqueue` was read.
        self.next.load(Ordering::Relaxed, guard).is_null()
    }

    /// How many slots are ready from `front` on, up to `max`.
    pub(super) fn count_ready(&self, front: usize, max: usize) -> usize {
        let end = front + max.min(self.len() - front);
        (front..end).take_while(|index| self.is_ready(*index)).count()
    }

    /// Claims so many slots for pops, from `front` on, unless another pop came first; then lets that one
    /// do some more.
    #[inline(always)]
    pub(super) fn claim_for_pops(&self, front: usize, count: usize) -> bool {
        let end = front + count;
        // [P3] Release: as for one. Relaxed on failure: the caller looks again.
        let (success, failure) = (Ordering::Release, Ordering::Relaxed);
        let claimed = self.dequeue.compare_exchange(front, end, success, failure).is_ok();
        if !claimed {
            hint::pause(tuning::CLAIM_PAUSES);
        }
        claimed
    }

    /// Takes the value out, if it comes soon; otherwise the slot is given up.
    ///
    /// # Safety
    /// The caller has claimed the slot for a pop, and takes once.
    #[inline(always)]
    pub(super) unsafe fn take(&self, index: usize) -> Option<T> {
        if self.is_ready(index) || self.becomes_ready(index) {
            // SAFETY: a ready slot is of the pop that claimed it [S1].
            return Some(unsafe { self.read(index) });
        }
        None
    }

    /// Waits a little for the push; then gives up the slot, unless it is ready.
    #[cold]
    fn becomes_ready(&self, index: usize) -> bool {
        for _ in 0..tuning::PUSH_SPINS {
            hint::pause(1);
            if self.is_ready(index) {
                return true;
            }
        }
        let (word, bit) = bit(index);
        // Relaxed: the push only takes its own value back. [P6]
        self.given_up[word].fetch_or(bit, Ordering::Relaxed);
        let mut turn = 0;
        while !self.order.between() && !self.is_ready(index) {
            hint::relax(turn); // The system refuses: the push alone can tell.
            turn = turn.saturating_add(1);
        }
        self.is_ready(index) && self.settles(index)
    }

    /// The value of a ready slot.
    ///
    /// # Safety
    /// The caller has claimed it for a pop and reads once.
    #[inline(always)]
    pub(super) unsafe fn read(&self, index: usize) -> T {
        // SAFETY: a ready slot has a value, and is of the caller [S1].
        self.slot(index).value.with(|place| unsafe { place.read().assume_init() })
    }
}

/// Those who count.
impl<T> Segment<T> {
    /// How many slots pushes and pops have claimed since the queue was made, wrapping.
    pub(super) fn claimed(&self) -> (usize, usize) {
        // Relaxed: numbers that are only compared.
        let pushes = (self.enqueue.load(Ordering::Relaxed) & !CLOSED).min(self.len());
        let pops = self.dequeue.load(Ordering::Relaxed).min(self.len());
        (self.before.wrapping_add(pushes), self.before.wrapping_add(pops))
    }

    /// The value of a slot that no pop has claimed, if there is one.
    ///
    /// # Safety
    /// The caller has the queue alone for the lifetime of the result, and asks once for each slot.
    pub(super) unsafe fn value_mut<'q>(&self, index: usize) -> Option<&'q mut T> {
        let slot = self.slot(index);
        // Relaxed: nobody else is there.
        let is_ready = slot.state.load(Ordering::Relaxed) == self.ready;
        // SAFETY: ready, and of who has the queue alone [S1].
        is_ready.then(|| slot.value.with_mut(|place| unsafe { (*place).assume_init_mut() }))
    }
}

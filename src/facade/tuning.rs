//! Constants that trade memory, garbage and time: every one in one place.

/// Whether the target is a small one, where kilobytes count.
const SMALL: bool = cfg!(not(target_has_atomic = "ptr")) || cfg!(target_pointer_width = "16");

/// Nodes that a participant collects before it hands them to its backend in one batch.
pub(crate) const BAG: usize = if SMALL { 8 } else { 64 };

/// After how many full bags of its own a participant of the backend `asymmetric` tries to advance the
/// epoch, which costs a barrier in every thread. On a queue, with 2 and 4 the allocator executes more
/// instructions, for the garbage that waits; times did not tell the three apart.
#[cfg(feature = "std")]
pub(crate) const BAGS_PER_ADVANCE: usize = 1;

/// Unlinked nodes that a participant keeps to use again, ...
pub(crate) const SPARES: usize = if SMALL { 2 } else { 32 };

/// ... unless they have more bytes than this.
pub(crate) const SPARE_BYTES: usize = if SMALL { 64 } else { 256 };

/// Whether memory of nodes is used again: not where kilobytes count, as on a microcontroller, whose heap shall
/// have them back; nor under Miri, which shall see each node end.
pub(crate) const RECYCLES: bool =
    cfg!(any(feature = "std", target_pointer_width = "64")) && !cfg!(miri);

/// Bytes of the nodes up to which a participant keeps a batch of them that may be freed, to use them again.
pub(crate) const RECYCLED_BYTES: usize = SPARE_BYTES;

/// How often a node is used again at most before its memory waits for a grace period.
pub(crate) const REUSES: usize = if MODELLED { 1 } else { usize::MAX };

/// Stripes of a counter that many threads change: a power of two.
pub(crate) const STRIPES: usize = if SMALL || cfg!(not(feature = "std")) { 1 } else { 8 };

/// Whether an engine may drive this build: then every path shall be met in small sizes.
const MODELLED: bool = cfg!(feature = "engine");

/// log2 of the buckets that a map's first directory has.
pub(crate) const FIRST_DIRECTORY_BITS: u32 = match (MODELLED, SMALL) {
    (true, _) => 1,
    (_, true) => 3,
    _ => 4,
};

/// log2 of the factor by which a map's buckets grow: fewer steps for more memory.
pub(crate) const GROWTH_BITS: u32 = if MODELLED || SMALL { 1 } else { 2 };

/// A map grows when it has fewer buckets than this for each element.
pub(crate) const BUCKETS_PER_ELEMENT: usize = 1;

/// Buckets for how many elements of a capacity that was asked for. More than growth would make: lookups
/// of a million keys take a fifth less time.
pub(crate) const BUCKETS_PER_PROMISED: (usize, usize) = if MODELLED { (1, 1) } else { (3, 2) };

/// Nodes walked by one insertion before it looks whether the map should grow.
pub(crate) const LONG_CHAIN: usize = if MODELLED { 1 } else { 3 };

/// Slots of a queue's first segment, and the fewest of any.
pub(crate) const FIRST_SEGMENT_SLOTS: usize = match (MODELLED, SMALL) {
    (true, _) => 2,
    (_, true) => 8,
    _ => 32,
};

/// Bytes of the slots of a queue's later segments, if they are not more than ...
pub(crate) const SEGMENT_BYTES: usize = if SMALL { 256 } else { 4096 };

/// ... so many slots.
pub(crate) const SEGMENT_SLOTS: usize = if MODELLED { 2 } else { 512 };

/// Whether new segments of a queue take turns in what means ready, as used ones do.
pub(crate) const SEGMENTS_ALTERNATE: bool = MODELLED;

/// How often a pop looks again for the value of a push that is in progress, before it gives up the slot.
pub(crate) const PUSH_SPINS: u32 = if MODELLED { 1 } else { 16 };

/// How many pauses an operation of a queue makes that has lost a claim.
pub(crate) const CLAIM_PAUSES: u32 = 16;

/// How many operations the other side of a queue has room for, for each pause of a head start, ...
pub(crate) const ROOM_PER_PAUSE: usize = 16;

/// ... of which there are so many at most. Values of a word take 2 ns through a ring then, 4 with 16, and
/// 10 with none.
pub(crate) const START_PAUSES: usize = 48;

/// The room that an unbounded queue counts with. With a quarter and with four times as much, values take
/// longer from thread to thread.
pub(crate) const START_ROOM: usize = 256;

/// Bytes of the values that a queue takes from an iterator before it pushes them together.
pub(crate) const PUSH_BYTES: usize = if MODELLED { 8 } else { 256 };

/// Slots of the first ring of a deque that grows: a power of two.
pub(crate) const FIRST_RING: usize = match (MODELLED, SMALL) {
    (true, _) => 2,
    (_, true) => 8,
    _ => 64,
};

/// Bytes from which on a ring that was replaced is handed over at once.
pub(crate) const LARGE_RING: usize = 4096;

/// Doublings of a spin before `Backoff` stops growing.
pub(crate) const SPIN_LIMIT: u32 = 6;

/// How often a thread that waits for another one's next instructions spins, ever longer, before it
/// lets others run.
#[cfg(feature = "std")]
pub(crate) const RELAX_SPINS: u32 = 5;

/// How often a thread that wants a lock pauses, ever longer, before it looks again ...
#[cfg(feature = "std")]
pub(crate) const SPIN_PAUSES: u32 = 3;

/// ... and how often it then lets other threads run, before it queues. Measured with two and with
/// eight threads on two processors: without yields throughput halves; with five, some threads of the
/// eight hardly ever have the lock.
#[cfg(feature = "std")]
pub(crate) const SPIN_YIELDS: u32 = 3;

/// How often a thread looks again at the lock of a queue before it lets others run.
#[cfg(feature = "std")]
pub(crate) const LOCK_SPINS: u32 = 64;

/// After how many wake-ups without luck a waiter has waited long.
pub(crate) const LONG_WAIT: u32 = if MODELLED { 1 } else { 8 };

/// log2 of how many releases pass a woken task, which perhaps nobody polls, until another waiter is
/// woken too.
pub(crate) const PASSES_BITS: u32 = if MODELLED { 1 } else { 4 };

/// How many waiters are told and woken under one hold of a queue's lock.
pub(crate) const WAKES: usize = match (MODELLED, SMALL) {
    (true, _) => 2,
    (_, true) => 4,
    _ => 32,
};

/// Slots in which a stack's pushes offer their values to pops.
pub(crate) const OFFERS: usize = if MODELLED || SMALL { 1 } else { 4 };

/// How often a push or a pop of a stack that has lost a race looks whether another one meets it, ...
pub(crate) const OFFER_LOOKS: u32 = if MODELLED { 1 } else { 4 };

/// ... to what that number doubles at most with further losses, ...
pub(crate) const OFFER_LOOKS_AT_MOST: u32 = if MODELLED { 1 } else { 64 };

/// ... and how long it pauses between two looks.
pub(crate) const OFFER_PAUSES: u32 = 8;

/// How often a bag's pop looks at all places for something to steal, before it begins to count, so as to
/// prove that there is nothing.
pub(crate) const BAG_TRIES: usize = if MODELLED { 0 } else { 1 };

//! A bounded ring between one thread that pushes and one that pops. For more than one thread at an
//! end take another queue; where the end must wait, this ring does not: it says full, or empty.
//!
//! **Algorithm**: Lamport, "Specifying Concurrent Program Modules", TOPLAS 1983, section 3.1: each
//! end alone writes its own position. Each end keeps a copy of the other's and reads the shared one
//! only when the copy says full or empty, and batches publish once: Lee, Bu, Chandranmenon,
//! "A Lock-Free, Cache-Efficient Multi-Core Synchronization Mechanism" (MCRingBuffer), IPDPS 2010,
//! sections 3.1 and 3.2. Departure: positions run freely, and each end counts its slot beside its
//! position, so a ring has exactly the slots that were asked for, and needs neither a power of two
//! nor an empty slot nor a division.
//!
//! # State
//! `tail` counts what was pushed, `head` what was popped, both from `FIRST`, both modulo the number of
//! words. `tail - head` is the length. Positions begin just below the wrap-around, so that every ring
//! passes it early.
//!
//! # Access
//! | what | producer | consumer |
//! |---|---|---|
//! | `tail` | writes | reads |
//! | `head` | reads | writes |
//! | slots from `head` to `tail` | – | reads, moves out |
//! | all other slots | writes | – |
//! | `ends` | counts itself out | counts itself out |
//!
//! # Invariants
//! * `[I1]` `0 <= tail - head <= capacity`, for the shared words and for any older `head` beside a
//!   `tail`, or older `tail` beside a `head`, that an end may still hold.
//! * `[I2]` A slot holds a value exactly if its position is from `head` to `tail`. An end's own position
//!   may be ahead of the word that it publishes: a producer has written the slots between, a consumer
//!   has emptied them, and no other end touches them.
//! * `[I3]` An end's slot is its position's: both move together.
//! * `[I4]` The ring lives until its second end is dropped; an end publishes its position before.
//!
//! # Ordering
//! * `[P1]` *values*: the producer moves `tail` with Release after it has written; whoever reads `tail`
//!   with Acquire sees the values before it.
//! * `[P2]` *room*: the consumer moves `head` with Release after it has moved values out; whoever reads
//!   `head` with Acquire may write the slots before it.
//! * `[P3]` *ends*: an end's leaving is a Release of all that it did. The other's leaving acquires it and
//!   then owns the ring; and who sees with Acquire that the other has left sees its last position.
//!
//! # Progress
//! All operations are wait-free: a constant number of steps, and one for each value that is moved.
//!
//! # Rejected
//! A fence between an end's write of its position and its read of the other's: full and empty would be
//! linearizable too, where now an end may learn late of what the other has done (scenario "full and
//! empty"), and each operation would cost several times as much.
//!
//! Positions in `0..2 * capacity`: a comparison and a subtraction more for each slot, and capacities
//! beyond half a word are refused. A power of two of slots: up to twice the memory. Own positions in
//! the shared lines alone (as in Lamport): a plain copy stays in a register where calls are inlined.
//! `Box<[UnsafeCell<_>]>` as slots: with an engine a cell is larger than its value, and there could be
//! no slices; so a cell without size stands beside each slot.
//!
//! **Checked by**: `tests/scenarios/spsc.rs`, `tests/spsc.rs`, fuzz target `rings`.

mod consumer;
mod end;
mod producer;
mod taken;

pub use consumer::Consumer;
pub use producer::{Producer, Reserved};
pub use taken::{Chunk, Drain, IntoIter};

use alloc::{collections::TryReserveError, vec::Vec};
use end::{Ring, Storage};

/// A bounded ring of so many slots: its two ends. Any capacity is right; it need not be a power of two.
///
/// # Panics
/// When `capacity` is 0, or more than `isize::MAX` bytes are needed.
///
/// (If there is no memory the program ends as with `Vec`; see [`try_ring`].)
///
/// # Examples
/// ```
/// use counterpoint::queue::spsc;
///
/// let (mut producer, mut consumer) = spsc::ring(2);
/// # #[cfg(feature = "std")]
/// std::thread::scope(|scope| {
///     scope.spawn(move || {
///         for number in 0..10 {
///             while producer.push(number).is_err() {
///                 std::thread::yield_now();
///             }
///         }
///     });
///     let mut next = 0;
///     while next < 10 {
///         for number in consumer.drain() {
///             assert_eq!(number, next);
///             next += 1;
///         }
///     }
/// });
/// # #[cfg(not(feature = "std"))] { producer.push(1); consumer.pop(); }
/// ```
/// What an end is asked, it is asked by one thread at a time:
/// ```compile_fail,E0596
/// let (producer, _consumer) = counterpoint::queue::spsc::ring(1);
/// let (first, second) = (&producer, &producer);
/// first.push(1);
/// second.push(2);
/// ```
/// and it has no twin:
/// ```compile_fail,E0599
/// let (producer, _consumer) = counterpoint::queue::spsc::ring::<u8>(1);
/// let another = producer.clone();
/// ```
/// An end goes to another thread only with values that may:
/// ```compile_fail,E0277
/// fn send<T: Send>(_: T) {}
/// let (producer, _consumer) = counterpoint::queue::spsc::ring::<std::rc::Rc<u8>>(1);
/// send(producer);
/// ```
/// and values live as long as the other end may see them:
/// ```compile_fail,E0505
/// let text = String::from("short");
/// let (mut producer, mut consumer) = counterpoint::queue::spsc::ring(1);
/// producer.push(&text);
/// drop(producer);
/// drop(text);
/// consumer.pop();
/// ```
#[track_caller]
pub fn ring<T>(capacity: usize) -> (Producer<T>, Consumer<T>) {
    assert_capacity(capacity);
    let marks = Ring::<T>::marks(capacity);
    Ring::ends(Storage {
        capacity,
        values: Vec::with_capacity(capacity),
        marks: Vec::with_capacity(marks),
        home: Vec::with_capacity(1),
    })
}

/// As [`ring`].
///
/// # Errors
/// There is no memory for so many slots.
///
/// # Panics
/// When `capacity` is 0.
///
/// # Examples
/// ```
/// use counterpoint::queue::spsc;
///
/// assert!(spsc::try_ring::<u64>(usize::MAX).is_err());
/// ```
#[track_caller]
pub fn try_ring<T>(capacity: usize) -> Result<(Producer<T>, Consumer<T>), TryReserveError> {
    assert_capacity(capacity);
    let (mut values, mut marks, mut home) = (Vec::new(), Vec::new(), Vec::new());
    values.try_reserve_exact(capacity)?;
    marks.try_reserve_exact(Ring::<T>::marks(capacity))?;
    home.try_reserve_exact(1)?;
    Ok(Ring::ends(Storage { capacity, values, marks, home }))
}

#[track_caller]
fn assert_capacity(capacity: usize) {
    assert!(capacity > 0, "a ring has at least one slot");
}

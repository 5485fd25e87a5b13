//! A counter that many threads add to at once.
//!
//! It begins as one number. That would do, but for the most frequent words: their counter is the
//! one word of memory that every thread writes all the time, and the cache line it lies in, with
//! the map's node around it, would travel between the processors at every occurrence. So a counter
//! that has seen [`MANY`] occurrences gets stripes, each in a cache line of its own: a shared
//! counter still, to which any thread may add anywhere, and which is read as the sum of its parts.
//!
//! Checked by: the unit tests here, and `--check`.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Occurrences after which a counter gets stripes. They cost a kilobyte, and most words are rare.
const MANY: u64 = 64;

/// Threads that use different stripes do not meet.
const STRIPES: usize = 8;

/// A number alone in its cache line, and in the line next to it, which processors fetch along.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Stripe(AtomicU64);

/// A number that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    first: AtomicU64,
    stripes: OnceLock<Box<[Stripe; STRIPES]>>,
}

impl Counter {
    /// Adds one; `hint` picks the stripe, if there are any.
    #[inline]
    pub(crate) fn add_one(&self, hint: usize) {
        // Relaxed, here and below: a sum, read when all threads that added have been joined.
        if let Some(stripes) = self.stripes.get() {
            stripes[hint % STRIPES].0.fetch_add(1, Ordering::Relaxed);
        } else if self.first.fetch_add(1, Ordering::Relaxed) == MANY {
            self.stripes.get_or_init(Box::default);
        }
    }

    /// The sum.
    pub(crate) fn into_inner(self) -> u64 {
        let stripes = self.stripes.into_inner();
        let parts = stripes.iter().flat_map(|stripes| stripes.iter());
        self.first.into_inner() + parts.map(|part| part.0.load(Ordering::Relaxed)).sum::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn nothing_is_lost_when_threads_add_while_the_stripes_appear() {
        const EACH: u64 = 4 * MANY;
        let counter = Counter::default();
        thread::scope(|scope| {
            for hint in 0..3 * STRIPES {
                let counter = &counter;
                scope.spawn(move || (0..EACH).for_each(|_| counter.add_one(hint)));
            }
        });
        assert_eq!(counter.into_inner(), 3 * STRIPES as u64 * EACH);
    }

    #[test]
    fn a_counter_that_few_add_to_is_one_number() {
        let counter = Counter::default();
        (0..MANY).for_each(|_| counter.add_one(1));
        assert!(counter.stripes.get().is_none());
        assert_eq!(counter.into_inner(), MANY);
    }
}

//! The counts: many threads that share a queue and a map, and one loop over a `HashMap`.
//!
//! What must stay true:
//! - `shared` touches no count but those in the one map; a thread owns nothing but its guards.
//! - Words are slices of the texts on both sides: neither looking one up nor adding it copies it.
//!   The texts end before the program does, so the map has a domain of its own.
//! - A guard lives for one chunk, so that what the queue and the map retire is freed meanwhile.

use std::collections::HashMap;
use std::hash::RandomState;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use counterpoint::map::SplitOrderedMap;
use counterpoint::queue::MsQueue;
use counterpoint::reclaim::{self, PrivateCollector};

use crate::counter::Counter;
use crate::progress::Progress;
use crate::words::words;

/// The hasher of both sides, which resists flooding.
type Hasher = RandomState;

/// The map that all threads share.
type Shared<'text> = SplitOrderedMap<&'text str, Counter, Hasher, PrivateCollector>;

/// Every word with its count, in the order of the words.
pub(crate) type Counts<'text> = Vec<(&'text str, u64)>;

/// What was counted, and how long that took, from an empty map to a full one.
#[derive(Debug)]
pub(crate) struct Counted<'text> {
    pub(crate) counts: Counts<'text>,
    pub(crate) time: Duration,
}

/// Counts with `threads` threads; an error if they cannot all be started.
pub(crate) fn shared<'text>(
    chunks: &[&'text str],
    threads: u16,
    progress: &Progress,
) -> io::Result<Counted<'text>> {
    let start = Instant::now();
    let queue: MsQueue<&'text str> = chunks.iter().copied().collect();
    let map = Shared::with_hasher_in(Hasher::new(), PrivateCollector::new());
    thread::scope(|scope| {
        for thread in 0..usize::from(threads) {
            let (queue, map) = (&queue, &map);
            let work = move || count_chunks(queue, map, thread, progress);
            thread::Builder::new().spawn_scoped(scope, work)?;
        }
        io::Result::Ok(())
    })?;
    let time = start.elapsed();
    let counts = map.into_iter().map(|(word, count)| (word, count.into_inner()));
    Ok(Counted { counts: sorted(counts), time })
}

/// What each thread does: chunks from the queue, words into the map, until the queue is empty.
fn count_chunks<'text>(
    queue: &MsQueue<&'text str>,
    map: &Shared<'text>,
    thread: usize,
    progress: &Progress,
) {
    let handle = map.register();
    while let Some(chunk) = queue.pop(&reclaim::pin()) {
        let guard = handle.pin();
        for word in words(chunk) {
            let count = map.get(word, &guard).unwrap_or_else(|| {
                let inserted = map.try_insert(word, Counter::default(), &guard);
                inserted.unwrap_or_else(|taken| taken.current)
            });
            count.add_one(thread);
        }
        progress.add(chunk.len());
    }
}

/// Counts on this thread into a plain `HashMap`.
pub(crate) fn sequential<'text>(chunks: &[&'text str], progress: &Progress) -> Counted<'text> {
    let start = Instant::now();
    let mut map: HashMap<&str, u64, Hasher> = HashMap::with_hasher(Hasher::new());
    for &chunk in chunks {
        for word in words(chunk) {
            match map.get_mut(word) {
                Some(count) => *count += 1,
                None => {
                    map.insert(word, 1);
                }
            }
        }
        progress.add(chunk.len());
    }
    let time = start.elapsed();
    Counted { counts: sorted(map), time }
}

fn sorted<'text>(counts: impl IntoIterator<Item = (&'text str, u64)>) -> Counts<'text> {
    let mut counts: Counts<'text> = counts.into_iter().collect();
    counts.sort_unstable();
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shared_and_the_sequential_count_agree() {
        let text = "the cat and the dog and the bird ".repeat(50);
        let chunks: Vec<&str> = crate::chunk::chunks(&text, 64).collect();
        let progress = Progress::of_bytes(0);
        let expected = sequential(&chunks, &progress).counts;
        assert_eq!(expected[4], ("the", 150));
        for threads in [1, 2, 5] {
            let found = shared(&chunks, threads, &progress).unwrap().counts;
            assert_eq!(found, expected, "{threads} threads");
        }
    }
}

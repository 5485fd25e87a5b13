//! Drop accounting: values that tell how often each of them was dropped.

use counterpoint::reclaim;
use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
};

/// Accounts for values: how often was each of them dropped?
#[derive(Clone, Default)]
pub(crate) struct Accounts(Arc<Book>);

#[derive(Default)]
struct Book {
    /// For each value, in the order of making, its drops.
    drops: Mutex<Vec<u8>>,
    dropped: AtomicUsize,
}

/// A value that is accounted for; equal and hashed by its content.
pub(crate) struct Counted {
    pub(crate) content: u64,
    number: usize,
    book: Arc<Book>,
}

impl Accounts {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn value(&self, content: u64) -> Counted {
        let mut drops = self.0.drops.lock().unwrap();
        drops.push(0);
        Counted { content, number: drops.len() - 1, book: self.0.clone() }
    }

    /// How many values were made.
    pub(crate) fn made(&self) -> usize {
        self.0.drops.lock().unwrap().len()
    }

    /// How many drops there were.
    pub(crate) fn dropped(&self) -> usize {
        self.0.dropped.load(Relaxed)
    }

    /// Every value was dropped, none of them twice. What waits in the global domain is freed first;
    /// other tests may be pinned there for a while, hence the many attempts.
    #[track_caller]
    pub(crate) fn assert_all_dropped_once(&self) {
        for _ in 0..1_000_000 {
            if self.dropped() >= self.made() {
                break;
            }
            reclaim::pin().flush();
            thread::yield_now();
        }
        let drops = self.0.drops.lock().unwrap();
        let not_once = drops.iter().enumerate().filter(|(_, drops)| **drops != 1);
        let wrong: Vec<_> = not_once.map(|(number, drops)| (number, *drops)).take(10).collect();
        let made = drops.len();
        drop(drops); // Values that unwinding drops enter themselves too.
        assert!(wrong.is_empty(), "of {made} values some were not dropped once: {wrong:?}");
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.book.drops.lock().unwrap()[self.number] += 1;
        self.book.dropped.fetch_add(1, Relaxed);
    }
}

impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        self.content == other.content
    }
}

impl Eq for Counted {}

impl Hash for Counted {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.content.hash(state);
    }
}

impl std::borrow::Borrow<u64> for Counted {
    fn borrow(&self) -> &u64 {
        &self.content
    }
}

impl fmt::Debug for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.content.fmt(f)
    }
}

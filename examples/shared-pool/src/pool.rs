//! The pool: a semaphore whose permits stand for buffers, for threads and tasks alike.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use counterpoint::sync::{Mutex, OwnedSemaphorePermit, Semaphore};

/// Less than most files, so that a buffer is kept across several waits.
pub(crate) const BUFFER_BYTES: usize = 4 * 1024;

type Bytes = Box<[u8; BUFFER_BYTES]>;

/// A fixed number of buffers.
#[derive(Debug)]
pub(crate) struct Pool {
    permits: Arc<Semaphore>,
    /// Those that nobody has. Who comes here has a permit, so there is one; the lock is held for a
    /// push or a pop, so that tasks may block on it.
    free: Mutex<Vec<Bytes>>,
    size: usize,
    in_use: AtomicUsize,
    most_in_use: AtomicUsize,
}

impl Pool {
    pub(crate) fn new(size: usize) -> Arc<Self> {
        Arc::new(Pool {
            permits: Arc::new(Semaphore::new(size)),
            free: Mutex::new((0..size).map(|_| Box::new([0; BUFFER_BYTES])).collect()),
            size,
            in_use: AtomicUsize::new(0),
            most_in_use: AtomicUsize::new(0),
        })
    }

    /// Blocks the thread until there is a buffer.
    pub(crate) fn take_blocking(self: &Arc<Self>) -> Buffer {
        self.hand_out(self.permits.acquire_owned_blocking().expect("nobody closes the pool"))
    }

    /// Waits for a buffer. May be dropped at any time.
    pub(crate) async fn take(self: &Arc<Self>) -> Buffer {
        self.hand_out(self.permits.acquire_owned().await.expect("nobody closes the pool"))
    }

    /// Keeps all buffers from everybody, until the permit is dropped.
    pub(crate) fn keep_all(&self) -> OwnedSemaphorePermit {
        self.permits.acquire_many_owned_blocking(self.size).expect("nobody closes the pool")
    }

    fn hand_out(self: &Arc<Self>, permit: OwnedSemaphorePermit) -> Buffer {
        let bytes = self.free.lock_blocking().pop();
        let bytes = bytes.expect("there are as many buffers as permits");
        let in_use = self.in_use.fetch_add(1, Relaxed) + 1;
        self.most_in_use.fetch_max(in_use, Relaxed);
        Buffer { bytes: Some(bytes), pool: self.clone(), _permit: permit }
    }

    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// How many buffers were in use at a time, at most.
    pub(crate) fn most_in_use(&self) -> usize {
        self.most_in_use.load(Relaxed)
    }

    /// How many permits, and how many buffers, nobody has.
    pub(crate) fn free(&self) -> (usize, usize) {
        (self.permits.available_permits(), self.free.lock_blocking().len())
    }
}

/// A buffer; goes back to its pool. It has no lifetime, so that it goes wherever a task does.
#[derive(Debug)]
pub(crate) struct Buffer {
    /// `None` while it is dropped.
    bytes: Option<Bytes>,
    pool: Arc<Pool>,
    /// Dropped after the buffer is back: whoever gets it finds the buffer.
    _permit: OwnedSemaphorePermit,
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.pool.in_use.fetch_sub(1, Relaxed);
        self.pool.free.lock_blocking().extend(self.bytes.take());
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes.as_ref().expect("it is not dropped")[..]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.bytes.as_mut().expect("it is not dropped")[..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_lite::future::{block_on, poll_once};
    use std::pin::pin;

    #[test]
    fn a_wait_that_was_told_and_is_dropped_hands_its_buffer_on() {
        let pool = Pool::new(1);
        let buffer = pool.take_blocking();
        let mut next = pin!(pool.take());
        {
            let mut dropped = Box::pin(pool.take());
            assert!(block_on(poll_once(&mut dropped)).is_none());
            assert!(block_on(poll_once(&mut next)).is_none());
            drop(buffer);
        }
        drop(block_on(next));
        assert_eq!((pool.free(), pool.most_in_use()), ((1, 1), 1));
    }
}

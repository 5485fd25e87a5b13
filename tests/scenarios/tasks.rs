//! Tasks in scenarios: their wake-ups are words that engines see.

use counterpoint::verify::shim::{AtomicUsize, Ordering, hint::spin_loop};
use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
};

/// A task's wake-ups: a word that engines see.
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        // Release: what came before the wake-up.
        self.0.swap(1, Ordering::Release);
    }
}

/// Runs a future; between polls it waits for its waker.
pub(crate) fn block_on<F: Future>(mut future: Pin<&mut F>) -> F::Output {
    let bell = Arc::new(Bell(AtomicUsize::new(0)));
    let waker = Waker::from(bell.clone());
    loop {
        if let Poll::Ready(result) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return result;
        }
        // Acquire: what came before the wake-up.
        while bell.0.compare_exchange(1, 0, Ordering::Acquire, Ordering::Relaxed).is_err() {
            spin_loop();
        }
    }
}

/// Polls a future once, of a task that nobody polls again.
pub(crate) fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    let waker = Waker::from(Arc::new(Bell(AtomicUsize::new(0))));
    future.poll(&mut Context::from_waker(&waker))
}

//! Tasks that a test polls by hand.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

/// Whether a task was woken since it was polled last.
#[derive(Default)]
pub(crate) struct Bell(AtomicBool);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.store(true, SeqCst);
    }
}

/// A waker that panics.
pub(crate) struct Panics;

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        panic!("the waker panics");
    }
}

/// A future, and its bell.
pub(crate) struct Task<F: ?Sized> {
    bell: Arc<Bell>,
    future: Pin<Box<F>>,
}

impl<F: Future> Task<F> {
    pub(crate) fn new(future: F) -> Self {
        Task { bell: Arc::default(), future: Box::pin(future) }
    }

    pub(crate) fn poll(&mut self) -> Poll<F::Output> {
        self.bell.0.store(false, SeqCst);
        let waker = Waker::from(self.bell.clone());
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }

    pub(crate) fn is_woken(&self) -> bool {
        self.bell.0.load(SeqCst)
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future on this thread.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(result) => return result,
            Poll::Pending => thread::park(),
        }
    }
}

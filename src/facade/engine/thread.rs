//! Threads that the engine drives; outside of an execution, threads of std.

use super::{execution::Execution, spin};
use core::fmt;
use std::{
    sync::{Arc, Mutex, PoisonError},
    thread,
};

/// The right to join a thread; see [`std::thread::JoinHandle`].
pub struct JoinHandle<T>(Kind<T>);

enum Kind<T> {
    Native(thread::JoinHandle<T>),
    Driven { join: Box<dyn FnOnce()>, result: Arc<Mutex<Option<T>>> },
}

impl<T> JoinHandle<T> {
    /// Waits until the thread is over; its result.
    ///
    /// # Errors
    /// Outside of a model, what the thread panicked with. (Inside, a panic of any thread ends the
    /// whole execution.)
    pub fn join(self) -> thread::Result<T> {
        match self.0 {
            Kind::Native(handle) => handle.join(),
            Kind::Driven { join, result } => {
                join();
                let result = result.lock().unwrap_or_else(PoisonError::into_inner).take();
                Ok(result.expect("a joined thread has left its result"))
            }
        }
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").finish_non_exhaustive()
    }
}

/// Starts a thread.
pub fn spawn<F, T>(body: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let Some(execution) = Execution::current() else {
        return JoinHandle(Kind::Native(thread::spawn(body)));
    };
    let result = Arc::new(Mutex::new(None));
    let place = result.clone();
    let join = execution.spawn(move || {
        let value = body();
        *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    });
    JoinHandle(Kind::Driven { join, result })
}

/// Lets others run: for loops that wait for another thread's progress.
pub fn yield_now() {
    if !spin() {
        thread::yield_now();
    }
}

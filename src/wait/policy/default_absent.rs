//! There is no default policy in this build: to use it is an error of compilation.

use super::{Bit, Exclude, Park};
use core::task::{Poll, Waker};

/// No policy: turn the feature `std` or `critical-section` on, or name [`Spin`](super::Spin). Whatever
/// waits by this one does not compile.
#[derive(Debug)]
pub enum DefaultPolicy {}

impl Park for DefaultPolicy {
    type Thread = DefaultPolicy;

    fn current() -> DefaultPolicy {
        unreachable!("what waits by this policy does not compile")
    }

    fn share(thread: &DefaultPolicy) -> DefaultPolicy {
        match *thread {}
    }

    fn park(thread: &DefaultPolicy) {
        match *thread {}
    }

    fn unpark(thread: &DefaultPolicy) {
        match *thread {}
    }

    fn drive<R>(
        _: &DefaultPolicy,
        _: impl FnMut(&Waker) -> Poll<R>,
        _: impl FnMut(bool) -> bool,
    ) -> Option<R> {
        const { absent() }
    }

    fn relax(_: u32) -> bool {
        false
    }
}

// SAFETY: it does not compile where it is called.
unsafe impl Exclude for DefaultPolicy {
    fn exclusive<R>(_: &Bit, _: impl FnOnce() -> R) -> R {
        const { absent() }
    }
}

/// An error of compilation.
const fn absent() -> ! {
    panic!(
        "there is no default policy: turn the feature `std` or `critical-section` on, or name the \
         policy `Spin`"
    )
}

//! There is no default policy in this build: to use it is an error of compilation.

use super::{Bit, Exclude, Park};

/// No policy: turn the feature `std` or `critical-section` on, or name [`Spin`](super::Spin). Whatever
/// waits by this one does not compile.
#[derive(Debug)]
pub enum Default {}

impl Park for Default {
    type Thread = Default;

    fn current() -> Default {
        unreachable!("what waits by this policy does not compile")
    }

    fn share(thread: &Default) -> Default {
        match *thread {}
    }

    fn park(thread: &Default) {
        match *thread {}
    }

    fn unpark(thread: &Default) {
        match *thread {}
    }

    fn relax(_: u32) -> bool {
        false
    }

    fn give_way() {}
}

// SAFETY: it does not compile where it is called.
unsafe impl Exclude for Default {
    fn exclusive<R>(_: &Bit, _: impl FnOnce() -> R) -> R {
        const {
            panic!(
                "there is no default policy: turn the feature `std` or `critical-section` on, or \
                 name the policy `Spin`"
            )
        }
    }
}

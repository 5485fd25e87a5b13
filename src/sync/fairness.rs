//! Who gets what is released while others wait.

/// Who gets what is released, a lock or permits: [`Barging`] or [`Fair`].
pub trait Fairness: sealed::Sealed + 'static {
    #[doc(hidden)]
    const HANDS_OVER: bool;
}

/// Whoever comes: who waits is woken in order, and competes.
#[derive(Clone, Copy, Debug)]
pub enum Barging {}

/// Who has waited longest.
#[derive(Clone, Copy, Debug)]
pub enum Fair {}

impl Fairness for Barging {
    const HANDS_OVER: bool = false;
}

impl Fairness for Fair {
    const HANDS_OVER: bool = true;
}

mod sealed {
    /// There are no others.
    pub trait Sealed {}

    impl Sealed for super::Barging {}
    impl Sealed for super::Fair {}
}

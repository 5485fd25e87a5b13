//! Who goes first, readers or writers.

/// Who goes first: [`PhaseFair`], [`ReaderPreferring`] or [`WriterPreferring`].
pub trait Preference: sealed::Sealed + 'static {
    /// Readers enter although writers wait.
    #[doc(hidden)]
    const READERS_FIRST: bool;
    /// A writer that leaves lets the next one in although readers wait.
    #[doc(hidden)]
    const WRITERS_FIRST: bool;
}

/// Read phases and write phases alternate (Brandenburg and Anderson, 2009): while a writer waits new
/// readers wait, and when a writer leaves all the readers that wait enter together.
///
/// A thread that reads waits for one writer's turn at most, and a writer for one read phase before
/// each turn of a writer. A thread that reads already must not wait for a second read lock: a writer
/// may wait in between, and then all three wait for ever.
#[derive(Clone, Copy, Debug)]
pub enum PhaseFair {}

/// Readers enter whenever no writer has the lock, also if one waits: who reads may read again.
///
/// Writers, and upgrades, wait as long as readers overlap, which may be for ever. Who comes for an
/// upgradable read is not barred by those who have waited long for it or to write.
#[derive(Clone, Copy, Debug)]
pub enum ReaderPreferring {}

/// While a writer waits new readers wait, and when a writer leaves the next one goes first.
///
/// Readers wait as long as writers come, which may be for ever. As with [`PhaseFair`], who reads must
/// not wait for a second read lock.
#[derive(Clone, Copy, Debug)]
pub enum WriterPreferring {}

impl Preference for PhaseFair {
    const READERS_FIRST: bool = false;
    const WRITERS_FIRST: bool = false;
}

impl Preference for ReaderPreferring {
    const READERS_FIRST: bool = true;
    const WRITERS_FIRST: bool = false;
}

impl Preference for WriterPreferring {
    const READERS_FIRST: bool = false;
    const WRITERS_FIRST: bool = true;
}

mod sealed {
    /// There are no others.
    pub trait Sealed {}

    impl Sealed for super::PhaseFair {}
    impl Sealed for super::ReaderPreferring {}
    impl Sealed for super::WriterPreferring {}
}

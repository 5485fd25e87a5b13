//! What a thief gets.

/// The answer to an attempt to steal.
///
/// ```
/// use counterpoint::deque::{Steal, Worker};
///
/// // A thief that asks one victim after another, and again while another thief was faster.
/// fn find(victims: &[counterpoint::deque::Stealer<u32>]) -> Option<u32> {
///     loop {
///         let found: Steal<u32> = victims.iter().map(|victim| victim.pin().steal()).collect();
///         if !found.is_retry() {
///             return found.success();
///         }
///     }
/// }
///
/// let (idle, busy) = (Worker::new(), Worker::from_iter([1, 2]));
/// assert_eq!(find(&[idle.stealer(), busy.stealer()]), Some(1));
/// ```
#[must_use = "what was stolen is in it"]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steal<T> {
    /// There was nothing at some moment of the call.
    Empty,
    /// What was taken. (`Success(0)` of a batch: there was no room for one, or none was asked for.)
    Success(T),
    /// Another thread took the oldest value at that moment. Nothing was taken; there may be more.
    Retry,
}

/// What a thief gets that wants to know more.
pub(crate) enum Looked<T> {
    /// What was taken.
    Stolen(T),
    /// Another thread took the oldest value at that moment.
    Lost,
    /// There was nothing, with the oldest value's index as it was: whoever takes the last value raises it,
    /// an owner perhaps later than others see that there is none.
    Empty(usize),
}

impl<T> Steal<T> {
    /// Whether there was nothing.
    pub fn is_empty(&self) -> bool {
        matches!(self, Steal::Empty)
    }

    /// Whether something was taken.
    pub fn is_success(&self) -> bool {
        matches!(self, Steal::Success(_))
    }

    /// Whether another thread was faster.
    pub fn is_retry(&self) -> bool {
        matches!(self, Steal::Retry)
    }

    /// What was taken.
    pub fn success(self) -> Option<T> {
        match self {
            Steal::Success(value) => Some(value),
            Steal::Empty | Steal::Retry => None,
        }
    }

    /// This one if something was taken; otherwise that of `other`, but `Retry` if either said so and
    /// nothing was taken.
    pub fn or_else(self, other: impl FnOnce() -> Steal<T>) -> Steal<T> {
        match self {
            Steal::Success(_) => self,
            Steal::Empty => other(),
            Steal::Retry => match other() {
                Steal::Empty => Steal::Retry,
                found => found,
            },
        }
    }

    /// As this one, with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Steal<U> {
        match self {
            Steal::Empty => Steal::Empty,
            Steal::Success(value) => Steal::Success(f(value)),
            Steal::Retry => Steal::Retry,
        }
    }
}

/// The first success, and no attempt after it; without one `Retry` if any attempt said so, or `Empty`.
impl<T> FromIterator<Steal<T>> for Steal<T> {
    fn from_iter<I: IntoIterator<Item = Steal<T>>>(attempts: I) -> Self {
        let mut found = Steal::Empty;
        for attempt in attempts {
            found = found.or_else(|| attempt);
            if found.is_success() {
                break;
            }
        }
        found
    }
}

//! The protocol of one waiter: enter, be notified, try again, leave. See the [module](super).

use super::{
    node::{Node, Notice, Request, Waiter},
    policy::{Clock, Park, Policy},
    queue::{Queue, Ring},
};
use crate::facade::engine;
use core::{
    pin::{Pin, pin},
    task::{Context, Poll},
};

/// What is waited for.
///
/// A source has a word of state, in which a bit says whether anybody waits. All changes of the word
/// are read-modify-writes.
pub(crate) trait Source {
    /// How threads block.
    type Policy: Policy;

    /// Who waits.
    fn queue(&self) -> &Queue<Self::Policy>;

    /// Takes what is wanted, if it is there and this one may have it.
    fn try_take(&self, request: Request) -> bool;

    /// Under the queue's lock: takes it, or announces that somebody waits, in one step.
    fn take_or_announce(&self, request: Request) -> bool;

    /// Under the queue's lock: a waiter that was told nothing has left.
    fn has_left(&self, ring: &mut Ring<'_, Self::Policy>, request: Request);

    /// Whether a waiter that comes back goes first again, rather than last.
    fn keeps_its_place(&self, request: Request) -> bool;

    /// A waiter that was told something makes no use of it: whoever needs it now shall have it.
    fn forward(&self, notice: Notice, request: Request);

    /// Whether a task that comes new shall give way to others first, once.
    fn asks_for_courtesy(&self) -> bool {
        false
    }
}

/// One waiter.
///
/// # Safety of its use
/// Once it has been polled it is pinned, and [`leave`](Waiting::leave) is called before it goes,
/// with the source that it was polled with.
pub(crate) struct Waiting<P: Park> {
    state: State<P>,
}

/// What a task that was told nothing finds.
enum Look {
    Waits,
    Took,
    Told,
}

enum State<P: Park> {
    New,
    /// It has given way to others.
    Courteous,
    Entered(Node<P>),
    Over,
}

// SAFETY: what others reach of its node while it is linked is under the queue's lock, and what the
// node holds, a waker or a thread, may be dropped anywhere.
unsafe impl<P: Park> Send for Waiting<P> {}
// SAFETY: it does nothing through a shared reference.
unsafe impl<P: Park> Sync for Waiting<P> {}

impl<P: Policy> Waiting<P> {
    pub(crate) const fn new() -> Self {
        Waiting { state: State::New }
    }

    /// Goes on. `Ready`: it has got what it wants.
    ///
    /// # Panics
    /// When it has got that before.
    pub(crate) fn poll<S: Source<Policy = P>>(
        self: Pin<&mut Self>,
        source: &S,
        context: &mut Context<'_>,
    ) -> Poll<()> {
        // SAFETY: the node is not moved out of its place.
        let this = unsafe { self.get_unchecked_mut() };
        match &this.state {
            State::New | State::Courteous => {
                if matches!(this.state, State::New) && source.asks_for_courtesy() {
                    this.state = State::Courteous;
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                let request = Request::new(false);
                if source.try_take(request) {
                    this.state = State::Over;
                    return Poll::Ready(());
                }
                let waiter = Waiter::Task(context.waker().clone());
                this.state = State::Entered(Node::new(request));
                this.enter(source, waiter)
            }
            State::Entered(node) => match node.notice() {
                None => match this.look(source, context) {
                    Look::Waits => Poll::Pending,
                    Look::Took => this.taken(),
                    Look::Told => this.heard(source, || Waiter::Task(context.waker().clone())),
                },
                Some(_) => this.heard(source, || Waiter::Task(context.waker().clone())),
            },
            State::Over => panic!("a future was polled after it was ready"),
        }
    }

    /// Links the node, last or (when it was told to try again) first, unless the source gives.
    fn enter<S: Source<Policy = P>>(&mut self, source: &S, waiter: Waiter<P>) -> Poll<()> {
        let State::Entered(node) = &self.state else { unreachable!("there is a node") };
        let request = node.request();
        // SAFETY: it is not linked yet. [I1]
        drop(unsafe { node.replace_waiter(Some(waiter)) });
        let (own, node): (_, *const Node<P>) = (node, node);
        let has_taken = source.queue().exclusive(|ring| {
            let has_taken = source.take_or_announce(request);
            if !has_taken {
                // SAFETY: it is not linked, and pinned until it leaves. [I3]
                unsafe { ring.link(node, request.is_told && source.keeps_its_place(request)) };
                own.set_request(Request { is_told: false, ..request });
            }
            has_taken
        });
        if !has_taken {
            return Poll::Pending;
        }
        self.taken()
    }

    /// It has what it wants, and is not linked. Its waiter goes, which is code of a user: not under the
    /// lock. [I4] If that panics, `leave` forwards what was taken.
    fn taken(&mut self) -> Poll<()> {
        let State::Entered(node) = &self.state else { unreachable!("there is a node") };
        node.grant();
        // SAFETY: it is not linked. [I1]
        drop(unsafe { node.replace_waiter(None) });
        self.state = State::Over;
        Poll::Ready(())
    }

    /// A task that is polled though it was told nothing takes what it wants if it is there (the one
    /// who was told may be another future of the same task, which nobody polls now); else it makes
    /// sure that its newest waker will wake it.
    fn look<S: Source<Policy = P>>(&self, source: &S, context: &Context<'_>) -> Look {
        let State::Entered(node) = &self.state else { unreachable!("there is a node") };
        let (place, request): (*const Node<P>, _) = (node, node.request());
        let waker = context.waker();
        let mut would_wake = false;
        let seen = source.queue().exclusive(|ring| {
            if !node.is_linked() {
                return Look::Told;
            }
            if source.try_take(request) {
                node.grant();
                // SAFETY: linked, here.
                unsafe { ring.unlink(place) };
                source.has_left(ring, request);
                return Look::Took;
            }
            // SAFETY: under the lock, and linked. [I1]
            would_wake = unsafe { node.would_wake(waker) };
            Look::Waits
        });
        if !matches!(seen, Look::Waits) || would_wake {
            return seen;
        }
        let mut newest = Some(Waiter::Task(waker.clone()));
        // What is left of the two wakers is dropped when the lock is free. [I4]
        source.queue().exclusive(|_| {
            if !node.is_linked() {
                return Look::Told;
            }
            // SAFETY: under the lock, and linked. [I1]
            newest = unsafe { node.replace_waiter(newest.take()) };
            Look::Waits
        })
    }

    /// Acts on what the node was told.
    fn heard<S: Source<Policy = P>>(
        &mut self,
        source: &S,
        waiter: impl FnOnce() -> Waiter<P>,
    ) -> Poll<()> {
        let State::Entered(node) = &self.state else { unreachable!("there is a node") };
        match node.notice() {
            Some(Notice::Retry) => {
                let before = node.request();
                let rounds = before.rounds.saturating_add(1);
                let request = Request { rounds, is_told: true, ..before };
                if source.try_take(request) {
                    self.state = State::Over;
                    return Poll::Ready(());
                }
                // Whoever panics while it clones a waker has been told, and leaves with that.
                let waiter = waiter();
                node.set_request(request);
                self.enter(source, waiter)
            }
            Some(Notice::Granted) => {
                self.state = State::Over;
                Poll::Ready(())
            }
            None => Poll::Pending,
        }
    }

    /// Leaves the queue, and forwards what it was told, if it has not got what it wants.
    pub(crate) fn leave<S: Source<Policy = P>>(&mut self, source: &S) {
        let State::Entered(node) = &self.state else { return };
        if engine::abandoned() {
            return;
        }
        let (place, request): (*const Node<P>, _) = (node, node.request());
        let is_linked = !node.is_idle() && node.notice().is_none();
        let has_left = is_linked
            && source.queue().exclusive(|ring| {
                let is_linked = node.is_linked();
                if is_linked {
                    // SAFETY: linked, here.
                    unsafe { ring.unlink(place) };
                    source.has_left(ring, request);
                }
                is_linked
            });
        let told = if has_left || node.is_idle() { None } else { node.notice() };
        // With it goes the waiter, when the lock is free. [I4]
        self.state = State::Over;
        if let Some(notice) = told {
            source.forward(notice, request);
        }
    }
}

/// Blocks the thread until it has got what it wants.
pub(crate) fn block_on<S: Source>(source: &S) {
    let thread = S::Policy::current();
    block(source, &thread, || {
        S::Policy::park(&thread);
        true
    });
}

/// Blocks the thread until it has got what it wants (`true`), or until then.
pub(crate) fn block_until<S>(source: &S, deadline: <S::Policy as Clock>::Instant) -> bool
where
    S: Source<Policy: Clock>,
{
    let thread = S::Policy::current();
    block(source, &thread, || {
        let is_early = S::Policy::now() < deadline;
        if is_early {
            S::Policy::park_until(&thread, deadline);
        }
        is_early
    })
}

/// `pause` returns when the thread was unparked, or for no reason; `false`: it gives up.
fn block<S: Source>(
    source: &S,
    thread: &<S::Policy as Park>::Thread,
    pause: impl Fn() -> bool,
) -> bool {
    let mut waiting = pin!(Blocked { source, waiting: Waiting::new() });
    // SAFETY: the node is not moved out of its place.
    let Blocked { waiting, .. } = unsafe { waiting.as_mut().get_unchecked_mut() };
    let request = Request::new(true);
    let waiter = || Waiter::Thread(S::Policy::share(thread));
    waiting.state = State::Entered(Node::new(request));
    if waiting.enter(source, waiter()).is_ready() {
        return true;
    }
    loop {
        if waiting.heard(source, waiter).is_ready() {
            return true;
        }
        if !pause() {
            return false;
        }
    }
}

/// A thread that waits; leaves when it gives up, or unwinds.
struct Blocked<'a, S: Source> {
    source: &'a S,
    waiting: Waiting<S::Policy>,
}

impl<S: Source> Drop for Blocked<'_, S> {
    fn drop(&mut self) {
        self.waiting.leave(self.source);
    }
}

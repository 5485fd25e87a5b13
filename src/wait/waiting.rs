//! The protocol of one waiter: enter, be notified, try again, leave. See the [module](super).

use super::{
    group::Member,
    node::{Node, Notice, Request, Waiter},
    policy::{Clock, Park, Policy},
    source::{Attempt, Closed, Source},
};
use crate::facade::engine;
use core::{
    pin::{Pin, pin},
    task::{Context, Poll},
};

/// How waiting ends.
pub(crate) type Waited = Result<(), Closed>;

/// One waiter.
///
/// # Safety of its use
/// Once it has been polled it is pinned, and [`leave`](Waiting::leave) is called before it goes,
/// with the source that it was polled with.
pub(crate) struct Waiting<P: Park> {
    pub(super) state: State<P>,
}

/// What a task that was told nothing finds.
enum Look {
    Waits,
    Settled(Notice),
    Told,
}

pub(super) enum State<P: Park> {
    /// It wants so much; it may be in a group.
    New(usize, Member),
    /// It has given way to others.
    Courteous(usize, Member),
    Entered(Node<P>),
    Over,
}

// SAFETY: what others reach of its node while it is linked is under the queue's lock, and what the
// node holds, a waker or a thread, may be dropped anywhere.
unsafe impl<P: Park> Send for Waiting<P> {}
// SAFETY: it does nothing through a shared reference.
unsafe impl<P: Park> Sync for Waiting<P> {}

impl<P: Policy> Waiting<P> {
    pub(crate) const fn new(want: usize) -> Self {
        Waiting { state: State::New(want, Member::NONE) }
    }

    /// Whether it has ended.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    /// Waits for something else.
    ///
    /// # Panics
    /// When it waits for something now.
    pub(crate) fn restart(self: Pin<&mut Self>, want: usize) {
        // SAFETY: there is no node that could be moved.
        let this = unsafe { self.get_unchecked_mut() };
        assert!(!matches!(this.state, State::Entered(_)), "it still waits");
        this.state = State::New(want, Member::NONE);
    }

    /// Becomes a waiter of a group, if it has yet to be polled.
    ///
    /// # Safety
    /// It leaves before the group is moved, or gone.
    pub(crate) unsafe fn join(self: Pin<&mut Self>, member: Member) {
        // SAFETY: there is no node that could be moved.
        let this = unsafe { self.get_unchecked_mut() };
        if let State::New(want, _) = this.state {
            this.state = State::New(want, member);
        }
    }

    /// Ends at once, if it has yet to be polled, and `take` takes what it wants. (Before `poll`, which looks
    /// first whether it shall give way: that costs as much again as taking what is free.)
    #[inline]
    pub(crate) fn take_at_once<T>(
        self: Pin<&mut Self>,
        take: impl FnOnce() -> Option<T>,
    ) -> Option<T> {
        // SAFETY: there is no node that could be moved.
        let this = unsafe { self.get_unchecked_mut() };
        let taken = if matches!(this.state, State::New(..)) { take() } else { None };
        if taken.is_some() {
            this.state = State::Over;
        }
        taken
    }

    /// Goes on. `Ready`: it has got what it wants, or never will.
    ///
    /// # Panics
    /// When that was said before.
    pub(crate) fn poll<S>(
        self: Pin<&mut Self>,
        source: &S,
        context: &mut Context<'_>,
    ) -> Poll<Waited>
    where
        S: Source<Policy = P>,
    {
        // SAFETY: the node is not moved out of its place.
        let this = unsafe { self.get_unchecked_mut() };
        match &this.state {
            &State::New(want, member) if source.asks_for_courtesy() => {
                this.state = State::Courteous(want, member);
                context.waker().wake_by_ref();
                Poll::Pending
            }
            &State::New(want, member) | &State::Courteous(want, member) => {
                let request = Request::new(want, false);
                if let Some(result) = result_of(source.try_take(request)) {
                    this.state = State::Over;
                    return Poll::Ready(result);
                }
                let waiter = Waiter::Task(context.waker().clone());
                let node = Node::new(request);
                node.set_member(member);
                this.state = State::Entered(node);
                this.enter(source, waiter)
            }
            State::Entered(node) => match node.notice() {
                None => match this.look(source, context) {
                    Look::Waits => Poll::Pending,
                    Look::Settled(notice) => {
                        source.serve();
                        this.settled(notice)
                    }
                    Look::Told => this.heard(source, || Waiter::Task(context.waker().clone())),
                },
                Some(_) => this.heard(source, || Waiter::Task(context.waker().clone())),
            },
            State::Over => panic!("a future was polled after it was ready"),
        }
    }

    /// Links the node, last or (when it was told to try again) first, unless the source gives.
    fn enter<S: Source<Policy = P>>(&mut self, source: &S, waiter: Waiter<P>) -> Poll<Waited> {
        let State::Entered(node) = &self.state else { unreachable!("there is a node") };
        let request = node.request();
        // SAFETY: it is not linked yet. [I1]
        drop(unsafe { node.replace_waiter(Some(waiter)) });
        let (own, node): (_, *const Node<P>) = (node, node);
        let attempt = source.queue().exclusive(|ring| {
            let attempt = source.take_or_announce(ring, request);
            if attempt == Attempt::Blocked {
                // SAFETY: it is not linked, and pinned until it leaves. [I3]
                unsafe { ring.link(node, request.is_told && source.keeps_its_place(request)) };
                own.set_request(Request { is_told: false, ..request });
            }
            attempt
        });
        match notice_of(attempt) {
            Some(notice) => {
                if request.is_told {
                    // If a waker panics there, `leave` forwards what was taken.
                    own.settle(notice);
                    source.serve();
                }
                self.settled(notice)
            }
            None => {
                if request.is_told {
                    source.serve();
                }
                Poll::Pending
            }
        }
    }

    /// It has found out, and is not linked. Its waiter goes, which is code of a user: not under the
    /// lock. [I4] If that panics, `leave` forwards what was taken.
    fn settled(&mut self, notice: Notice) -> Poll<Waited> {
        let State::Entered(node) = &self.state else { unreachable!("there is a node") };
        node.settle(notice);
        // SAFETY: it is not linked. [I1]
        drop(unsafe { node.replace_waiter(None) });
        self.state = State::Over;
        Poll::Ready(if notice == Notice::Closed { Err(Closed) } else { Ok(()) })
    }

    /// A task that is polled though it was told nothing takes what it wants if it is there (the one
    /// who was told may be another future of the same task, which nobody polls now); else it makes
    /// sure that its newest waker will wake it.
    fn look<S: Source<Policy = P>>(&self, source: &S, context: &Context<'_>) -> Look {
        let State::Entered(node) = &self.state else { unreachable!("there is a node") };
        let place: *const Node<P> = node;
        let waker = context.waker();
        let mut would_wake = false;
        let seen = source.queue().exclusive(|ring| {
            if !node.is_linked() {
                return Look::Told;
            }
            let request = node.request();
            if let Some(notice) = notice_of(source.try_take(request)) {
                node.settle(notice);
                // SAFETY: linked, here.
                unsafe { ring.unlink(place) };
                source.has_left(ring, Request { is_told: node.is_due(), ..request });
                return Look::Settled(notice);
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
    ) -> Poll<Waited> {
        let State::Entered(node) = &self.state else { unreachable!("there is a node") };
        let result = match node.notice() {
            None => return Poll::Pending,
            Some(Notice::Retry) => {
                let before = node.request();
                let rounds = before.rounds.saturating_add(1);
                let request = Request { rounds, is_told: true, ..before };
                let Some(notice) = notice_of(source.try_take(request)) else {
                    // Whoever panics while it clones a waker has been told, and leaves with that.
                    let waiter = waiter();
                    node.set_request(request);
                    return self.enter(source, waiter);
                };
                // If a waker panics there, `leave` forwards what was taken.
                node.settle(notice);
                source.serve();
                return self.settled(notice);
            }
            Some(Notice::Granted | Notice::All) => Ok(()),
            Some(Notice::Closed) => Err(Closed),
        };
        self.state = State::Over;
        Poll::Ready(result)
    }

    /// Leaves the queue, and forwards what it was told, if it has not got what it wants.
    pub(crate) fn leave<S: Source<Policy = P>>(&mut self, source: &S) {
        let State::Entered(node) = &self.state else { return };
        if engine::abandoned() {
            return;
        }
        let place: *const Node<P> = node;
        let has_left = !node.is_idle()
            && node.notice().is_none()
            && source.queue().exclusive(|ring| {
                let is_linked = node.is_linked();
                if is_linked {
                    let request = Request { is_told: node.is_due(), ..node.request() };
                    // SAFETY: linked, here.
                    unsafe { ring.unlink(place) };
                    source.has_left(ring, request);
                }
                is_linked
            });
        let told = if has_left || node.is_idle() { None } else { node.notice() };
        let _departure = Departure { source, has_left, told, request: node.request() };
        // With it goes the waiter, which is code of a user: when the lock is free. [I4]
        self.state = State::Over;
    }
}

/// What somebody owes to the others who leaves; paid when it is dropped, also if its waiter panics.
struct Departure<'a, S: Source> {
    source: &'a S,
    has_left: bool,
    told: Option<Notice>,
    request: Request,
}

impl<S: Source> Drop for Departure<'_, S> {
    fn drop(&mut self) {
        match self.told {
            Some(notice @ (Notice::Retry | Notice::Granted)) => {
                self.source.forward(notice, self.request);
            }
            Some(Notice::All | Notice::Closed) => {}
            None if self.has_left => self.source.serve(),
            None => {}
        }
    }
}

fn result_of(attempt: Attempt) -> Option<Waited> {
    match attempt {
        Attempt::Took => Some(Ok(())),
        Attempt::Blocked => None,
        Attempt::Closed => Some(Err(Closed)),
    }
}

fn notice_of(attempt: Attempt) -> Option<Notice> {
    match attempt {
        Attempt::Took => Some(Notice::Granted),
        Attempt::Blocked => None,
        Attempt::Closed => Some(Notice::Closed),
    }
}

/// A waiter and its source; leaves when it is dropped.
pub(crate) struct Wait<S: Source> {
    source: S,
    waiting: Waiting<S::Policy>,
}

impl<S: Source> Wait<S> {
    pub(crate) const fn new(source: S, want: usize) -> Self {
        Wait { source, waiting: Waiting::new(want) }
    }

    pub(crate) fn source(&self) -> &S {
        &self.source
    }

    /// As [`Waiting::restart`].
    pub(crate) fn restart(self: Pin<&mut Self>, want: usize) {
        self.parts().1.restart(want);
    }

    /// As [`Waiting::join`].
    ///
    /// # Safety
    /// As there.
    pub(crate) unsafe fn join(self: Pin<&mut Self>, member: Member) {
        // SAFETY: as the caller promises.
        unsafe { self.parts().1.join(member) };
    }

    /// As [`Waiting::poll`].
    pub(crate) fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Waited> {
        let (source, waiting) = self.parts();
        waiting.poll(source, context)
    }

    fn parts(self: Pin<&mut Self>) -> (&S, Pin<&mut Waiting<S::Policy>>) {
        // SAFETY: `waiting` is pinned with it, and the source is not moved.
        unsafe {
            let this = self.get_unchecked_mut();
            (&this.source, Pin::new_unchecked(&mut this.waiting))
        }
    }
}

impl<S: Source> Drop for Wait<S> {
    fn drop(&mut self) {
        self.waiting.leave(&self.source);
    }
}

/// Blocks the thread until it has got what it wants, or never will.
pub(crate) fn block_on<S: Source>(source: &S, want: usize) -> Waited {
    let thread = S::Policy::current();
    let waited = block(source, want, &thread, || {
        S::Policy::park(&thread);
        true
    });
    waited.expect("it does not give up")
}

/// Blocks the thread until it has got what it wants, or never will, or until then (`None`).
pub(crate) fn block_until<S>(
    source: &S,
    want: usize,
    deadline: <S::Policy as Clock>::Instant,
) -> Option<Waited>
where
    S: Source<Policy: Clock>,
{
    let thread = S::Policy::current();
    block(source, want, &thread, || {
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
    want: usize,
    thread: &<S::Policy as Park>::Thread,
    pause: impl Fn() -> bool,
) -> Option<Waited> {
    let mut wait = pin!(Wait::new(source, want));
    // SAFETY: the node is not moved out of its place.
    let Wait { waiting, .. } = unsafe { wait.as_mut().get_unchecked_mut() };
    let request = Request::new(want, true);
    waiting.state = State::Entered(Node::new(request));
    let entered = waiting.enter(source, Waiter::Thread(S::Policy::share(thread)));
    if let Poll::Ready(result) = entered {
        return Some(result);
    }
    waiting.block(source, thread, pause)
}

impl<P: Policy> Waiting<P> {
    /// Blocks the thread, which has entered, until it has got what it wants. `pause` is as above.
    pub(super) fn block<S: Source<Policy = P>>(
        &mut self,
        source: &S,
        thread: &P::Thread,
        pause: impl Fn() -> bool,
    ) -> Option<Waited> {
        loop {
            let heard = self.heard(source, || Waiter::Thread(P::share(thread)));
            if let Poll::Ready(result) = heard {
                return Some(result);
            }
            if !pause() {
                return None;
            }
        }
    }
}

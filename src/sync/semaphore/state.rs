//! The word of a semaphore, and who is told what.
//!
//! # The word
//! | bit | |
//! |---|---|
//! | `QUEUED` | somebody is in the queue |
//! | `CLOSED` | nobody gets a permit any more |
//! | `LONG` | a thread has waited long: who comes new may not take permits |
//! | `COURTESY` | a task has waited long: tasks that come new give way once |
//! | `PERMIT`… | how many permits there are |
//!
//! # Algorithm
//! A release adds its permits, and then *serves* the queue: from the front, whoever can be satisfied,
//! until the first who cannot. So a large request at the front is not overtaken by small ones behind
//! it, and when it leaves, those behind it are served.
//!
//! *Barging*: who is served is told to try again, and competes with whoever comes; nothing is ever
//! given to somebody asleep. Permits that somebody is on the way for are *claimed*: nobody else is
//! told of them (else a permit that is taken and released again and again would wake all who wait).
//! A claim keeps nobody who comes from taking the permit. The bounds are those of the mutex: `LONG` for
//! threads, `COURTESY` for tasks, and a woken task that nobody polls keeps permits from those behind it
//! for `PASSES` releases only.
//!
//! *Fair*: who is served is given its permits, thread or task, and nobody who comes overtakes. One that
//! is [out](crate::wait::group) is passed over.
//!
//! # Invariants
//! * `[I1]` If `QUEUED`, somebody serves the queue, or the first one cannot be satisfied by what is there
//!   and not claimed: no wake-up is lost. Whatever may make that untrue (permits are added, a claim ends,
//!   somebody leaves, `LONG` is cleared) is followed by `serve`.
//! * `[I2]` Whoever is told to try again ends its claim: by taking, waiting again, or forwarding.
//! * `[I3]` `QUEUED`, `LONG`, `COURTESY` are set, and claims are changed, under the queue's lock.
//!
//! # Orderings
//! * `[P1]` What was done before permits were released is seen by who acquires them.
//! * `[P2]` What was done before `close` is seen by who finds it closed.

use super::{MAX_PERMITS, Semaphore};
use crate::{
    facade::{atomic::Ordering, tuning},
    sync::Fairness,
    wait::{
        Attempt, Closed, Notice, Policy, Queue, Request, Ring, Source, Waited, Waiter, block_on,
        change,
    },
};

const QUEUED: usize = 1;
const CLOSED: usize = 1 << 1;
const LONG: usize = 1 << 2;
const COURTESY: usize = 1 << 3;
pub(super) const PERMIT: usize = 1 << 4;

/// How many releases pass permits that a woken task has claimed, and does not fetch.
const PASSES: u32 = 1 << tuning::PASSES_BITS;

/// Permits that those on the way were told of.
pub(crate) struct Claims {
    threads: usize,
    tasks: usize,
    passes: u32,
}

impl Claims {
    pub(super) const fn new() -> Self {
        Claims { threads: 0, tasks: 0, passes: 0 }
    }

    fn begin(&mut self, request: Request) {
        let claimed = if request.is_thread { &mut self.threads } else { &mut self.tasks };
        *claimed = claimed.saturating_add(request.want);
    }

    /// Claims of tasks may have been forgotten meanwhile.
    fn end(&mut self, request: Request) {
        let claimed = if request.is_thread { &mut self.threads } else { &mut self.tasks };
        *claimed = claimed.saturating_sub(request.want);
        if self.tasks == 0 {
            self.passes = 0;
        }
    }

    /// Tasks that do not come keep permits from nobody.
    fn forget_tasks(&mut self) {
        (self.tasks, self.passes) = (0, 0);
    }

    /// Whether so many of `free` permits are not claimed; counts how often tasks were in the way.
    fn leave(&mut self, want: usize, free: usize) -> bool {
        let unclaimed = free.saturating_sub(self.threads);
        if want <= unclaimed.saturating_sub(self.tasks) {
            return true;
        }
        if want > unclaimed {
            return false;
        }
        self.passes += 1;
        let is_enough = self.passes >= PASSES;
        if is_enough {
            self.forget_tasks();
        }
        is_enough
    }
}

impl<P: Policy, F: Fairness> Semaphore<P, F> {
    pub(super) fn permits(&self) -> usize {
        // Relaxed: it says nothing of what the permits guard.
        self.state.load(Ordering::Relaxed) / PERMIT
    }

    pub(super) fn has_closed(&self) -> bool {
        // [P2] Acquire.
        self.state.load(Ordering::Acquire) & CLOSED != 0
    }

    /// For who comes new.
    #[inline]
    pub(super) fn try_take_new(&self, want: usize) -> Attempt {
        let obstacles = if F::HANDS_OVER { QUEUED } else { LONG };
        self.take(want, obstacles, 0)
    }

    /// Takes permits and clears `gone`, unless there are too few, or they are kept back by one of
    /// `obstacles`.
    #[inline]
    fn take(&self, want: usize, obstacles: usize, gone: usize) -> Attempt {
        // Relaxed: a guess, which the exchange checks.
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            let Some(next) = after(state, want, obstacles) else {
                return self.refused(state);
            };
            let next = next & !gone;
            // [P1] Acquire. Relaxed: a guess again.
            match self.state.compare_exchange(state, next, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Attempt::Took,
                Err(seen) => state = seen,
            }
        }
    }

    fn refused(&self, state: usize) -> Attempt {
        // It is never opened again; looks once more for the ordering.
        if state & CLOSED != 0 && self.has_closed() { Attempt::Closed } else { Attempt::Blocked }
    }

    /// Waits for permits a little, then in the queue.
    #[cold]
    pub(super) fn take_contended(&self, want: usize) -> Waited {
        match self.spin(want) {
            Attempt::Took => Ok(()),
            Attempt::Closed => Err(Closed),
            Attempt::Blocked => block_on(self, want),
        }
    }

    /// Tries for a while, unless others wait.
    pub(super) fn spin(&self, want: usize) -> Attempt {
        let mut round = 0;
        loop {
            // Relaxed: a guess.
            let state = self.state.load(Ordering::Relaxed);
            if state & CLOSED != 0 || state / PERMIT >= want {
                let attempt = self.try_take_new(want);
                if attempt != Attempt::Blocked {
                    return attempt;
                }
            }
            if state & QUEUED != 0 || !P::relax(round) {
                return Attempt::Blocked;
            }
            round += 1;
        }
    }

    /// Gives back permits that were acquired.
    #[inline]
    pub(super) fn release(&self, permits: usize) {
        // [P1] Release.
        let before = self.state.fetch_add(permits * PERMIT, Ordering::Release);
        if before & QUEUED != 0 {
            self.serve_queue(true);
        }
    }

    /// Adds permits; `false`: there would be too many, and nothing was changed.
    pub(super) fn add(&self, permits: usize) -> bool {
        // Relaxed: a guess, which the exchange checks.
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            if permits > MAX_PERMITS.saturating_sub(state / PERMIT) {
                return false;
            }
            let next = state + permits * PERMIT;
            // [P1] Release. Relaxed: a guess again.
            match self.state.compare_exchange(state, next, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => break,
                Err(seen) => state = seen,
            }
        }
        if state & QUEUED != 0 {
            self.serve_queue(true);
        }
        true
    }

    /// Takes all that are there, up to so many and at least one (unless none are asked for); says how
    /// many.
    pub(super) fn take_up_to(&self, most: usize) -> Result<usize, Attempt> {
        let obstacles = if F::HANDS_OVER { QUEUED } else { LONG };
        // Relaxed: a guess, which the exchange checks.
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            let want = (state / PERMIT).clamp(most.min(1), most);
            let Some(next) = after(state, want, obstacles) else {
                return Err(self.refused(state));
            };
            // [P1] Acquire. Relaxed: a guess again.
            match self.state.compare_exchange(state, next, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Ok(want),
                Err(seen) => state = seen,
            }
        }
    }

    /// Takes permits away for good, as many as there are up to so many; says how many.
    pub(super) fn take_away(&self, most: usize) -> usize {
        // Relaxed: a guess, which the exchange checks.
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            let taken = most.min(state / PERMIT);
            let next = state - taken * PERMIT;
            // [P1] Acquire, as any acquisition. Relaxed: a guess again.
            match self.state.compare_exchange(state, next, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return taken,
                Err(seen) => state = seen,
            }
        }
    }

    pub(super) fn close_now(&self) {
        // [P2] Release.
        let before = self.state.fetch_or(CLOSED, Ordering::Release);
        if before & QUEUED != 0 {
            self.serve_queue(false);
        }
    }

    /// Tells those who can go on now, from the front; `is_release`: there are more permits than before.
    #[cold]
    fn serve_queue(&self, is_release: bool) {
        self.queue.notify(|ring, wakes| {
            while !wakes.is_full() && !ring.is_empty() {
                let next =
                    if F::HANDS_OVER { self.grant(ring) } else { self.offer(ring, is_release) };
                let Some(waiter) = next else { return false };
                if ring.is_empty() {
                    change(&self.state, 0, QUEUED);
                }
                wakes.push(waiter);
            }
            !ring.is_empty()
        });
    }

    /// Under the queue's lock: gives the first one what it wants; `None`: it waits on.
    fn grant(&self, ring: &mut Ring<'_, P, Claims>) -> Option<Waiter<P>> {
        if self.has_closed() {
            return ring.notify_front(Notice::Closed);
        }
        // Whoever comes sees `QUEUED`: nobody else takes.
        let take = |request: Request| self.take(request.want, 0, 0) == Attempt::Took;
        // Relaxed: nothing was done with them. The queue's lock is held: whoever is next is asked next.
        let put_back = |request: Request| {
            self.state.fetch_add(request.want * PERMIT, Ordering::Relaxed);
        };
        ring.grant_first(take, put_back)
    }

    /// Under the queue's lock: tells the first one to try, if there may be enough; `None`: it waits on.
    fn offer(&self, ring: &mut Ring<'_, P, Claims>, is_release: bool) -> Option<Waiter<P>> {
        let request = ring.front()?.request();
        // Relaxed: who adds permits after this sees `QUEUED`, and serves. [I1]
        let state = self.state.load(Ordering::Relaxed);
        if state & CLOSED != 0 && self.has_closed() {
            return ring.notify_front(Notice::Closed);
        }
        let free = state / PERMIT;
        if request.want > free {
            if is_release {
                self.age(ring);
            }
            return None;
        }
        let can_go = ring.guarded(|claims| {
            // Nobody is kept from the permits for a thread while a task is to take them.
            if state & LONG != 0 {
                claims.forget_tasks();
            }
            let can_go = claims.leave(request.want, free);
            if can_go {
                claims.begin(request);
            }
            can_go
        });
        if can_go { ring.notify_front(Notice::Retry) } else { None }
    }

    /// Under the queue's lock: there are too few for the first one, who would never be told if there were
    /// always some who take the few.
    fn age(&self, ring: &mut Ring<'_, P, Claims>) {
        let mark = ring.age_front().map_or(0, |request| request.mark(LONG, COURTESY));
        if mark != 0 {
            change(&self.state, mark, 0);
        }
    }
}

/// The word when so many permits are taken from it, if they may be.
fn after(state: usize, want: usize, obstacles: usize) -> Option<usize> {
    let is_free = state & CLOSED == 0 && (state & obstacles == 0 || want == 0);
    if is_free { state.checked_sub(want * PERMIT) } else { None }
}

impl<P: Policy, F: Fairness> Source for Semaphore<P, F> {
    type Policy = P;
    type Guarded = Claims;

    fn queue(&self) -> &Queue<P, Claims> {
        &self.queue
    }

    fn try_take(&self, request: Request) -> Attempt {
        if !request.is_told {
            return self.try_take_new(request.want);
        }
        self.queue.exclusive(|ring| {
            let attempt = self.take(request.want, 0, request.mark(LONG, COURTESY));
            if attempt != Attempt::Blocked {
                ring.guarded(|claims| claims.end(request));
            }
            attempt
        })
    }

    fn take_or_announce(&self, ring: &mut Ring<'_, P, Claims>, request: Request) -> Attempt {
        let mut obstacles = match F::HANDS_OVER {
            true if ring.is_awaited() => QUEUED,
            true => 0,
            false => LONG,
        };
        let mut mark = QUEUED;
        if request.is_told {
            obstacles = 0;
            mark |= request.mark(LONG, COURTESY);
            ring.guarded(|claims| {
                claims.end(request);
                // Nobody is kept from the permits for a thread while a task is to take them.
                if mark & LONG != 0 {
                    claims.forget_tasks();
                }
            });
        }
        // Relaxed: a guess, which the exchange checks.
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            if state & CLOSED != 0 {
                return self.refused(state);
            }
            let taken = after(state, request.want, obstacles);
            let next = taken.map_or(state | mark, |taken| taken & !request.mark(LONG, COURTESY));
            // [P1] Acquire, if it takes them. Relaxed: a guess again.
            match self.state.compare_exchange(state, next, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Attempt::took_if(taken.is_some()),
                Err(seen) => state = seen,
            }
        }
    }

    fn has_left(&self, ring: &mut Ring<'_, P, Claims>, request: Request) {
        let empty = if ring.is_empty() { QUEUED } else { 0 };
        change(&self.state, 0, request.mark(LONG, COURTESY) | empty);
    }

    fn keeps_its_place(&self, request: Request) -> bool {
        request.keeps_its_place()
    }

    fn forward(&self, notice: Notice, request: Request) {
        if notice == Notice::Granted {
            self.release(request.want);
            return;
        }
        self.queue.exclusive(|ring| ring.guarded(|claims| claims.end(request)));
        change(&self.state, 0, request.mark(LONG, COURTESY));
        self.serve();
    }

    fn serve(&self) {
        // Relaxed: the caller has changed the word, or held the queue's lock.
        if self.state.load(Ordering::Relaxed) & QUEUED != 0 {
            self.serve_queue(false);
        }
    }

    fn asks_for_courtesy(&self) -> bool {
        // Relaxed: a hint.
        self.state.load(Ordering::Relaxed) & COURTESY != 0
    }
}

//! Futures are polled and dropped anywhere: there is one value, one initialiser at a time, and
//! nobody is left behind.

use crate::common::{Accounts, Counted, Random, Task, scaled, seed};
use counterpoint::sync::OnceCell;
use std::{
    cell::Cell,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    task::{Context, Poll},
};

/// How an initialiser ends.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Succeeds,
    Fails,
    Panics,
}

/// What all initialisers of a cell see.
struct Book {
    accounts: Accounts,
    running: Cell<u32>,
    succeeded: Cell<u32>,
    ended: Cell<u32>,
}

/// An initialiser that runs.
struct Init<'a> {
    book: &'a Book,
    polls: u64,
    end: End,
}

impl<'a> Init<'a> {
    fn new(book: &'a Book, polls: u64, end: End) -> Self {
        assert_eq!(book.running.replace(1), 0, "two initialise at a time");
        assert_eq!(book.succeeded.get(), 0, "it is initialised");
        Init { book, polls, end }
    }
}

impl Future for Init<'_> {
    type Output = Result<Counted, ()>;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        if self.polls > 0 {
            self.polls -= 1;
            return Poll::Pending;
        }
        match self.end {
            End::Succeeds => {
                self.book.succeeded.set(self.book.succeeded.get() + 1);
                Poll::Ready(Ok(self.book.accounts.value(7)))
            }
            End::Fails => Poll::Ready(Err(())),
            End::Panics => resume_unwind(Box::new("on purpose")),
        }
    }
}

impl Drop for Init<'_> {
    fn drop(&mut self) {
        assert_eq!(self.book.running.replace(0), 1);
        self.book.ended.set(self.book.ended.get() + 1);
    }
}

type Asking<'a> = Pin<Box<dyn Future<Output = Result<&'a Counted, ()>> + 'a>>;

/// A future that asks for the value.
struct Asker<'a> {
    task: Task<Asking<'a>>,
    watches: bool,
}

/// A cell, and who asks for its value.
struct World<'a> {
    cell: &'a OnceCell<Counted>,
    book: &'a Book,
    asking: Vec<Asker<'a>>,
    /// Whether somebody has seen the value.
    is_seen: bool,
}

impl<'a> World<'a> {
    fn initialise(&mut self, polls: u64, end: End) {
        let (cell, book) = (self.cell, self.book);
        let init = move || Init::new(book, polls, end);
        let asking: Asking<'a> = Box::pin(cell.get_or_try_init(init));
        self.asking.push(Asker { task: Task::new(asking), watches: false });
    }

    fn watch(&mut self) {
        let cell = self.cell;
        let asking: Asking<'a> = Box::pin(async { Ok(cell.wait().await) });
        self.asking.push(Asker { task: Task::new(asking), watches: true });
    }

    /// One step of somebody.
    fn step(&mut self, random: &mut Random) {
        let nth = random.below(self.asking.len().max(1) as u64) as usize;
        let is_any = nth < self.asking.len();
        match random.below(16) {
            0..=2 if self.asking.len() < 7 => {
                let end = match random.below(8) {
                    0 => End::Succeeds,
                    1..=3 => End::Panics,
                    _ => End::Fails,
                };
                self.initialise(random.below(3), end);
                self.poll(self.asking.len() - 1);
            }
            3 if self.asking.len() < 7 => {
                self.watch();
                self.poll(self.asking.len() - 1);
            }
            4..=9 if is_any => self.poll(nth),
            10..=13 if is_any => drop(self.asking.swap_remove(nth)),
            14 => self.try_as_thread(),
            _ => {}
        }
    }

    fn poll(&mut self, nth: usize) {
        let task = &mut self.asking[nth].task;
        match catch_unwind(AssertUnwindSafe(|| task.poll())) {
            Ok(Poll::Pending) => return,
            Ok(Poll::Ready(Ok(value))) => {
                assert_eq!((value.content, self.book.accounts.made()), (7, 1));
                assert!(std::ptr::eq(value, self.cell.get().expect("it was seen")));
                self.is_seen = true;
            }
            Ok(Poll::Ready(Err(()))) | Err(_) => assert!(!self.is_seen, "it had a value"),
        }
        drop(self.asking.swap_remove(nth));
    }

    /// A thread's attempt, which fails; it would block while somebody else initialises.
    fn try_as_thread(&mut self) {
        let book = self.book;
        if book.running.get() == 0 {
            let found = self.cell.get_or_try_init_blocking(|| {
                drop(Init::new(book, 0, End::Fails));
                Err(())
            });
            assert_eq!(found.is_ok(), book.succeeded.get() == 1);
        }
    }

    /// While nobody initialises somebody who would knows that he shall, and everybody knows of the
    /// value.
    fn is_well(&self) -> bool {
        if self.cell.get().is_some() {
            return self.asking.iter().all(|asker| asker.task.is_woken());
        }
        let mut would = self.asking.iter().filter(|asker| !asker.watches).peekable();
        self.book.running.get() == 1
            || would.peek().is_none()
            || would.any(|asker| asker.task.is_woken())
    }

    /// All get the value, if who is woken or runs is polled, and one more comes.
    fn settle(&mut self) {
        for _ in 0..3 {
            self.initialise(0, End::Succeeds);
        }
        for _ in 0..100 {
            for nth in (0..self.asking.len()).rev() {
                self.poll(nth);
            }
        }
        assert!(self.asking.is_empty(), "somebody never gets the value");
    }
}

#[test]
fn futures_are_dropped_anywhere_and_there_is_one_value() {
    let (seed, mut ended, mut valued) = (seed(), 0, 0);
    for round in 0..scaled(10_000) {
        let mut random = Random::new(seed, round);
        let accounts = Accounts::new();
        let book = Book {
            accounts: accounts.clone(),
            running: Cell::new(0),
            succeeded: Cell::new(0),
            ended: Cell::new(0),
        };
        let cell = OnceCell::new();
        let mut world = World { cell: &cell, book: &book, asking: Vec::new(), is_seen: false };
        for step in 0..60 {
            world.step(&mut random);
            assert!(world.is_well(), "round {round}, step {step}: a wake-up was lost");
        }
        valued += usize::from(world.is_seen);
        world.settle();
        drop(world);
        assert_eq!((book.running.get(), book.succeeded.get(), accounts.dropped()), (0, 1, 0));
        assert_eq!(cell.get().map(|value| value.content), Some(7));
        drop(cell);
        assert_eq!((accounts.made(), accounts.dropped()), (1, 1));
        ended += book.ended.get();
    }
    println!("{ended} initialisers; {valued} cells were initialised on the way");
}

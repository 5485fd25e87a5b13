//! Memory that goes from one structure to another of the same domain.

use counterpoint::{
    queue::{MsQueue, Queue},
    reclaim::{Collector, Guard},
};
use std::{collections::VecDeque, thread};

/// What the tests ask of both queues.
trait Fifo<T> {
    fn make(collector: &Collector) -> Self;
    fn put(&self, value: T, guard: &Guard<'_>);
    fn take(&self, guard: &Guard<'_>) -> Option<T>;
}

impl<T> Fifo<T> for Queue<T> {
    fn make(collector: &Collector) -> Self {
        Queue::new_in(collector.clone())
    }
    fn put(&self, value: T, guard: &Guard<'_>) {
        assert!(self.push(value, guard).is_ok(), "nobody has closed it");
    }
    fn take(&self, guard: &Guard<'_>) -> Option<T> {
        self.pop(guard)
    }
}

impl<T> Fifo<T> for MsQueue<T> {
    fn make(collector: &Collector) -> Self {
        MsQueue::new_in(collector.clone())
    }
    fn put(&self, value: T, guard: &Guard<'_>) {
        self.push(value, guard);
    }
    fn take(&self, guard: &Guard<'_>) -> Option<T> {
        self.pop(guard)
    }
}

/// Lets values pass through a queue of its own, some at a time, many more than all memory that is kept.
fn pass<T: PartialEq + Clone, F: Fifo<T>>(collector: &Collector, value: impl Fn(usize) -> T) {
    let (queue, handle) = (F::make(collector), collector.register());
    let (mut model, mut next) = (VecDeque::new(), 0);
    for round in 0..400 {
        let guard = handle.pin();
        for _ in 0..round % 97 {
            queue.put(value(next), &guard);
            model.push_back(value(next));
            next += 1;
        }
        // Often more than there are: nothing else may be found then.
        for _ in 0..round % 113 {
            assert!(queue.take(&guard) == model.pop_front(), "round {round}");
        }
    }
    // The rest is dropped with the queue.
}

fn pass_all(collector: &Collector) {
    pass::<_, Queue<_>>(collector, |n| n as u64);
    pass::<_, Queue<_>>(collector, |n| Some(Box::new(n)));
    pass::<_, Queue<_>>(collector, |n| n as f64);
    pass::<_, Queue<_>>(collector, |n| [n as u32; 2]);
    pass::<_, Queue<_>>(collector, |n| n.to_string());
    pass::<_, Queue<_>>(collector, |_| ());
    pass::<_, MsQueue<_>>(collector, |n| n as u64);
    pass::<_, MsQueue<_>>(collector, |n| Some(Box::new(n)));
    pass::<_, MsQueue<_>>(collector, |n| n.to_string());
    pass::<_, MsQueue<_>>(collector, |n| [n as u32; 2]);
}

/// Whole words, of one layout: what is wrong shows as a wrong value.
#[test]
fn values_come_back_as_they_went() {
    let collector = Collector::new();
    for _ in 0..3 {
        pass::<_, Queue<_>>(&collector, |n| n);
        pass::<_, MsQueue<_>>(&collector, |n| [n; 9]);
        pass::<_, Queue<_>>(&collector, |n| n as isize);
        pass::<_, MsQueue<_>>(&collector, |n| n);
    }
}

/// One participant, whose memory is of the one queue and then of the other.
#[test]
fn queues_of_one_thread_have_each_their_own() {
    let collector = Collector::new();
    let (words, rows) = (MsQueue::new_in(collector.clone()), MsQueue::new_in(collector.clone()));
    let handle = collector.register();
    for round in 0..300 {
        let guard = handle.pin();
        for n in 0..50 {
            words.push(n, &guard);
            rows.push([n; 9], &guard);
        }
        // The small ones first: it is their memory that is kept, and must not be lent to the others.
        for n in 0..50_usize {
            assert_eq!(words.pop(&guard), Some(n), "round {round}");
            assert_eq!(rows.pop(&guard), Some([n; 9]), "round {round}");
        }
    }
}

#[test]
fn queues_of_many_types_use_what_others_leave() {
    let collector = Collector::new();
    for _ in 0..3 {
        pass_all(&collector);
    }
}

#[test]
fn threads_use_what_others_leave() {
    let collector = Collector::new();
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| pass_all(&collector));
        }
    });
}

/// One thread pushes, another one pops: memory goes round from the one who frees.
#[test]
fn what_one_thread_frees_another_one_uses() {
    /// Segments come again when some batches of them have come together.
    const VALUES: usize = 300_000;
    fn go_round<F: Fifo<Box<usize>> + Sync>() {
        let collector = Collector::new();
        let queue = F::make(&collector);
        thread::scope(|scope| {
            scope.spawn(|| {
                let handle = collector.register();
                (0..VALUES).for_each(|value| queue.put(Box::new(value), &handle.pin()));
            });
            let handle = collector.register();
            for value in 0..VALUES {
                let next = loop {
                    match queue.take(&handle.pin()) {
                        Some(next) => break next,
                        None => thread::yield_now(),
                    }
                };
                assert_eq!(*next, value);
            }
        });
    }
    go_round::<MsQueue<_>>();
    go_round::<Queue<_>>();
}

/// What a value borrows ends before the memory does that it was in.
#[test]
fn values_may_borrow_where_memory_is_kept() {
    let collector = Collector::new();
    for round in 0..300 {
        let text = format!("round {round}");
        let (queue, handle) = (MsQueue::new_in(collector.clone()), collector.register());
        let guard = handle.pin();
        (0..100).for_each(|_| queue.push(text.as_str(), &guard));
        (0..50).for_each(|_| assert_eq!(queue.pop(&guard), Some(text.as_str())));
    }
}

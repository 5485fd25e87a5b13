//! `reclaim` speaks crossbeam-epoch's vocabulary: one source, written for that crate, compiles over
//! both and does the same.

macro_rules! the_same_program_over {
    ($name:ident, $epoch:path) => {
        mod $name {
            use epoch::{Atomic, CompareExchangeError, Guard, Owned, Pointer, Shared};
            use std::{
                mem::ManuallyDrop,
                ptr,
                sync::{
                    Arc,
                    atomic::{
                        AtomicUsize,
                        Ordering::{AcqRel, Acquire, Relaxed, Release},
                    },
                },
                thread,
            };
            use $epoch as epoch;

            /// The stack of crossbeam-epoch's documentation, as its users write it.
            struct Stack<T> {
                head: Atomic<Node<T>>,
            }

            struct Node<T> {
                data: ManuallyDrop<T>,
                next: Atomic<Node<T>>,
            }

            impl<T> Stack<T> {
                fn new() -> Self {
                    Stack { head: Atomic::null() }
                }

                fn push(&self, data: T) {
                    let data = ManuallyDrop::new(data);
                    let mut node = Owned::new(Node { data, next: Atomic::null() });
                    let guard = epoch::pin();
                    loop {
                        let head = self.head.load(Relaxed, &guard);
                        node.next.store(head, Relaxed);
                        match self.head.compare_exchange(head, node, Release, Relaxed, &guard) {
                            Ok(_) => break,
                            Err(CompareExchangeError { new, .. }) => node = new,
                        }
                    }
                }

                fn pop(&self) -> Option<T> {
                    let guard = epoch::pin();
                    loop {
                        let head = self.head.load(Acquire, &guard);
                        // SAFETY: loaded with Acquire under this guard.
                        let node = unsafe { head.as_ref() }?;
                        let next = node.next.load(Relaxed, &guard);
                        let popped =
                            self.head.compare_exchange(head, next, AcqRel, Acquire, &guard);
                        if popped.is_ok() {
                            // SAFETY: unlinked here: its data is read once, and it is retired once.
                            unsafe {
                                guard.defer_destroy(head);
                                return Some(ManuallyDrop::into_inner(ptr::read(&node.data)));
                            }
                        }
                    }
                }
            }

            impl<T> Drop for Stack<T> {
                fn drop(&mut self) {
                    // SAFETY: `&mut self`: nobody else is there.
                    let guard: &Guard = unsafe { epoch::unprotected() };
                    let mut node = self.head.load(Relaxed, guard);
                    // SAFETY: as above.
                    while let Some(mut owned) = unsafe { node.try_into_owned() } {
                        // SAFETY: data of a node in the list was not taken.
                        unsafe { ManuallyDrop::drop(&mut owned.data) };
                        node = owned.next.load(Relaxed, guard);
                    }
                }
            }

            #[test]
            fn a_stack_loses_nothing_and_drops_all() {
                let (stack, value) = (Stack::new(), Arc::new(()));
                let popped: usize = thread::scope(|scope| {
                    let work = || {
                        (0..100).for_each(|_| stack.push(value.clone()));
                        (0..50).filter_map(|_| stack.pop()).count()
                    };
                    let workers: Vec<_> = (0..3).map(|_| scope.spawn(work)).collect();
                    workers.into_iter().map(|worker| worker.join().unwrap()).sum()
                });
                assert_eq!(popped, 150, "each thread pushes before it pops");
                assert_eq!(Arc::strong_count(&value), 151);
                drop(stack);
                assert_eq!(Arc::strong_count(&value), 1);
            }

            #[test]
            fn guards_nest_repin_and_defer() {
                assert!(!epoch::is_pinned());
                let mut guard = epoch::pin();
                assert!(epoch::is_pinned());
                let ran = Arc::new(AtomicUsize::new(0));
                let count = ran.clone();
                guard.defer(move || {
                    count.fetch_add(1, Relaxed);
                });
                guard.flush();
                assert_eq!(ran.load(Relaxed), 0, "the guard that deferred lives");
                guard.repin();
                assert_eq!(guard.repin_after(epoch::is_pinned), false);
                assert!(epoch::is_pinned());
                drop(guard);
                assert!(!epoch::is_pinned());
            }

            #[test]
            fn pointers_carry_tags() {
                /// Whatever can be stored.
                fn store<T, P: Pointer<T>>(slot: &Atomic<T>, new: P) {
                    slot.store(new, Release);
                }
                let (slot, guard) = (Atomic::new(1_u64), epoch::pin());
                let one = slot.load(Acquire, &guard);
                assert_eq!(slot.fetch_or(1, AcqRel, &guard).tag(), 0);
                assert_eq!(slot.load(Acquire, &guard), one.with_tag(1));
                let two = Owned::new(2).with_tag(3);
                let old = slot.swap(two, AcqRel, &guard);
                assert_eq!(old.as_raw(), one.as_raw());
                let update = |_| Some(Shared::null());
                let two = slot.fetch_update(AcqRel, Acquire, &guard, update).unwrap();
                assert_eq!(two.tag(), 3);
                assert!(slot.load(Acquire, &guard).is_null());
                store(&slot, one);
                // SAFETY: the nodes are this test's alone.
                unsafe {
                    assert_eq!((*two.deref(), *slot.load(Acquire, &guard).deref()), (2, 1));
                    guard.defer_destroy(two);
                    let one: Box<u64> = slot.into_owned().into_box();
                    assert_eq!(*one, 1);
                }
            }

            #[test]
            fn collectors_are_told_apart_and_handles_pin() {
                let collector = epoch::Collector::new();
                let handle = collector.register();
                assert!(!handle.is_pinned());
                let guard = handle.pin();
                assert!(handle.is_pinned());
                // SAFETY: the closure owns all that it uses.
                unsafe { guard.defer_unchecked(|| ()) };
                drop(guard);
                assert!(collector == collector.clone());
                assert!(collector != epoch::Collector::new());
            }
        }
    };
}

the_same_program_over!(crossbeam, crossbeam_epoch);
the_same_program_over!(ours, counterpoint::reclaim);

//! Which public types may go to another thread (Send), and which may be shared (Sync): a table, with
//! what is and what must not be.
//!
//! A question is asked of method resolution: an inherent method, which exists if the bound holds, is
//! preferred to a trait's method of the same name, which always exists.

use counterpoint::sync::{
    self, AcquirePermits, AcquirePermitsOwned, Barrier, BarrierWait, CondvarWait, Counter,
    CounterWait, CounterWaitUntil, Event, FairMutex, FairSemaphore, Latch, Lazy, Lock, LockOwned,
    MappedMutexGuard, MappedRwLockReadGuard, MappedRwLockWriteGuard, Mutex, Notified, Notify, Once,
    OnceCell, OwnedMappedMutexGuard, OwnedMappedRwLockReadGuard, OwnedMappedRwLockWriteGuard,
    OwnedMutexGuard, OwnedRwLockReadGuard, OwnedRwLockUpgradableReadGuard, OwnedRwLockWriteGuard,
    OwnedSemaphorePermit, OwnedWaitGroupMember, ReadLock, ReadLockOwned, RwLock, RwLockReadGuard,
    RwLockUpgradableReadGuard, RwLockWriteGuard, Semaphore, SemaphorePermit, SetError,
    UpgradableReadLock, Upgrade, UpgradeOwned, WaitGroup, WaitGroupMember, WriteLock,
    WriteLockOwned, poison,
};
use counterpoint::{
    bag::{Bag, BagHandle, Drain as BagDrain, IntoIter as BagIntoIter, IterMut as BagIterMut},
    deque::{self, bounded},
    map::{
        Compute, Drain as MapDrain, IntoIter as MapIntoIter, IntoKeys, IntoValues, Iter, IterMut,
        Keys, OccupiedError, Operation, SetDrain, SetIntoIter, SetIter, SplitOrderedMap,
        SplitOrderedMapOwnedRef, SplitOrderedMapRef, SplitOrderedSet, SplitOrderedSetOwnedRef,
        SplitOrderedSetRef, Values, ValuesMut,
    },
    queue::{
        ArrayDrain, ArrayIntoIter, ArrayQueue, ArrayTryIter, Closed, Full, MsDrain, MsIntoIter,
        MsIterMut, MsQueue, MsQueueRef, PushWithinError, Queue, QueueDrain, QueueIntoIter,
        QueueIterMut, QueueRef, QueueTryIter, Rest, TryPushError, Unpushed, spsc,
    },
    reclaim::{
        Atomic, Builder, Collector, CompareExchangeError, GarbageFull, Guard, Handle, Metrics,
        Owned, OwnedGuard, PrivateCollector, Shared,
    },
    select::{Other, Select, Selected, WithDeadline},
    stack::{
        Drain as StackDrain, IntoIter as StackIntoIter, IterMut as StackIterMut, PopAll,
        TreiberStack, TreiberStackRef,
    },
};
use std::{
    cell::Cell,
    future::{Ready, ready},
    hash::RandomState,
    marker::PhantomData,
    rc::Rc,
    sync::MutexGuard,
};

struct Ask<T: ?Sized>(PhantomData<T>);

trait Otherwise {
    fn send(&self) -> bool {
        false
    }
    fn sync(&self) -> bool {
        false
    }
}

impl<T: ?Sized> Otherwise for Ask<T> {}

impl<T: ?Sized + Send> Ask<T> {
    fn send(&self) -> bool {
        true
    }
}

impl<T: ?Sized + Sync> Ask<T> {
    fn sync(&self) -> bool {
        true
    }
}

/// `Send` and `Sync`.
type Both = i32;
/// `Send` alone.
type Sendable = Cell<i32>;
/// `Sync` alone.
type Shareable = MutexGuard<'static, i32>;
/// Neither.
type Neither = Rc<i32>;

type Map<T, D = Collector> = SplitOrderedMap<i32, T, RandomState, D>;
type MapOfKeys<T, D = Collector> = SplitOrderedMap<T, i32, RandomState, D>;
type MapRef<T, D = Collector> = SplitOrderedMapRef<'static, i32, T, RandomState, D>;
type Set<T, D = Collector> = SplitOrderedSet<T, RandomState, D>;
type OwnedMapRef<T, D = Collector> = SplitOrderedMapOwnedRef<'static, i32, T, RandomState, D>;
type OwnedSetRef<T, D = Collector> = SplitOrderedSetOwnedRef<'static, T, RandomState, D>;
type SetRef<T, D = Collector> = SplitOrderedSetRef<'static, T, RandomState, D>;

const YES: (bool, bool) = (true, true);
const SEND: (bool, bool) = (true, false);
const SYNC: (bool, bool) = (false, true);
const NO: (bool, bool) = (false, false);

macro_rules! table {
    ($($type:ty => $expected:expr;)+) => {$({
        let ask = Ask::<$type>(PhantomData);
        assert_eq!((ask.send(), ask.sync()), $expected, "Send, Sync of {}", stringify!($type));
    })+};
}

#[test]
fn the_question_can_be_answered_by_yes_and_by_no() {
    table! {
        Both => YES;
        Sendable => SEND;
        Shareable => SYNC;
        Neither => NO;
    }
}

#[test]
fn domains_are_shared_and_their_members_stay_on_their_thread() {
    table! {
        Collector => YES;
        PrivateCollector => YES;
        Handle<'static> => NO;
        Guard<'static> => NO;
        OwnedGuard => SEND;
        Builder => YES;
        Metrics => YES;
        GarbageFull<Both> => YES;
        GarbageFull<Neither> => NO;
    }
}

#[test]
fn pointers_need_both_of_their_nodes_and_owners_are_like_boxes() {
    table! {
        Atomic<Both> => YES;
        Atomic<Sendable> => NO;
        Atomic<Shareable> => NO;
        Atomic<Neither> => NO;
        Owned<Both> => YES;
        Owned<Sendable> => SEND;
        Owned<Shareable> => SYNC;
        Owned<Neither> => NO;
        Shared<'static, Both> => NO;
        CompareExchangeError<'static, Both, Owned<Both>> => NO;
        CompareExchangeError<'static, Both, Shared<'static, Both>> => NO;
    }
}

/// They pass values on and give no two threads a reference to one.
#[test]
fn queues_and_stacks_are_shared_if_their_values_may_be_sent() {
    table! {
        MsQueue<Both> => YES;
        MsQueue<Sendable> => YES;
        MsQueue<Shareable> => NO;
        MsQueue<Neither> => NO;
        MsQueueRef<'static, Both> => NO;
        MsDrain<'static, Sendable> => YES;
        MsDrain<'static, Neither> => NO;
        MsIntoIter<Sendable> => YES;
        MsIntoIter<Neither> => NO;
        MsIterMut<'static, Sendable> => YES;
        MsIterMut<'static, Neither> => NO;
        Queue<Both> => YES;
        Queue<Sendable> => YES;
        Queue<Shareable> => NO;
        Queue<Neither> => NO;
        QueueRef<'static, Both> => NO;
        QueueTryIter<'static, Both> => NO;
        QueueDrain<'static, Sendable> => YES;
        QueueDrain<'static, Neither> => NO;
        QueueIntoIter<Sendable> => YES;
        QueueIntoIter<Neither> => NO;
        QueueIterMut<'static, Sendable> => YES;
        QueueIterMut<'static, Neither> => NO;
        Unpushed<std::vec::IntoIter<Both>> => YES;
        Unpushed<std::vec::IntoIter<Neither>> => NO;
        Closed<Both> => YES;
        Closed<Neither> => NO;
        PushWithinError<Both> => YES;
        PushWithinError<Neither> => NO;
        TreiberStack<Both> => YES;
        TreiberStack<Sendable> => YES;
        TreiberStack<Shareable> => NO;
        TreiberStack<Neither> => NO;
        TreiberStackRef<'static, Both> => NO;
        PopAll<'static, Both> => NO;
        StackDrain<'static, Sendable> => YES;
        StackDrain<'static, Neither> => NO;
        StackIntoIter<Sendable> => YES;
        StackIntoIter<Neither> => NO;
        StackIterMut<'static, Sendable> => YES;
        StackIterMut<'static, Neither> => NO;
    }
}

/// A bag passes values on. A handle is one thread's at a time.
#[test]
fn bags_are_shared_if_their_values_may_be_sent_and_handles_are_sent() {
    table! {
        Bag<Both> => YES;
        Bag<Sendable> => YES;
        Bag<Shareable> => NO;
        Bag<Neither> => NO;
        BagHandle<'static, Both> => SEND;
        BagHandle<'static, Sendable> => SEND;
        BagHandle<'static, Shareable> => NO;
        BagHandle<'static, Neither> => NO;
        BagDrain<'static, Sendable> => YES;
        BagDrain<'static, Neither> => NO;
        BagIntoIter<Sendable> => YES;
        BagIntoIter<Neither> => NO;
        BagIterMut<'static, Sendable> => YES;
        BagIterMut<'static, Neither> => NO;
    }
}

/// An end passes values on; shared it says how many there are. What lends values is shared as they are.
#[test]
fn ends_of_a_ring_are_sent_and_shared_if_their_values_may_be_sent() {
    table! {
        spsc::Producer<Both> => YES;
        spsc::Producer<Sendable> => YES;
        spsc::Producer<Shareable> => NO;
        spsc::Producer<Neither> => NO;
        spsc::Consumer<Both> => YES;
        spsc::Consumer<Sendable> => YES;
        spsc::Consumer<Shareable> => NO;
        spsc::Consumer<Neither> => NO;
        spsc::Reserved<'static, Sendable> => YES;
        spsc::Reserved<'static, Neither> => NO;
        spsc::Drain<'static, Sendable> => YES;
        spsc::Drain<'static, Neither> => NO;
        spsc::IntoIter<Sendable> => YES;
        spsc::IntoIter<Neither> => NO;
        spsc::Chunk<'static, Both> => YES;
        spsc::Chunk<'static, Sendable> => SEND;
        spsc::Chunk<'static, Shareable> => NO;
        spsc::Chunk<'static, Neither> => NO;
    }
}

/// There is one owner, and there are many thieves; both pass values on.
#[test]
fn ends_of_a_deque_are_sent_if_their_values_may_be_sent_and_the_owner_is_not_shared() {
    table! {
        deque::Worker<Both> => SEND;
        deque::Worker<Sendable> => SEND;
        deque::Worker<Shareable> => NO;
        deque::Worker<Neither> => NO;
        deque::Stealer<Both> => YES;
        deque::Stealer<Sendable> => YES;
        deque::Stealer<Shareable> => NO;
        deque::Stealer<Neither> => NO;
        deque::StealerRef<'static, Both> => NO;
        deque::Drain<'static, Sendable> => SEND;
        deque::Drain<'static, Neither> => NO;
        deque::IntoIter<Sendable> => SEND;
        deque::IntoIter<Neither> => NO;
        bounded::Worker<Both> => SEND;
        bounded::Worker<Sendable> => SEND;
        bounded::Worker<Shareable> => NO;
        bounded::Worker<Neither> => NO;
        bounded::Stealer<Both> => YES;
        bounded::Stealer<Sendable> => YES;
        bounded::Stealer<Shareable> => NO;
        bounded::Stealer<Neither> => NO;
        bounded::PushError<Both> => YES;
        bounded::PushError<Sendable> => SEND;
        deque::Steal<Sendable> => SEND;
    }
}

/// Threads share references into them, and drop what others inserted: both are needed.
#[test]
fn maps_and_sets_are_shared_if_their_entries_may_be_sent_and_shared() {
    table! {
        Map<Both> => YES;
        Map<Sendable> => SEND;
        Map<Shareable> => NO;
        Map<Neither> => NO;
        MapOfKeys<Both> => YES;
        MapOfKeys<Sendable> => SEND;
        MapOfKeys<Shareable> => NO;
        MapOfKeys<Neither> => NO;
        Map<Both, PrivateCollector> => YES;
        Map<Sendable, PrivateCollector> => SEND;
        Map<Shareable, PrivateCollector> => NO;
        Map<Neither, PrivateCollector> => NO;
        SplitOrderedMap<i32, i32, Sendable> => SEND;
        SplitOrderedMap<i32, i32, Shareable> => SYNC;
        SplitOrderedMap<i32, i32, Neither> => NO;
        Set<Both> => YES;
        Set<Sendable> => SEND;
        Set<Shareable> => NO;
        Set<Neither> => NO;
        Set<Both, PrivateCollector> => YES;
        Set<Neither, PrivateCollector> => NO;
    }
}

#[test]
fn what_holds_a_guard_stays_on_its_thread() {
    table! {
        MapRef<Both> => NO;
        MapRef<Both, PrivateCollector> => NO;
        SetRef<Both> => NO;
        Iter<'static, Both, Both> => NO;
        Keys<'static, Both, Both> => NO;
        Values<'static, Both, Both> => NO;
        SetIter<'static, Both> => NO;
    }
}

/// Its participant is its own.
#[test]
fn an_owned_view_goes_where_its_map_is_shared() {
    table! {
        OwnedMapRef<Both> => SEND;
        OwnedMapRef<Sendable> => NO;
        OwnedMapRef<Shareable> => NO;
        OwnedMapRef<Both, PrivateCollector> => SEND;
        OwnedMapRef<Neither, PrivateCollector> => NO;
        OwnedSetRef<Both> => SEND;
        OwnedSetRef<Sendable> => NO;
        OwnedSetRef<Both, PrivateCollector> => SEND;
        OwnedSetRef<Neither, PrivateCollector> => NO;
    }
}

#[test]
fn what_owns_entries_goes_where_they_go() {
    table! {
        IterMut<'static, Both, Sendable> => SEND;
        IterMut<'static, Shareable, Both> => YES;
        IterMut<'static, Sendable, Both> => NO;
        IterMut<'static, Both, Neither> => NO;
        ValuesMut<'static, Both, Sendable> => SEND;
        ValuesMut<'static, Both, Neither> => NO;
        MapDrain<'static, Both, Both> => YES;
        MapDrain<'static, Both, Sendable> => SEND;
        MapDrain<'static, Neither, Both> => NO;
        MapIntoIter<Both, Both> => YES;
        MapIntoIter<Sendable, Both> => SEND;
        MapIntoIter<Both, Neither> => NO;
        IntoKeys<Both, Sendable> => SEND;
        IntoKeys<Both, Neither> => NO;
        IntoValues<Sendable, Both> => SEND;
        IntoValues<Neither, Both> => NO;
        SetDrain<'static, Both> => YES;
        SetDrain<'static, Neither> => NO;
        SetIntoIter<Sendable> => SEND;
        SetIntoIter<Neither> => NO;
    }
}

#[test]
fn what_operations_ask_and_report_is_plain_data() {
    table! {
        Operation<Both, Both> => YES;
        Operation<Neither, Both> => NO;
        Compute<'static, Both, Both, Both> => YES;
        Compute<'static, Sendable, Both, Both> => NO;
        OccupiedError<'static, Both, Both> => YES;
        OccupiedError<'static, Both, Sendable> => NO;
        OccupiedError<'static, Sendable, Both> => SEND;
    }
}

/// Each value goes from one thread to one thread: it is sent, never shared.
#[test]
fn a_bounded_queue_is_shared_if_its_values_may_be_sent() {
    table! {
        ArrayQueue<Both> => YES;
        ArrayQueue<Sendable> => YES;
        ArrayQueue<Shareable> => NO;
        ArrayQueue<Neither> => NO;
        ArrayDrain<'static, Sendable> => YES;
        ArrayDrain<'static, Neither> => NO;
        ArrayIntoIter<Sendable> => YES;
        ArrayIntoIter<Neither> => NO;
        ArrayTryIter<'static, Sendable> => YES;
        ArrayTryIter<'static, Neither> => NO;
        Full<Sendable> => SEND;
        Full<Neither> => NO;
        TryPushError<Shareable> => SYNC;
        Rest<std::vec::IntoIter<Both>> => YES;
        Rest<std::vec::IntoIter<Neither>> => NO;
    }
}

/// A mutex gives its value to one thread at a time; any thread may unlock it.
#[test]
fn a_mutex_is_shared_and_a_guard_is_sent_if_the_value_may_be_sent() {
    table! {
        Mutex<Both> => YES;
        Mutex<Sendable> => YES;
        Mutex<Shareable> => NO;
        Mutex<Neither> => NO;
        FairMutex<Sendable> => YES;
        sync::MutexGuard<'static, Both> => YES;
        sync::MutexGuard<'static, Sendable> => SEND;
        sync::MutexGuard<'static, Shareable> => NO;
        sync::MutexGuard<'static, Neither> => NO;
        MappedMutexGuard<'static, Both> => YES;
        MappedMutexGuard<'static, Sendable> => SEND;
        MappedMutexGuard<'static, Shareable> => SYNC;
        MappedMutexGuard<'static, Neither> => NO;
        OwnedMutexGuard<Both> => YES;
        OwnedMutexGuard<Sendable> => SEND;
        OwnedMutexGuard<Shareable> => NO;
        OwnedMutexGuard<Neither> => NO;
        OwnedMappedMutexGuard<Both, Both> => YES;
        OwnedMappedMutexGuard<Sendable, Both> => YES;
        OwnedMappedMutexGuard<Both, Sendable> => SEND;
        OwnedMappedMutexGuard<Both, Shareable> => SYNC;
        OwnedMappedMutexGuard<Both, Neither> => NO;
        OwnedMappedMutexGuard<Shareable, Both> => NO;
        OwnedMappedMutexGuard<Neither, Both> => NO;
        Lock<'static, Sendable> => YES;
        Lock<'static, Neither> => NO;
        LockOwned<Sendable> => YES;
        LockOwned<Neither> => NO;
    }
}

#[test]
fn a_select_is_sent_and_shared_as_its_operations_are() {
    table! {
        Select<[Lock<'static, Sendable>; 2]> => YES;
        Select<[Lock<'static, Neither>; 2]> => NO;
        Select<(Notified<'static>, Other<Ready<Sendable>>)> => SEND;
        Other<Ready<Shareable>> => SYNC;
        WithDeadline<Lock<'static, Sendable>, Ready<Neither>> => NO;
        WithDeadline<Lock<'static, Sendable>, Ready<Both>> => YES;
        Selected<Sendable, Sendable> => SEND;
    }
}

/// As the locks inside, and their guards.
#[test]
fn what_is_poisoned_is_sent_and_shared_as_if_it_were_not() {
    table! {
        poison::Mutex<Both> => YES;
        poison::Mutex<Sendable> => YES;
        poison::Mutex<Shareable> => NO;
        poison::MutexGuard<'static, Both> => YES;
        poison::MutexGuard<'static, Sendable> => SEND;
        poison::MutexGuard<'static, Shareable> => NO;
        poison::RwLock<Both> => YES;
        poison::RwLock<Sendable> => SEND;
        poison::RwLock<Shareable> => NO;
        poison::RwLockWriteGuard<'static, Both> => YES;
        poison::RwLockWriteGuard<'static, Sendable> => NO;
        CondvarWait<'static, sync::MutexGuard<'static, Both>> => YES;
        CondvarWait<'static, sync::MutexGuard<'static, Neither>> => NO;
        CondvarWait<'static, OwnedMutexGuard<Sendable>> => SEND;
        CondvarWait<'static, OwnedMutexGuard<Shareable>> => NO;
        CondvarWait<'static, OwnedMutexGuard<Neither>> => NO;
    }
}

/// What carries no value may be sent and shared by all; a predicate is sent and shared with its future.
#[test]
fn what_carries_no_value_may_be_sent_and_shared() {
    table! {
        Semaphore => YES;
        FairSemaphore => YES;
        SemaphorePermit<'static> => YES;
        OwnedSemaphorePermit => YES;
        AcquirePermits<'static> => YES;
        AcquirePermitsOwned => YES;
        Notify => YES;
        Notified<'static> => YES;
        Event => YES;
        Latch => YES;
        WaitGroup => YES;
        WaitGroupMember<'static> => YES;
        OwnedWaitGroupMember => YES;
        Barrier => YES;
        BarrierWait<'static> => YES;
        Counter => YES;
        CounterWait<'static> => YES;
        CounterWaitUntil<'static, Both> => YES;
        CounterWaitUntil<'static, Sendable> => SEND;
        CounterWaitUntil<'static, Neither> => NO;
    }
}

/// Threads share a reference to the value, and drop what another has made: both are needed. The
/// closure of a lazy value goes to the thread that runs it.
#[test]
fn what_is_initialised_once_is_shared_if_the_value_may_be_sent_and_shared() {
    table! {
        Once => YES;
        OnceCell<Both> => YES;
        OnceCell<Sendable> => SEND;
        OnceCell<Shareable> => NO;
        OnceCell<Neither> => NO;
        Lazy<Both> => YES;
        Lazy<Sendable> => SEND;
        Lazy<Shareable> => NO;
        Lazy<Neither> => NO;
        Lazy<Both, Sendable> => YES;
        Lazy<Both, Shareable> => NO;
        Lazy<Both, Neither> => NO;
        SetError<Both> => YES;
        SetError<Sendable> => SEND;
        SetError<Neither> => NO;
    }
}

/// (Whether it may not cannot be asked in this way of a future that has no name.)
#[test]
fn a_future_that_initialises_may_be_sent() {
    fn asked<T>(_: &T) -> Ask<T> {
        Ask(PhantomData)
    }
    let cell: OnceCell<i32> = OnceCell::new();
    assert!(asked(&cell.get_or_init(|| async { 1 })).send());
    assert!(asked(&cell.wait()).send() && asked(&cell.set(1)).send());
    let once: Once = Once::new();
    assert!(asked(&once.call_once(|| ready(()))).send() && asked(&once.wait()).send());
    let lazy: Lazy<i32> = Lazy::new(|| 1);
    assert!(asked(&Lazy::force(&lazy)).send());
}

/// A read-write lock gives its value to many threads at a time, and each writer may take it out.
#[test]
fn a_read_write_lock_is_shared_if_the_value_may_be_sent_and_shared() {
    table! {
        RwLock<Both> => YES;
        RwLock<Sendable> => SEND;
        RwLock<Shareable> => NO;
        RwLock<Neither> => NO;
        RwLockReadGuard<'static, Both> => YES;
        RwLockReadGuard<'static, Sendable> => NO;
        RwLockReadGuard<'static, Shareable> => NO;
        RwLockReadGuard<'static, Neither> => NO;
        RwLockWriteGuard<'static, Both> => YES;
        RwLockWriteGuard<'static, Sendable> => NO;
        RwLockWriteGuard<'static, Shareable> => NO;
        RwLockWriteGuard<'static, Neither> => NO;
        RwLockUpgradableReadGuard<'static, Both> => YES;
        RwLockUpgradableReadGuard<'static, Sendable> => NO;
        RwLockUpgradableReadGuard<'static, Shareable> => NO;
        MappedRwLockReadGuard<'static, Both> => YES;
        MappedRwLockReadGuard<'static, Sendable> => NO;
        MappedRwLockReadGuard<'static, Shareable> => YES;
        MappedRwLockReadGuard<'static, Neither> => NO;
        MappedRwLockWriteGuard<'static, Both> => YES;
        MappedRwLockWriteGuard<'static, Sendable> => SEND;
        MappedRwLockWriteGuard<'static, Shareable> => SYNC;
        MappedRwLockWriteGuard<'static, Neither> => NO;
        OwnedRwLockReadGuard<Both> => YES;
        OwnedRwLockReadGuard<Sendable> => NO;
        OwnedRwLockReadGuard<Shareable> => NO;
        OwnedRwLockWriteGuard<Both> => YES;
        OwnedRwLockWriteGuard<Sendable> => NO;
        OwnedRwLockWriteGuard<Shareable> => NO;
        OwnedRwLockUpgradableReadGuard<Both> => YES;
        OwnedRwLockUpgradableReadGuard<Sendable> => NO;
        OwnedRwLockUpgradableReadGuard<Neither> => NO;
        OwnedMappedRwLockReadGuard<Both, Both> => YES;
        OwnedMappedRwLockReadGuard<Both, Shareable> => YES;
        OwnedMappedRwLockReadGuard<Both, Sendable> => NO;
        OwnedMappedRwLockReadGuard<Sendable, Both> => NO;
        OwnedMappedRwLockReadGuard<Shareable, Both> => NO;
        OwnedMappedRwLockWriteGuard<Both, Both> => YES;
        OwnedMappedRwLockWriteGuard<Both, Sendable> => SEND;
        OwnedMappedRwLockWriteGuard<Both, Shareable> => SYNC;
        OwnedMappedRwLockWriteGuard<Both, Neither> => NO;
        OwnedMappedRwLockWriteGuard<Sendable, Both> => NO;
        OwnedMappedRwLockWriteGuard<Shareable, Both> => NO;
        ReadLock<'static, Both> => YES;
        ReadLock<'static, Sendable> => NO;
        WriteLock<'static, Both> => YES;
        WriteLock<'static, Sendable> => NO;
        UpgradableReadLock<'static, Both> => YES;
        UpgradableReadLock<'static, Neither> => NO;
        Upgrade<'static, Both> => YES;
        Upgrade<'static, Sendable> => NO;
        ReadLockOwned<Both> => YES;
        ReadLockOwned<Sendable> => NO;
        WriteLockOwned<Both> => YES;
        WriteLockOwned<Neither> => NO;
        UpgradeOwned<Both> => YES;
        UpgradeOwned<Shareable> => NO;
    }
}

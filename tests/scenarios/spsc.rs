//! The ring between one producer and one consumer.
//!
//! Each end is used by one thread, and by the main thread before and after, so that the lock around it
//! is never waited for.

#[cfg(feature = "engine")]
use counterpoint::verify::scenario::Runner;
use counterpoint::{
    queue::spsc::{self, Consumer, Producer},
    verify::{
        scenario::Scenario,
        shim::heap,
        spec::{
            Queue, SequentialSpec,
            queue::{
                Answer,
                Operation::{self, IsEmpty, Len, Pop, Push},
            },
        },
    },
};
use serde::{Deserialize, Serialize};
use std::sync::Mutex;

/// The ends, until they are dropped.
struct Ends<T> {
    producer: Mutex<Option<Producer<T>>>,
    consumer: Mutex<Option<Consumer<T>>>,
}

impl<T> Ends<T> {
    fn new(capacity: usize) -> Self {
        let (producer, consumer) = spsc::ring(capacity);
        Ends { producer: Mutex::new(Some(producer)), consumer: Mutex::new(Some(consumer)) }
    }

    fn produce<R>(&self, f: impl FnOnce(&mut Producer<T>) -> R) -> R {
        f(self.producer.lock().unwrap().as_mut().expect("it is not dropped yet"))
    }

    fn consume<R>(&self, f: impl FnOnce(&mut Consumer<T>) -> R) -> R {
        f(self.consumer.lock().unwrap().as_mut().expect("it is not dropped yet"))
    }
}

/// A queue of so many: the first thread pushes, the second pops.
fn ring(name: &str, capacity: usize) -> Scenario<Queue<u32>, Ends<u32>> {
    let apply = |ends: &Ends<u32>, asked: &Operation<u32>| match *asked {
        Push(value) => ends.produce(|producer| producer.push(value)).into(),
        Pop => ends.consume(Consumer::pop).into(),
        Operation::Peek => ends.consume(|consumer| consumer.peek().copied()).into(),
        Len => ends.consume(|consumer| consumer.len()).into(),
        IsEmpty => ends.consume(|consumer| consumer.is_empty()).into(),
    };
    let make = move || Ends::new(capacity);
    Scenario::new(format!("spsc: {name}"), Queue::bounded(capacity), make, apply)
}

#[test]
fn a_push_meets_a_pop() {
    ring("push and pop, 1 slot", 1).thread([Push(1)]).thread([Pop]).after([Pop, Pop]).check();
}

/// The second push may find the slot full, or free again, as the pop has left it.
#[test]
fn a_slot_is_used_again_when_it_is_empty() {
    let scenario = ring("a slot used again, 1 slot", 1).before([Push(1)]);
    scenario.thread([Push(2)]).thread([Pop, Pop]).after([Pop, Pop]).check();
}

#[test]
fn one_slot_passes_on_value_after_value() {
    let scenario = ring("three pushes and two pops, 1 slot", 1);
    scenario.thread([Push(1), Push(2), Push(3)]).thread([Pop, Pop]).after([Pop, Pop]).check();
}

/// What runs sequentially consistent executions.
#[cfg(feature = "engine")]
const SEQUENTIAL: [Runner; 5] = [
    Runner::Interleavings,
    Runner::BruteForce,
    Runner::LoomInterleavings,
    Runner::Random,
    Runner::Pct,
];

/// Positions wrap around within.
#[cfg(feature = "engine")]
#[test]
fn two_slots_keep_the_order() {
    let scenario = ring("three pushes and three pops, 2 slots", 2).before([Push(1)]);
    scenario
        .thread([Push(2), Push(3), Push(4)])
        .thread([Pop, Pop, Pop])
        .after([Pop, Pop, Pop])
        .only(SEQUENTIAL)
        .check();
}

/// Each end moves its own position and reads the other's, and neither waits for its write to arrive
/// (store buffering): it is full, says one, when it is empty, says the other.
#[test]
fn full_and_empty_may_be_of_the_past() {
    let scenario = ring("full and empty, 2 slots", 2).before([Push(1)]);
    let pushes = vec![Answer::Done, Answer::Full];
    let pops = vec![Answer::Value(Some(1)), Answer::Value(None)];
    scenario
        .thread([Push(2), Push(3)])
        .thread([Pop, Pop])
        .after([Pop])
        .weak_only([vec![pushes, pops, vec![Answer::Value(Some(2))]]])
        .check();
}

#[test]
fn what_the_consumer_is_told_is_true_of_some_moment() {
    let scenario = ring("length and front, 2 slots", 2).before([Push(1)]);
    scenario.thread([Push(2)]).thread([Len, Pop, Operation::Peek, IsEmpty]).check();
}

/// Every order of returns and invocations.
#[test]
fn what_has_returned_is_seen_by_whoever_comes_later() {
    let scenario = ring("real time, 1 slot", 1);
    scenario.thread([Push(1), Push(2)]).thread([Pop, Pop]).after([Pop]).real_time().check();
}

/// Too long for all interleavings; and real threads may find it full and empty at a time, which is not
/// declared here.
#[cfg(feature = "shuttle")]
#[test]
fn many_values_pass_through_few_slots() {
    let pushes = (1..=12).map(Push);
    let scenario = ring("twelve values, 3 slots", 3).thread(pushes).thread([const { Pop }; 12]);
    scenario.after([Pop, Pop, Pop, Pop]).only([Runner::Random, Runner::Pct]).check();
}

/// Several values in one call, and ends that leave.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Asked {
    /// From an iterator.
    PushMany(Vec<u32>),
    /// In place.
    Reserve(Vec<u32>),
    /// So many, moved out.
    PopMany(usize),
    /// So many, looked at in place, and dropped there.
    Chunk(usize),
    /// One; asks first whether the producer has left.
    PopOrEnd,
    LeaveProducer,
    LeaveConsumer,
}
use Asked::{Chunk, LeaveConsumer, LeaveProducer, PopMany, PopOrEnd, PushMany, Reserve};

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Answered {
    /// So many.
    Pushed(usize),
    Values(Vec<u32>),
    /// Nothing there, and nothing will be.
    End,
    Done,
}

/// A ring of so many slots, where a call takes or gives as many as it can at one moment.
struct Batches(usize);

impl SequentialSpec for Batches {
    /// What it holds, and whether the producer has left.
    type State = (Vec<u32>, bool);
    type Operation = Asked;
    type Result = Answered;

    fn initial(&self) -> (Vec<u32>, bool) {
        (Vec::new(), false)
    }

    fn step(
        &self,
        (now, left): &(Vec<u32>, bool),
        asked: &Asked,
        _: Option<&Answered>,
    ) -> impl IntoIterator<Item = (Answered, (Vec<u32>, bool))> {
        let split = |count: usize| {
            let (first, rest) = now.split_at(count.min(now.len()));
            (Answered::Values(first.to_vec()), (rest.to_vec(), *left))
        };
        Some(match asked {
            PushMany(values) | Reserve(values) => {
                let count = values.len().min(self.0 - now.len());
                (Answered::Pushed(count), ([now, &values[..count]].concat(), *left))
            }
            PopMany(count) | Chunk(count) => split(*count),
            PopOrEnd if now.is_empty() && *left => (Answered::End, (Vec::new(), true)),
            PopOrEnd => split(1),
            LeaveProducer => (Answered::Done, (now.clone(), true)),
            LeaveConsumer => (Answered::Done, (now.clone(), *left)),
        })
    }
}

/// A value on the heap that an execution watches: it is freed once, and nobody looks at it later.
struct Watched(*mut u32);

// SAFETY: it owns what it points to.
unsafe impl Send for Watched {}

impl Watched {
    fn new(number: u32) -> Self {
        Watched(heap::alloc(number))
    }

    fn get(&self) -> u32 {
        heap::check(self.0);
        // SAFETY: it is owned, and freed by `drop` alone.
        unsafe { *self.0 }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // SAFETY: it is owned.
        unsafe { heap::free(self.0) };
    }
}

fn batches(name: &str, capacity: usize) -> Scenario<Batches, Ends<Watched>> {
    let make = move || Ends::new(capacity);
    Scenario::new(format!("spsc: {name}"), Batches(capacity), make, apply)
}

fn apply(ends: &Ends<Watched>, asked: &Asked) -> Answered {
    let values = |values: Vec<Watched>| Answered::Values(values.iter().map(Watched::get).collect());
    match asked {
        PushMany(numbers) => Answered::Pushed(ends.produce(|producer| {
            producer.push_many(numbers.iter().map(|number| Watched::new(*number)))
        })),
        Reserve(numbers) => Answered::Pushed(ends.produce(|producer| {
            let mut slots = producer.reserve(numbers.len());
            let (first, second) = slots.as_mut_slices();
            for (slot, number) in first.iter_mut().chain(second).zip(numbers) {
                slot.write(Watched::new(*number));
            }
            let count = slots.len();
            // SAFETY: all are written: there are as many numbers, or more.
            unsafe { slots.commit(count) };
            count
        })),
        PopMany(count) => values(ends.consume(|consumer| consumer.pop_many(*count).collect())),
        Chunk(count) => ends.consume(|consumer| {
            let chunk = consumer.read_chunk(*count);
            let (first, second) = chunk.as_slices();
            let seen = first.iter().chain(second).map(Watched::get).collect();
            let count = chunk.len();
            chunk.commit(count);
            Answered::Values(seen)
        }),
        PopOrEnd => ends.consume(|consumer| {
            let is_abandoned = consumer.is_abandoned();
            match consumer.pop() {
                None if is_abandoned => Answered::End,
                value => values(value.into_iter().collect()),
            }
        }),
        LeaveProducer => {
            *ends.producer.lock().unwrap() = None;
            Answered::Done
        }
        LeaveConsumer => {
            *ends.consumer.lock().unwrap() = None;
            Answered::Done
        }
    }
}

#[test]
fn what_one_call_pushes_is_seen_at_once() {
    let scenario = batches("many at once, 2 slots", 2);
    scenario.thread([PushMany(vec![1, 2])]).thread([PopMany(1), PopMany(2)]).check();
}

#[test]
fn what_one_call_takes_leaves_room_at_once() {
    let scenario = batches("a chunk, 2 slots", 2).before([PushMany(vec![1, 2])]);
    scenario
        .thread([Reserve(vec![3, 4])])
        .thread([Chunk(2), PopMany(2)])
        .after([PopMany(2)])
        .check();
}

#[test]
fn who_sees_that_the_producer_has_left_sees_all_that_it_pushed() {
    let scenario = batches("the producer leaves, 1 slot", 1);
    scenario.thread([PushMany(vec![1]), LeaveProducer]).thread([PopOrEnd, PopOrEnd]).check();
}

/// What is left is dropped by whoever comes last.
#[test]
fn the_last_end_drops_what_is_left() {
    let scenario = batches("both leave, 2 slots", 2).before([PushMany(vec![1])]);
    scenario
        .thread([PushMany(vec![2, 3]), LeaveProducer])
        .thread([PopMany(1), LeaveConsumer])
        .check();
}

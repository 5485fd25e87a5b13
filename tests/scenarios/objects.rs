//! The structures as objects of scenarios, over each backend of reclamation.

use crate::common::{Backend, Placed};
use counterpoint::{
    map::{SplitOrderedMap, SplitOrderedSet},
    queue::{self as segmented, MsQueue},
    stack::TreiberStack,
    verify::{
        scenario::Scenario,
        spec::{Map, Queue, Set, Stack, map, queue, set, stack},
    },
};

impl Backend {
    fn bounded<S, T>(self, scenario: Scenario<S, T>) -> Scenario<S, T>
    where
        S: counterpoint::verify::spec::SequentialSpec,
    {
        match self.bounds {
            Some((_, weak)) => scenario.weak_bound(weak),
            None => scenario,
        }
    }

    fn name(self, name: &str) -> String {
        format!("{name}, {}", self.name)
    }

    pub(crate) fn queue(self, name: &str) -> Scenario<Queue<u32>, MsQueue<u32>> {
        let make = move || MsQueue::new_in((self.collector)());
        self.bounded(Scenario::new(self.name(name), Queue::new(), make, apply_queue))
    }

    pub(crate) fn segmented(self, name: &str) -> Scenario<Queue<u32>, segmented::Queue<u32>> {
        let make = move || segmented::Queue::new_in((self.collector)());
        self.bounded(Scenario::new(self.name(name), Queue::new(), make, apply_segmented))
    }

    pub(crate) fn stack(self, name: &str) -> Scenario<Stack<u32>, TreiberStack<u32>> {
        let make = move || TreiberStack::new_in((self.collector)());
        self.bounded(Scenario::new(self.name(name), Stack::new(), make, apply_stack))
    }

    /// Keys are places in the map's list: neighbours share a bucket until the map grows.
    pub(crate) fn map(
        self,
        name: &str,
    ) -> Scenario<Map<u16, u32>, SplitOrderedMap<u16, u32, Placed>> {
        let make = move || SplitOrderedMap::with_hasher_in(Placed, (self.collector)());
        self.bounded(Scenario::new(self.name(name), Map::new(), make, apply_map))
    }

    pub(crate) fn set(self, name: &str) -> Scenario<Set<u16>, SplitOrderedSet<u16, Placed>> {
        let make = move || SplitOrderedSet::with_hasher_in(Placed, (self.collector)());
        self.bounded(Scenario::new(self.name(name), Set::new(), make, apply_set))
    }
}

pub(crate) fn apply_queue(
    queue: &MsQueue<u32>,
    operation: &queue::Operation<u32>,
) -> queue::Answer<u32> {
    match operation {
        queue::Operation::Push(value) => queue.pin().push(*value).into(),
        queue::Operation::Pop => queue.pin().pop().into(),
        queue::Operation::IsEmpty => queue.pin().is_empty().into(),
        other => unreachable!("the queue has no {other:?}"),
    }
}

pub(crate) fn apply_segmented(
    queue: &segmented::Queue<u32>,
    operation: &queue::Operation<u32>,
) -> queue::Answer<u32> {
    let queue = queue.pin();
    match operation {
        queue::Operation::Push(value) => queue.push(*value).into(),
        queue::Operation::Pop => queue.pop().into(),
        queue::Operation::IsEmpty => queue.is_empty().into(),
        queue::Operation::Len => queue.len().into(),
        other => unreachable!("not asked: {other:?}"),
    }
}

pub(crate) fn apply_stack(
    stack: &TreiberStack<u32>,
    operation: &stack::Operation<u32>,
) -> stack::Answer<u32> {
    match operation {
        stack::Operation::Push(value) => stack.pin().push(*value).into(),
        stack::Operation::Pop => stack.pin().pop().into(),
        stack::Operation::PopAll => stack.pin().pop_all().collect::<Vec<_>>().into(),
        stack::Operation::IsEmpty => stack.pin().is_empty().into(),
        other => unreachable!("the stack has no {other:?}"),
    }
}

pub(crate) fn apply_map(
    map: &SplitOrderedMap<u16, u32, Placed>,
    operation: &map::Operation<u16, u32>,
) -> map::Answer<u32> {
    let view = map.pin();
    match operation {
        map::Operation::Get(key) => view.get(key).copied().into(),
        map::Operation::Contains(key) => view.contains_key(key).into(),
        map::Operation::Insert(key, value) => view.insert(*key, *value).copied().into(),
        map::Operation::Remove(key) => view.remove(key).copied().into(),
        map::Operation::CompareAndSet(key, old, new) => {
            compare_and_set(map, *key, *old, *new).into()
        }
        other => unreachable!("the map has no {other:?}"),
    }
}

pub(crate) fn apply_set(
    set: &SplitOrderedSet<u16, Placed>,
    operation: &set::Operation<u16>,
) -> set::Answer<u16> {
    let view = set.pin();
    match operation {
        set::Operation::Insert(element) => view.insert(*element).into(),
        set::Operation::Remove(element) => view.remove(element).into(),
        set::Operation::Contains(element) => view.contains(element).into(),
        other => unreachable!("the set has no {other:?}"),
    }
}

fn compare_and_set(map: &SplitOrderedMap<u16, u32, Placed>, key: u16, old: u32, new: u32) -> bool {
    use counterpoint::map::{Compute, Operation};
    let view = map.pin();
    let outcome = view.compute(key, |entry| match entry {
        Some((_, value)) if *value == old => Operation::Insert(new),
        _ => Operation::Abort(()),
    });
    matches!(outcome, Compute::Updated { .. })
}

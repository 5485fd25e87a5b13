//! Scenarios out of bytes.

use crate::{
    common::{Random, message, scaled, seed},
    objects::apply_queue,
};
use counterpoint::{
    queue::MsQueue,
    verify::{
        scenario::fuzz,
        shim::{AtomicUsize, Ordering},
        spec::{Counter, Queue, counter, queue},
    },
};
use std::panic::catch_unwind;

/// Inputs of up to so many bytes.
const LONGEST: u64 = 64;

fn inputs(count: usize) -> impl Iterator<Item = Vec<u8>> {
    let mut random = Random::new(seed(), 0);
    (0..count).map(move |_| {
        let length = random.below(LONGEST);
        (0..length).map(|_| random.next() as u8).collect()
    })
}

#[test]
fn a_queue_stands_every_input() {
    use queue::Operation::{IsEmpty, Pop, Push};
    for input in inputs(scaled(2_000)) {
        fuzz(&input, ("queue, fuzzed", Queue::new()), MsQueue::new, apply_queue, |bytes| {
            Ok(match bytes.int_in_range(0..=4)? {
                0 | 1 => Pop,
                2 => IsEmpty,
                value => Push(value),
            })
        });
    }
}

#[test]
fn a_lost_update_is_found_and_its_input_named() {
    let lose = |input: &[u8]| {
        let make = || AtomicUsize::new(0);
        let add = |count: &AtomicUsize, _: &counter::Operation| {
            // Relaxed: what is wrong here is not the order.
            let before = count.load(Ordering::Relaxed);
            count.store(before + 1, Ordering::Relaxed);
            counter::Answer::Value(before as i64)
        };
        let one = counter::Operation::FetchAdd(1);
        fuzz(input, ("lost update, fuzzed", Counter), make, add, |_| Ok(one));
    };
    let found = inputs(10_000).find_map(|input| catch_unwind(|| lose(&input)).err());
    let said = message(&*found.expect("an input that loses an update")).to_owned();
    println!("{said}");
    assert!(
        said.contains("COUNTERPOINT_REPLAY=lost-update-fuzzed-") && said.contains("/fuzzed/"),
        "{said}"
    );
}

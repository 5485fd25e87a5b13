//! What recording an operation costs: `cargo run --release --features verify --example recorder_cost`.
//!
//! Prints medians with their quartiles: two readings of the clock alone, the same with an operation
//! that does nothing, recorded, and the difference, which is what the recorder adds.

use counterpoint::verify::history::{Clock, Recorder};
use std::{hint::black_box, time::Instant};

const ROUNDS: usize = 201;
const CALLS: usize = 20_000;

/// Nanoseconds for each of `CALLS` calls.
fn time(mut act: impl FnMut()) -> f64 {
    let start = Instant::now();
    (0..CALLS).for_each(|_| act());
    start.elapsed().as_nanos() as f64 / CALLS as f64
}

fn print(name: &str, mut samples: Vec<f64>) {
    samples.sort_by(f64::total_cmp);
    let quartile = |nth| samples[(samples.len() - 1) * nth / 4];
    println!("  {name:<24}{:7.1} ns  ({:.1} to {:.1})", quartile(2), quartile(1), quartile(3));
}

fn main() {
    for clock in [Clock::new(), Clock::system()] {
        println!("{clock}");
        let (mut readings, mut recorded, mut added) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let two = time(|| {
                black_box(clock.before());
                black_box(clock.after());
            });
            let recorder = Recorder::<u64, u64>::with_clock(clock);
            let mut log = recorder.log_with_capacity(CALLS);
            let one = time(|| {
                black_box(log.call(black_box(1), || black_box(2u64)));
            });
            readings.push(two);
            recorded.push(one);
            added.push(one - two);
        }
        print("two readings", readings);
        print("a recorded call", recorded);
        print("difference", added);
    }
}

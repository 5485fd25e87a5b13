//! Lanes: chains of calls, each of which precedes the next.
//!
//! A set of linearised calls is closed downward, and a chain meets such a set in a beginning. So a
//! set is a count per lane. Fewer lanes make shorter keys: calls are put on chains greedily, in the
//! order of invocation, which needs no more chains than calls ever overlap (colouring of interval
//! graphs). A process is thus not a lane: thousands of short-lived ones stay narrow.
//!
//! # Invariants
//! * `[I1]` In a lane the ends do not fall: of the calls that are not linearised, the next one of
//!   some lane ends first.
//! * `[I2]` A call that begins before, or at the very moment at which, the one before it in its process
//!   ended is on that one's lane. (Calls were widened; all other order in a process is order in time.)

use super::super::history::Call;
use std::collections::{BTreeSet, HashMap};

/// What of the order of calls a search keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// A call that returned before another was invoked comes first; so does the earlier one of a
    /// process.
    RealTime,
    /// The earlier call of a process comes first.
    Program,
    /// None.
    Free,
}

/// For each lane its calls, by index.
pub(super) fn lanes<O, R>(calls: &[&Call<O, R>], order: Order) -> Vec<Vec<u32>> {
    match order {
        Order::RealTime => in_time(calls),
        Order::Program => by_process(calls),
        Order::Free => (0..calls.len() as u32).map(|call| vec![call]).collect(),
    }
}

fn by_process<O, R>(calls: &[&Call<O, R>]) -> Vec<Vec<u32>> {
    let mut lane_of = HashMap::new();
    let mut lanes: Vec<Vec<u32>> = Vec::new();
    for (index, call) in calls.iter().enumerate() {
        let lane = *lane_of.entry(call.process).or_insert(lanes.len());
        if lane == lanes.len() {
            lanes.push(Vec::new());
        }
        lanes[lane].push(index as u32);
    }
    lanes
}

fn in_time<O, R>(calls: &[&Call<O, R>]) -> Vec<Vec<u32>> {
    let mut lanes: Vec<Vec<u32>> = Vec::new();
    // The lanes by the end of their last calls, and the last call of each process with its lane.
    let mut ends = BTreeSet::new();
    let mut last: HashMap<usize, (u64, usize)> = HashMap::new();
    for (index, call) in calls.iter().enumerate() {
        let own = last.get(&call.process).filter(|(end, _)| *end >= call.invoked);
        let free = ends.first().filter(|(end, _)| *end < call.invoked);
        let lane = match own.or(free) {
            // [I2]: no other call can have followed on that lane: it would begin after that end, and
            // thus after this call.
            Some(&(end, lane)) => {
                ends.remove(&(end, lane));
                lane
            }
            None => {
                lanes.push(Vec::new());
                lanes.len() - 1
            }
        };
        lanes[lane].push(index as u32);
        ends.insert((call.end(), lane));
        last.insert(call.process, (call.end(), lane));
    }
    lanes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_lived_processes_share_lanes_and_touching_calls_stay_together() {
        let calls: Vec<Call<(), ()>> =
            (0..100).map(|n| Call::new(n, (), 10 * n as u64, 10 * n as u64 + 9, ())).collect();
        let calls: Vec<_> = calls.iter().collect();
        assert_eq!(lanes(&calls, Order::RealTime).len(), 1);
        assert_eq!(lanes(&calls, Order::Program).len(), 100);

        // Two processes whose calls touch at 5: neither first call precedes the other's second.
        let calls = [(0, 0, 5), (1, 1, 5), (0, 5, 9), (1, 5, 8)];
        let calls = calls.map(|(process, from, to)| Call::new(process, (), from, to, ()));
        let calls: Vec<_> = calls.iter().collect();
        assert_eq!(lanes(&calls, Order::RealTime), [[0, 2], [1, 3]]);

        // Widened calls of two processes: each process has its own lane, though time orders nothing.
        let calls = [(0, 0, 9), (1, 1, 9), (0, 2, 11), (1, 3, 12), (0, 4, 14)];
        let calls = calls.map(|(process, from, to)| Call::new(process, (), from, to, ()));
        let calls: Vec<_> = calls.iter().collect();
        assert_eq!(lanes(&calls, Order::RealTime), [vec![0, 2, 4], vec![1, 3]]);
    }
}

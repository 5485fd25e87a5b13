//! Where a history can begin later: a moment at which whatever explains it has the same calls behind
//! it, and has come by them to one state.
//!
//! # Algorithm
//! A search that found the history wrong has met the beginnings of all orders. (But for pending calls
//! that change nothing, which can be taken out of an order, and for those that are the same as an
//! earlier one, which can stand in their place: an order without either has the same moments.) Those
//! *at the border* of a moment have all calls that returned before it, and none that was invoked
//! later. Each order passes one of them. If they all hold the calls `B`, if one of them holds no other
//! and has come to the state `s`, and if from `s` each other one is reached by calls that were open at
//! the moment, then the calls of `B` can go, and the rest begin at `s`. Sound: whatever the calls
//! answer that were invoked later, if with those answers the history is right, then the rest is right
//! from `s`.
//!
//! # Checked by
//! The test below, for the claim; `tests/verify/shrink.rs`: what is left is wrong from that state, by
//! brute force.

use super::{
    super::{history::Call, spec::SequentialSpec},
    seen::{Configurations, States},
};
use std::collections::HashSet;

/// At most so many configurations are looked for from a state.
const REACHED: usize = 4096;

/// All configurations of a search that found nothing.
pub(super) struct Met<State> {
    /// For each lane its calls, by index.
    pub(super) lanes: Vec<Vec<u32>>,
    pub(super) configurations: Configurations,
    pub(super) states: States<State>,
}

/// A later beginning.
pub(super) struct Start<State> {
    pub(super) state: State,
    /// The calls that are behind it, by index.
    pub(super) behind: HashSet<usize>,
}

impl<State: Clone + Eq + core::hash::Hash> Met<State> {
    /// The beginning at a moment, if all explanations have it.
    pub(super) fn start<S: SequentialSpec<State = State>>(
        &mut self,
        spec: &S,
        calls: &[&Call<S::Operation, S::Result>],
        moment: u64,
    ) -> Option<Start<State>> {
        let count = |lane: &Vec<u32>, is_in: &dyn Fn(&Call<_, _>) -> bool| {
            lane.partition_point(|&call| is_in(calls[call as usize])) as u32
        };
        let returned: Vec<u32> =
            self.lanes.iter().map(|lane| count(lane, &|call| call.end() < moment)).collect();
        let invoked: Vec<u32> =
            self.lanes.iter().map(|lane| count(lane, &|call| call.invoked < moment)).collect();
        let is_at_border = |row: &&[u32]| {
            let counts = row.iter().zip(returned.iter().zip(&invoked));
            counts.into_iter().all(|(count, (least, most))| (least..=most).contains(&count))
        };
        let border = self.configurations.rows().filter(is_at_border).take(REACHED + 1);
        let border: Vec<&[u32]> = border.collect();
        if border.len() > REACHED {
            return None;
        }
        let mut behind = invoked.clone();
        for row in &border {
            behind.iter_mut().zip(*row).for_each(|(least, &count)| *least = count.min(*least));
        }
        let mut firsts = border.iter().filter(|row| row.starts_with(&behind));
        let (Some(first), None) = (firsts.next(), firsts.next()) else { return None };
        let first = first.to_vec();
        let mut missing: HashSet<Vec<u32>> = border.iter().map(|row| row.to_vec()).collect();
        self.reach(spec, calls, first.clone(), &invoked, &mut missing);
        let lanes = self.lanes.iter().zip(&behind);
        let behind: HashSet<usize> = lanes
            .flat_map(|(lane, &count)| lane[..count as usize].iter().map(|&call| call as usize))
            .collect();
        let state = self.states.get(*first.last()?).clone();
        (missing.is_empty() && !behind.is_empty()).then_some(Start { state, behind })
    }

    /// Strikes off what can be reached from a configuration by calls below `most`.
    fn reach<S: SequentialSpec<State = State>>(
        &mut self,
        spec: &S,
        calls: &[&Call<S::Operation, S::Result>],
        from: Vec<u32>,
        most: &[u32],
        missing: &mut HashSet<Vec<u32>>,
    ) {
        let mut met = HashSet::from([from.clone()]);
        let mut waiting = vec![from];
        while let Some(row) = waiting.pop() {
            missing.remove(&row);
            if missing.is_empty() || met.len() > REACHED {
                return;
            }
            for lane in (0..most.len()).filter(|&lane| row[lane] < most[lane]) {
                let call = calls[self.lanes[lane][row[lane] as usize] as usize];
                let state = self.states.get(row[most.len()]);
                let steps: Vec<_> =
                    spec.step(state, &call.operation, call.result()).into_iter().collect();
                let fits = |answer: &S::Result| call.result().is_none_or(|seen| seen == answer);
                for (_, next) in steps.into_iter().filter(|(answer, _)| fits(answer)) {
                    let mut row = row.clone();
                    row[lane] += 1;
                    row[most.len()] = self.states.number(next);
                    if met.insert(row.clone()) {
                        waiting.push(row);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        super::{
            history::{Call, History},
            spec::{
                Register,
                register::{Answer, Operation},
            },
        },
        Excerpt,
        judge::{Decision, Judge},
        lanes::Order,
        numbers::Numbers,
        search::{Limits, Outcome},
    };

    impl Numbers {
        fn answer(&mut self, operation: &Operation<u8>) -> Answer<u8> {
            match operation {
                Operation::Write(_) => Answer::Done,
                _ => Answer::Value(self.below(3) as u8),
            }
        }

        /// A few swaps, writes and reads, with answers at random.
        fn history(&mut self) -> History<Operation<u8>, Answer<u8>> {
            let uncertainty = self.below(8) * self.below(2);
            let mut calls = Vec::new();
            for process in 0..2 + self.below(2) as usize {
                let mut at = self.below(4);
                for _ in 0..1 + self.below(3) {
                    let end = at + self.below(4);
                    let operation = match self.below(3) {
                        0 => Operation::Write(self.below(3) as u8),
                        1 => Operation::Read,
                        _ => Operation::Swap(self.below(3) as u8),
                    };
                    let answer = self.answer(&operation);
                    let mut call = Call::new(process, operation, at, end + uncertainty, answer);
                    at = end + self.below(3);
                    if self.below(16) == 0 {
                        call.returned = None;
                        calls.push(call);
                        break;
                    }
                    calls.push(call);
                }
            }
            History::widened(calls, uncertainty).expect("well formed")
        }
    }

    /// What begins later was not seen when the start was found: with other answers of it the history
    /// may be right, and then the rest is right from there.
    #[test]
    fn a_start_forbids_nothing_that_the_calls_behind_it_allow() {
        let mut numbers = Numbers(0x9E37_79B9);
        let limits = Limits { deadline: None, memory: usize::MAX, steps: u64::MAX };
        let spec = Register::new(0);
        let judge = |start| Judge { spec: &spec, order: Order::RealTime, monitors: false, start };
        let (mut starts, mut right) = (0, 0);
        for nth in 0..40_000 {
            let history = numbers.history();
            let explored = judge(None).explore(&history, Order::RealTime, None, &limits);
            let Ok(Outcome::Exhausted { mut met, .. }) = explored else { continue };
            let calls: Vec<_> = history.calls().iter().collect();
            for moment in 1..20 {
                let Some(start) = met.start(&spec, &calls, moment) else { continue };
                starts += 1;
                let mut other: Vec<_> = history.calls().to_vec();
                for call in other.iter_mut().filter(|call| call.invoked >= moment) {
                    let answer = numbers.answer(&call.operation);
                    call.returned.iter_mut().for_each(|returned| returned.result = answer.clone());
                }
                let other = History::widened(other, history.uncertainty()).expect("as before");
                if !matches!(judge(None).search(&other, &limits), Decision::Right(_)) {
                    continue;
                }
                right += 1;
                let whole = Excerpt::of(&other, &(0..other.len()).collect::<Vec<_>>());
                let rest = whole.only(|index| !start.behind.contains(&index));
                let decided = judge(Some(start.state)).search(rest.history(), &limits);
                let is_right = matches!(decided, Decision::Right(_));
                assert!(is_right, "{nth} at {moment} from {}: {other:#?}", start.state);
            }
        }
        println!("{starts} starts, {right} right");
        assert!(starts > 1_000 && right > 300, "{starts} {right}");
    }
}

//! Scenarios out of the bytes of a fuzzer: the operations first, the schedule with what is left.

use super::{
    Data, Problem, Runner,
    execution::{Declared, Expected},
    explored,
    settings::Settings,
    token::{Token, id, schedule_to_text},
};
use crate::facade::thread::thread_local;
use crate::verify::{linear::Consistency, spec::SequentialSpec};
use arbitrary::{Result, Unstructured};
use core::cell::Cell;
use std::{
    panic,
    sync::{Arc, Once, OnceLock},
};

/// Threads at most, and operations of each.
const THREADS: usize = 3;
const OPERATIONS: usize = 4;

/// Runs the one scenario that `input` holds, under the one schedule that it holds, and judges its
/// history. Bytes that an input lacks count as zero.
///
/// ```no_run
/// # use counterpoint::{queue::MsQueue, verify::{scenario, spec::queue::{Operation, Queue}}};
/// # let input: &[u8] = &[];
/// // In a target of cargo-fuzz:
/// scenario::fuzz(
///     input,
///     ("queue", Queue::new()),
///     MsQueue::new,
///     |queue, operation| match operation {
///         Operation::Push(value) => queue.pin().push(*value).into(),
///         Operation::Pop => queue.pin().pop().into(),
///         _ => unreachable!(),
///     },
///     |bytes| Ok(if bytes.arbitrary()? { Operation::Pop } else { Operation::Push(bytes.int_in_range(1..=3)?) }),
/// );
/// ```
///
/// # Panics
/// With the [`Problem`], when something is wrong.
pub fn fuzz<S, T>(
    input: &[u8],
    (name, spec): (&str, S),
    make: impl Fn() -> T + Send + Sync + 'static,
    apply: impl Fn(&T, &S::Operation) -> S::Result + Send + Sync + 'static,
    operation: impl Fn(&mut Unstructured<'_>) -> Result<S::Operation>,
) where
    S: SequentialSpec<Operation: Data, Result: Data> + Send + Sync + 'static,
    T: Send + Sync + 'static,
{
    let replayed = match Token::of_environment(name) {
        Ok(Some(token)) if token.scenario == id(name, "fuzzed") => {
            Some(from_hex(&token.what).unwrap_or_else(|why| panic!("{why}")))
        }
        Ok(_) => None,
        Err(problem) => panic!("{problem}"),
    };
    let input = replayed.as_deref().unwrap_or(input);
    let Ok((before, threads, schedule)) = draw(input, operation) else { return };
    let declared = Arc::new(Declared {
        name: name.to_owned(),
        case: Some(id(name, "fuzzed")),
        spec: Arc::new(spec),
        consistency: Consistency::Linearizable,
        make: Arc::new(make),
        apply: Arc::new(apply),
        before,
        threads,
        after: Vec::new(),
        expected: Expected::Any,
        known: OnceLock::new(),
        weak_only: Vec::new(),
    });
    let schedule = schedule_to_text(&schedule);
    let settings = Settings { seed: 0, ..Settings::default() };
    let run = silently(|| explored::run(&declared, &settings, Runner::Fuzzed, Some(&schedule)));
    if let Err(problem) = run {
        let token =
            Token { scenario: id(name, "fuzzed"), runner: Runner::Fuzzed, what: to_hex(input) };
        let replay = Some(token.to_string());
        panic!("{}", Problem { replay, ..*problem });
    }
}

/// Runs what reports by a panic that is caught: the hook of a fuzzer would end the process before
/// anything could be said.
fn silently<R>(run: impl FnOnce() -> R) -> R {
    thread_local! {
        static SILENT: Cell<bool> = const { Cell::new(false) };
    }
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !SILENT.get() {
                hook(panic);
            }
        }));
    });
    SILENT.set(true);
    let result = run();
    SILENT.set(false);
    result
}

type Drawn<O> = (Vec<O>, Vec<Vec<O>>, Vec<usize>);

/// The operations before, those of each thread, and the schedule.
fn draw<O>(
    input: &[u8],
    operation: impl Fn(&mut Unstructured<'_>) -> Result<O>,
) -> Result<Drawn<O>> {
    let mut bytes = Unstructured::new(input);
    let some = |bytes: &mut Unstructured<'_>, least: usize| -> Result<Vec<O>> {
        let count = bytes.int_in_range(least..=OPERATIONS)?;
        (0..count).map(|_| operation(bytes)).collect()
    };
    let before = some(&mut bytes, 0)?;
    let threads = bytes.int_in_range(2..=THREADS)?;
    let threads: Result<_> = (0..threads).map(|_| some(&mut bytes, 1)).collect();
    let schedule = bytes.take_rest().iter().map(|byte| usize::from(*byte)).collect();
    Ok((before, threads?, schedule))
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> core::result::Result<Vec<u8>, String> {
    let pairs = text.as_bytes().chunks(2);
    let bytes: Option<Vec<u8>> =
        pairs.map(|pair| u8::from_str_radix(core::str::from_utf8(pair).ok()?, 16).ok()).collect();
    bytes.ok_or_else(|| format!("the token's input is not hexadecimal: {text}"))
}

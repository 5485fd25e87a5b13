//! Scenarios on real threads: round after round, each recorded and judged.
//!
//! The threads of a scenario live through all its rounds, and wait for each other at a gate before
//! each, so that their operations meet.

use super::{
    Data, Problem, Report, Runner,
    execution::{Declared, Judge},
    problem, saved,
    settings::Settings,
};
use crate::{
    facade::{
        atomic::{AtomicUsize, Ordering},
        hint::{pause, spin_loop},
        thread,
    },
    verify::{
        history::{History, Log, Recorder},
        spec::SequentialSpec,
    },
};
use core::time::Duration;
use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
};

/// How long a round may last. Only an operation that does not end takes as long.
const PATIENCE: Duration = Duration::from_secs(60);
/// And how long the others may go on when one has panicked.
const PATIENCE_WITH_THE_REST: Duration = Duration::from_secs(5);
/// How often a thread looks at the gate before it lets others run.
const LOOKS: usize = 200;
/// The longest pause before an operation, in spin hints.
const PAUSE: u64 = 32;

/// Runs all rounds.
pub(super) fn run<S, T>(
    declared: &Arc<Declared<S, T>>,
    settings: &Settings,
) -> Result<Report, Box<Problem>>
where
    S: SequentialSpec<Operation: Data, Result: Data> + Send + Sync + 'static,
    T: Send + Sync + 'static,
{
    let judge = Judge::new(declared, Runner::Threads);
    let crew = Crew::new(declared);
    for round in 1..=settings.rounds {
        let seed = settings.seed.wrapping_add(round as u64);
        // What a panic leaves behind is the crew's channels, and this was its last round.
        let history = match catch_unwind(AssertUnwindSafe(|| crew.round(seed))) {
            Ok(Ok(history)) => history,
            Ok(Err(fault)) => return Err(of_round(declared, round, fault)),
            Err(panic) => {
                let fault = Fault { message: message(&*panic), history: None };
                return Err(of_round(declared, round, fault));
            }
        };
        if let Err(message) = judge.judge(&history) {
            return Err(of_round(declared, round, Fault { message, history: Some(history) }));
        }
    }
    judge.report(settings.rounds, false, None)
}

/// What a round that failed is to its reader.
fn of_round<S, T>(
    declared: &Declared<S, T>,
    round: usize,
    Fault { message, history }: Fault<S::Operation, S::Result>,
) -> Box<Problem>
where
    S: SequentialSpec<Operation: Data, Result: Data>,
{
    // A panic, or a round that did not end, cannot be seen again in the history.
    let file = history.as_ref().and_then(|history| saved::save(&declared.file(), history));
    let what = file.map(|file| file.display().to_string());
    let what = what.filter(|file| saved::judge_again(declared, file).is_err());
    let mut problem = Problem::of_run(declared, (Runner::Threads, round), message, what);
    problem::draw(&mut problem, declared, history.as_ref());
    Box::new(problem)
}

/// Why a round is wrong, and what was seen of it.
struct Fault<O, R> {
    message: String,
    history: Option<History<O, R>>,
}

/// The history of a round.
type Round<S> = Result<
    History<<S as SequentialSpec>::Operation, <S as SequentialSpec>::Result>,
    Fault<<S as SequentialSpec>::Operation, <S as SequentialSpec>::Result>,
>;

/// The threads of a scenario.
struct Crew<S: SequentialSpec, T> {
    declared: Arc<Declared<S, T>>,
    jobs: Vec<Sender<Job<S, T>>>,
    done: Receiver<Result<(), String>>,
    progress: Arc<[Progress]>,
}

/// One thread's part of a round.
struct Job<S: SequentialSpec, T> {
    object: Arc<T>,
    log: Log<S::Operation, S::Result>,
    gate: Arc<Gate>,
    /// What the pauses of this round are drawn from.
    seed: u64,
}

/// How many operations of its round a thread has begun.
struct Progress(AtomicUsize);

impl<S, T> Crew<S, T>
where
    S: SequentialSpec<Operation: Data, Result: Data> + Send + Sync + 'static,
    T: Send + Sync + 'static,
{
    fn new(declared: &Arc<Declared<S, T>>) -> Self {
        let (report, done) = channel();
        let threads = 0..declared.threads.len();
        let progress: Arc<[Progress]> =
            threads.clone().map(|_| Progress(AtomicUsize::new(0))).collect();
        let start = |thread: usize| {
            let (sender, jobs) = channel::<Job<S, T>>();
            let (declared, report, progress) = (declared.clone(), report.clone(), progress.clone());
            thread::spawn(move || {
                for job in jobs {
                    let operations = &declared.threads[thread];
                    let ended = work(&declared, operations, job, &progress[thread]);
                    if report.send(ended).is_err() {
                        return;
                    }
                }
            });
            sender
        };
        let jobs = threads.map(start).collect();
        Crew { declared: declared.clone(), jobs, done, progress }
    }

    /// One round: its history.
    fn round(&self, seed: u64) -> Round<S> {
        let (declared, recorder) = (&self.declared, Recorder::new());
        let object = Arc::new((declared.make)());
        let mut mine = recorder.log();
        let mut perform = |operations: &[S::Operation]| {
            for operation in operations {
                mine.call(operation.clone(), || (declared.apply)(&object, operation));
            }
        };
        perform(&declared.before);
        let gate = Arc::new(Gate { closed: AtomicUsize::new(self.jobs.len()) });
        for (thread, jobs) in (1..).zip(&self.jobs) {
            let (object, log, gate) = (object.clone(), recorder.log(), gate.clone());
            let job = Job { object, log, gate, seed: seed.wrapping_mul(thread) };
            jobs.send(job).expect("a thread of the crew waits for its next job");
        }
        let mut ended = Ok(());
        for _ in &self.jobs {
            // Others may wait for ever for one that panicked.
            let patience = if ended.is_ok() { PATIENCE } else { PATIENCE_WITH_THE_REST };
            match self.done.recv_timeout(patience) {
                Ok(result) => ended = ended.and(result),
                Err(RecvTimeoutError::Timeout) => return Err(self.stuck(ended)),
                Err(RecvTimeoutError::Disconnected) => unreachable!("the crew lives"),
            }
        }
        if ended.is_ok() {
            perform(&declared.after);
        }
        drop(mine);
        let history = recorder.finish().expect("every log has come back");
        match ended {
            Ok(()) => Ok(history),
            Err(message) => Err(Fault { message, history: Some(history) }),
        }
    }

    /// Who is where, when a round does not end.
    fn stuck(&self, ended: Result<(), String>) -> Fault<S::Operation, S::Result> {
        let operations = |thread: usize| &self.declared.threads[thread];
        let places = self.progress.iter().enumerate().filter_map(|(thread, progress)| {
            // Relaxed: a diagnosis.
            let begun = progress.0.load(Ordering::Relaxed);
            let operation = operations(thread).get(begun.checked_sub(1)?)?;
            Some(format!("thread {} is in its operation {begun}, {operation:?}", thread + 1))
        });
        let places = places.collect::<Vec<_>>().join("; ");
        let message = match ended {
            Ok(()) => format!("no end after {} s: {places}", PATIENCE.as_secs()),
            Err(panic) => format!("{panic}; and then no end: {places}"),
        };
        Fault { message, history: None }
    }
}

/// A thread's part of a round; what its panic said, if it did.
fn work<S, T>(
    declared: &Declared<S, T>,
    operations: &[S::Operation],
    Job { object, mut log, gate, mut seed }: Job<S, T>,
    progress: &Progress,
) -> Result<(), String>
where
    S: SequentialSpec<Operation: Data, Result: Data>,
{
    gate.pass();
    let all = move || {
        for (nth, operation) in operations.iter().enumerate() {
            // Relaxed: read for a diagnosis only; anything stronger could hide a missing order.
            progress.0.store(nth + 1, Ordering::Relaxed);
            // Knuth's generator of MMIX; its high bits are the random ones.
            seed = seed.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
            pause(((seed >> 33) % PAUSE) as u32);
            log.call(operation.clone(), || (declared.apply)(&object, operation));
        }
        drop(object);
    };
    // What a panic leaves behind is looked at by nobody but through `T`, which is being tested.
    let ended = catch_unwind(AssertUnwindSafe(all)).map_err(|panic| message(&*panic));
    // Relaxed: as above. It is in none.
    progress.0.store(0, Ordering::Relaxed);
    ended
}

fn message(panic: &(dyn Any + Send)) -> String {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(message), _) => format!("an operation panicked: {message}"),
        (_, Some(message)) => format!("an operation panicked: {message}"),
        _ => "an operation panicked".to_owned(),
    }
}

/// Opens when all have come.
struct Gate {
    /// How many are yet to come.
    closed: AtomicUsize,
}

impl Gate {
    fn pass(&self) {
        // Relaxed: the gate orders nothing, so that it hides nothing; the channels hand over.
        self.closed.fetch_sub(1, Ordering::Relaxed);
        let mut looks = 0;
        // Relaxed: as above.
        while self.closed.load(Ordering::Relaxed) > 0 {
            looks += 1;
            if looks % LOOKS == 0 { thread::yield_now() } else { spin_loop() }
        }
    }
}

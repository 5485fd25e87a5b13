//! Who counts: threads, tasks of Tokio, and tasks of async-executor, all at once, over one list of
//! files and one pool of buffers.
//!
//! All of them begin to wait before the first buffer is to be had, so that the queue is long and
//! mixed from the start. Then every second task drops its wait, whether it has just been told that
//! there is a buffer or not; later each gives up now and then, after it has waited a little.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use counterpoint::sync::{Counter, Event, Until};
use futures_lite::future::{block_on, or, poll_once, yield_now};
use tokio::runtime::{Builder, Runtime};

use crate::arguments::Arguments;
use crate::count::{self, Counted, Counts};
use crate::pool::{Buffer, Pool};

/// Threads of Tokio's runtime.
const TOKIO_THREADS: usize = 2;

/// What all share.
struct Job {
    files: Arc<[Arc<Path>]>,
    /// The first file that nobody has taken.
    next: AtomicUsize,
    pool: Arc<Pool>,
    /// How many tasks wait for their first buffer.
    waiting: Counter,
    start: Event,
}

impl Job {
    fn next(&self) -> Option<(usize, Arc<Path>)> {
        // Relaxed: each number is given out once, and the list does not change.
        let place = self.next.fetch_add(1, Relaxed);
        self.files.get(place).map(|path| (place, path.clone()))
    }
}

/// What some have done.
#[derive(Debug, Default)]
struct Share {
    counted: Vec<Counted>,
    /// Waits for a buffer that were dropped.
    cancelled: usize,
}

impl Share {
    fn of_all(shares: impl IntoIterator<Item = Share>) -> Self {
        shares.into_iter().fold(Share::default(), |mut all, share| {
            all.counted.extend(share.counted);
            all.cancelled += share.cancelled;
            all
        })
    }

    fn row(&self, who: &'static str) -> Row {
        let bytes = |(_, counts): &Counted| counts.as_ref().map_or(0, |counts| counts.bytes);
        Row {
            who,
            files: self.counted.len(),
            bytes: self.counted.iter().map(bytes).sum(),
            cancelled: self.cancelled,
        }
    }
}

/// How much some have done.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) who: &'static str,
    pub(crate) files: usize,
    pub(crate) bytes: u64,
    pub(crate) cancelled: usize,
}

/// What all have done, and what became of the pool.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) rows: [Row; 3],
    pub(crate) counted: Vec<Counted>,
    pub(crate) pool: Arc<Pool>,
}

/// Counts all files.
///
/// # Errors
/// Tokio's runtime could not be started.
///
/// # Panics
/// When the pool has lent more than it has, or has not got all of it back.
pub(crate) fn count(files: &Arc<[Arc<Path>]>, arguments: &Arguments) -> io::Result<Outcome> {
    let workers = usize::from(arguments.workers);
    let runtime = Builder::new_multi_thread().worker_threads(TOKIO_THREADS).build()?;
    let job = Arc::new(Job {
        files: files.clone(),
        next: AtomicUsize::new(0),
        pool: Pool::new(arguments.buffers.into()),
        waiting: Counter::new(0),
        start: Event::new(),
    });

    let none_yet = job.pool.keep_all();
    let shares = thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(|| thread(&job))).collect();
        let on_tokio = scope.spawn(|| on_tokio(&runtime, &job, workers));
        let on_async_executor = scope.spawn(|| on_async_executor(&job, workers));
        job.waiting.wait_blocking(Until::Equal(2 * workers as isize));
        // First the buffers: some tasks are told of them, and drop their waits when they start.
        drop(none_yet);
        job.start.set();
        let failed = "who counts does not panic";
        [
            Share::of_all(threads.into_iter().map(|thread| thread.join().expect(failed))),
            on_tokio.join().expect(failed),
            on_async_executor.join().expect(failed),
        ]
    });

    let pool = job.pool.clone();
    assert!(pool.most_in_use() <= pool.size(), "the pool lent more than it has");
    assert_eq!(pool.free(), (pool.size(), pool.size()), "permits and buffers are all back");
    let [threads, tokio, async_executor] = &shares;
    let rows = [threads.row("threads"), tokio.row("tokio"), async_executor.row("async-executor")];
    Ok(Outcome { rows, counted: Share::of_all(shares).counted, pool })
}

/// One thread.
fn thread(job: &Job) -> Share {
    let mut share = Share::default();
    // It waits before it takes a file, so that nobody has a file that cannot be read yet.
    loop {
        let mut buffer = job.pool.take_blocking();
        let Some((place, path)) = job.next() else { return share };
        share.counted.push((place, count::file(&path, &mut buffer)));
    }
}

/// An executor, and where its tasks do what blocks.
trait Executor {
    fn unblock<T: Send + 'static>(
        work: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = T> + Send;
}

struct Tokio;

impl Executor for Tokio {
    async fn unblock<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
        tokio::task::spawn_blocking(work).await.expect("reading does not panic")
    }
}

struct AsyncExecutor;

impl Executor for AsyncExecutor {
    fn unblock<T: Send + 'static>(
        work: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = T> + Send {
        blocking::unblock(work)
    }
}

fn on_tokio(runtime: &Runtime, job: &Arc<Job>, workers: usize) -> Share {
    let spawn = |number| runtime.spawn(task::<Tokio>(job.clone(), number));
    let tasks: Vec<_> = (0..workers).map(spawn).collect();
    let shares = tasks.into_iter().map(|task| runtime.block_on(task));
    Share::of_all(shares.map(|share| share.expect("a task does not panic")))
}

fn on_async_executor(job: &Arc<Job>, workers: usize) -> Share {
    let executor = async_executor::Executor::new();
    let spawn = |number| executor.spawn(task::<AsyncExecutor>(job.clone(), number));
    let tasks: Vec<_> = (0..workers).map(spawn).collect();
    block_on(executor.run(async {
        let mut shares = Vec::new();
        for task in tasks {
            shares.push(task.await);
        }
        Share::of_all(shares)
    }))
}

/// One task, of whichever executor.
async fn task<E: Executor>(job: Arc<Job>, number: usize) -> Share {
    let mut share = Share::default();
    let mut first = Box::pin(job.pool.take());
    assert!(poll_once(&mut first).await.is_none(), "no buffer is to be had yet");
    job.waiting.increment();
    job.start.wait().await;
    let mut ready = if number % 2 == 0 {
        Some(first.await)
    } else {
        drop(first);
        share.cancelled += 1;
        None
    };

    for round in number.. {
        let buffer = match ready.take() {
            Some(buffer) => buffer,
            None => take_impatiently(&job.pool, round % 4, &mut share).await,
        };
        let Some((place, path)) = job.next() else { break };
        share.counted.push((place, count_file::<E>(path, buffer).await));
    }
    share
}

/// Gives up once after it has waited for some turns, and begins anew.
async fn take_impatiently(pool: &Arc<Pool>, turns: usize, share: &mut Share) -> Buffer {
    let lose_patience = async {
        for _ in 0..turns {
            yield_now().await;
        }
        None
    };
    // The wait is polled first: if it is dropped it has been in the queue.
    match or(async { Some(pool.take().await) }, lose_patience).await {
        Some(buffer) => buffer,
        None => {
            share.cancelled += 1;
            pool.take().await
        }
    }
}

/// Counts a file as [`count::file`] does; what blocks is done where it may, and takes the buffer along.
async fn count_file<E: Executor>(path: Arc<Path>, mut buffer: Buffer) -> io::Result<Counts> {
    // Declared after the buffer: it is closed before the buffer goes back.
    let mut file = E::unblock(move || File::open(path)).await?;
    let mut counts = Counts::default();
    loop {
        let read;
        (buffer, file, read) = E::unblock(move || {
            let read = file.read(&mut buffer);
            (buffer, file, read)
        })
        .await;
        match read {
            Ok(0) => return Ok(counts),
            Ok(read) => counts.add(&buffer[..read]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

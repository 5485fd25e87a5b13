//! Threads, tasks of Tokio and tasks of async-executor share one pool of buffers.
//!
//! `cargo run --release --manifest-path examples/shared-pool/Cargo.toml -- [PATH]...` counts lines,
//! words and bytes of files, and a checksum. Nobody reads without a buffer of the pool, and the pool
//! has few: one semaphore, on which threads block and tasks of both executors wait, so never more
//! files are open than there are buffers. Some tasks give up while they wait, on purpose.
//!
//! What must stay true:
//! - The pool never makes a buffer after its start, and has all of them back at the end.
//! - Each file is read once, by whoever is free.
//!
//! Exit codes: 0, counted; 1, `--check` found a difference; 2, wrong arguments, or a file could not
//! be read.
//!
//! Checked by: `tests/shared_pool.rs`, the unit tests here, and `--check` on real files.

mod arguments;
mod count;
mod discover;
mod pool;
mod report;
mod workers;

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use clap::Parser;

use arguments::Arguments;
use workers::Outcome;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let roots = arguments.roots().unwrap_or_else(|error| error.exit());
    let found = discover::discover(&roots);
    let files = found.files.into();
    let Outcome { rows, counted, pool } = match workers::count(&files, &arguments) {
        Ok(outcome) => outcome,
        Err(error) => {
            eprintln!("error: cannot start the runtime of Tokio: {error}");
            return ExitCode::from(2);
        }
    };
    let (counts, unread) = count::per_file(&files, counted);
    for problem in found.problems.iter().chain(&unread) {
        eprintln!("error: {problem}");
    }
    let differing = arguments.check.then(|| {
        let (alone, _) = count::per_file(&files, count::sequentially(&files));
        count::differing(&files, &alone, &counts)
    });

    let mut out = io::BufWriter::new(io::stdout().lock());
    let printed = report::table(&mut out, &rows, &pool)
        .and_then(|()| report::totals(&mut out, &counts))
        .and_then(|()| report::check(&mut out, differing.as_deref()))
        .and_then(|()| out.flush());
    if let Err(error) = printed {
        // Whoever reads the report may have read enough.
        if error.kind() != ErrorKind::BrokenPipe {
            eprintln!("error: cannot write the report: {error}");
            return ExitCode::from(2);
        }
    }
    if differing.is_some_and(|files| !files.is_empty()) {
        ExitCode::from(1)
    } else if !found.problems.is_empty() || !unread.is_empty() {
        ExitCode::from(2)
    } else {
        ExitCode::SUCCESS
    }
}

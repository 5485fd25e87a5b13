//! Counts the words of files and folders with many threads that share one lock-free map.
//!
//! `cargo run --release --example wordcount -- [PATH]...` reads every text once, cuts it into
//! chunks, and counts the words three ways, in turn: N threads over one `MsQueue` of chunks and one
//! `SplitOrderedMap` of counters; the same with one thread; and a plain loop over a
//! `std::collections::HashMap`. It prints the top words, the throughput, and how much faster the
//! first is than the other two.
//!
//! What must stay true:
//! - Every word goes through the one shared map. No thread keeps counts of its own.
//! - The three ways see the same chunks of the same texts in memory, through the same tokeniser,
//!   hasher and keys, and each starts from an empty map.
//! - Whatever is wrong with a file is reported and counted, and the rest is still read.
//!
//! Exit codes: 0, counted; 1, `--check` found a difference; 2, wrong arguments or no counting.
//!
//! Checked by: `tests/wordcount.rs`, the unit tests here, and `--check` on real text.

mod arguments;
mod check;
mod chunk;
mod corpus;
mod count;
mod counter;
mod discover;
mod measure;
mod problem;
mod progress;
mod report;
mod words;

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use clap::Parser;

use arguments::Arguments;
use corpus::Corpus;
use measure::Measurement;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let roots = arguments.roots().unwrap_or_else(|error| error.exit());
    let found = discover::discover(&roots);
    let corpus = Corpus::read(found);
    let measurement = match measure::measure(&corpus, &arguments) {
        Ok(measurement) => measurement,
        Err(error) => {
            eprintln!("error: cannot start {} threads: {error}", arguments.threads);
            return ExitCode::from(2);
        }
    };
    match print(&arguments, &corpus, &measurement) {
        // Whoever reads the report may have read enough.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("error: cannot write the report: {error}");
            ExitCode::from(2)
        }
        _ if measurement.differs() => ExitCode::from(1),
        _ => ExitCode::SUCCESS,
    }
}

fn print(arguments: &Arguments, corpus: &Corpus, measurement: &Measurement<'_>) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    if arguments.json {
        report::json(&mut out, arguments, corpus, measurement)?;
    } else {
        report::text(&mut out, arguments, corpus, measurement)?;
    }
    out.flush()
}

//! Prints what maps of a million entries take: resident memory, and the longest insertion on the way.
//!
//! `cargo run --release --manifest-path benches/Cargo.toml --bin footprint`

use std::env;
use std::process::{Command, ExitCode};

use clap::Parser;
use counterpoint_benches::map::footprint::{Filled, MAPS};

/// Measure the memory of maps, and their longest insertions.
#[derive(Parser)]
struct Arguments {
    /// Processes for each figure, of which the median is shown.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// What a process is told that measures one map.
    #[arg(long, hide = true, num_args = 2)]
    one: Option<Vec<String>>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(one) = arguments.one {
        let (_, measure) = MAPS.iter().find(|(name, _)| *name == one[0]).expect("a known map");
        let filled = if one[1] == "grown" { Filled::Grown } else { Filled::Promised };
        let footprint = measure(filled);
        println!("{} {}", footprint.resident, footprint.longest.as_nanos());
        return ExitCode::SUCCESS;
    }
    println!("| map | MiB, grown | MiB, promised | longest insert grown, µs | promised, µs |");
    println!("|---|---|---|---|---|");
    for (name, _) in MAPS {
        let [grown, promised] = ["grown", "promised"].map(|filled| {
            let round = |_| one(name, filled);
            let (mut bytes, mut nanos): (Vec<_>, Vec<_>) = (0..arguments.rounds).map(round).unzip();
            (median(&mut bytes), median(&mut nanos))
        });
        let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        let micros = |nanos: u64| nanos as f64 / 1e3;
        println!(
            "| {name} | {:.1} | {:.1} | {:.0} | {:.0} |",
            mebibytes(grown.0),
            mebibytes(promised.0),
            micros(grown.1),
            micros(promised.1),
        );
    }
    ExitCode::SUCCESS
}

/// The resident bytes and the longest insertion in nanoseconds, of one process.
fn one(name: &str, filled: &str) -> (u64, u64) {
    let program = env::current_exe().expect("the path of this program");
    let output = Command::new(program).args(["--one", name, filled]).output();
    let output = output.expect("this program runs again");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("two numbers");
    let mut numbers = text.split_whitespace().map(|number| number.parse().expect("a number"));
    let mut number = || numbers.next().expect("two numbers");
    (number(), number())
}

fn median(figures: &mut [u64]) -> u64 {
    figures.sort_unstable();
    figures[figures.len() / 2]
}

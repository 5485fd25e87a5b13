//! Measures Counterpoint beside its peers and writes the dashboard:
//! `target/dashboard/{index.html,summary.txt,summary.json}` at the root of the repository.
//!
//! `cargo run --release --manifest-path benches/Cargo.toml -- --quick`

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use counterpoint_benches::pairing::{Outcome, Settings, measure};
use counterpoint_benches::report::{Machine, Report};
use counterpoint_benches::workload::Workload;
use counterpoint_benches::workloads;
use indicatif::{ProgressBar, ProgressStyle};

const FULL: Settings =
    Settings { rounds: 31, limit: Duration::from_secs(120), turn: Duration::from_millis(100) };
const QUICK: Settings =
    Settings { rounds: 11, limit: Duration::from_secs(10), turn: Duration::from_millis(40) };

/// Measure Counterpoint beside its peers, in rounds in which all take turns.
#[derive(Parser)]
struct Arguments {
    /// Fewer and shorter rounds, and nothing that waits for whole seconds: ends within ten minutes.
    #[arg(long)]
    quick: bool,
    /// Measure only what matches SUBJECT[/WORKLOAD[/THREADS]], as in `queue` or `map/hit-10k-kept/1`;
    /// may be given several times.
    #[arg(long, value_name = "FILTER")]
    only: Vec<String>,
    /// Rounds in a cell, instead of the usual number.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: Option<u32>,
    /// Print what would be measured, and measure nothing.
    #[arg(long)]
    list: bool,
    /// The folder to write to [default: target/dashboard in the repository]
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

impl Arguments {
    fn settings(&self) -> Settings {
        let settings = if self.quick { QUICK } else { FULL };
        let rounds = self.rounds.map_or(settings.rounds, |rounds| rounds as usize);
        Settings { rounds, ..settings }
    }

    fn output(&self) -> PathBuf {
        let repository = || Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        self.output.clone().unwrap_or_else(|| repository().join("target/dashboard"))
    }

    /// The cells to measure, in the order of the report.
    fn cells(&self) -> Vec<(Workload, usize)> {
        workloads()
            .into_iter()
            .flat_map(|workload| workload.threads.iter().map(move |&threads| (workload, threads)))
            .filter(|(workload, _)| workload.is_quick() || !self.quick)
            .filter(|(workload, threads)| self.wants(&workload.path(*threads)))
            .collect()
    }

    fn wants(&self, path: &str) -> bool {
        let within = |filter: &String| {
            let rest = path.strip_prefix(filter.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.only.is_empty() || self.only.iter().any(within)
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let cells = arguments.cells();
    if cells.is_empty() {
        eprintln!("dashboard: nothing matches {}; see --list", arguments.only.join(", "));
        return ExitCode::from(2);
    }
    if arguments.list {
        cells.iter().for_each(|(workload, threads)| println!("{}", workload.path(*threads)));
        return ExitCode::SUCCESS;
    }
    match run(&arguments, &cells) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dashboard: cannot write to {}: {error}", arguments.output().display());
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments, cells: &[(Workload, usize)]) -> io::Result<()> {
    let settings = arguments.settings();
    // Before measuring: what was built is what is named, even if the tree changes meanwhile.
    let machine = Machine::current();
    let outcomes = measure_all(cells, settings);
    Report { machine, outcomes: &outcomes }.write(&arguments.output())?;
    let folder = arguments.output().canonicalize()?;
    print!("{}", std::fs::read_to_string(folder.join("summary.txt"))?);
    println!("\nWritten to {}", folder.join("index.html").display());
    Ok(())
}

fn measure_all(cells: &[(Workload, usize)], settings: Settings) -> Vec<Outcome> {
    let style =
        ProgressStyle::with_template("{bar:30} {pos}/{len}  {msg}  {elapsed} of ~{duration}")
            .expect("the template is well formed");
    let bar = ProgressBar::new(cells.len() as u64).with_style(style);
    let outcomes = cells
        .iter()
        .map(|&(workload, threads)| {
            let path = workload.path(threads);
            if bar.is_hidden() {
                eprintln!("{}/{} {path}", bar.position() + 1, cells.len());
            }
            bar.set_message(path);
            let outcome = measure(workload, threads, settings);
            bar.inc(1);
            outcome
        })
        .collect();
    bar.finish_and_clear();
    outcomes
}

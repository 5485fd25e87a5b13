//! The same workloads under Criterion: what the benches in `criterion/` call.
//!
//! Criterion's own charts (`target/criterion/report/index.html`) show how one contestant's times
//! are distributed and how they changed since the last run. It measures contestants one after the
//! other, so ratios are read off the paired runner's page, not off these; so is all that is no time
//! per operation.

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput};

use counterpoint_benches::crew::Crew;
use counterpoint_benches::workload::{Contestant, Entry, Figure, Workload};

/// How long a contestant works that works for a time.
const SPELL: Duration = Duration::from_millis(10);

/// Benchmarks every cell of `workloads`, one contestant after the other, as the command line asks.
pub(crate) fn bench(workloads: &[Workload]) {
    let mut criterion = Criterion::default().configure_from_args();
    for workload in workloads.iter().filter(|workload| is_timed(workload)) {
        let mut group =
            criterion.benchmark_group(format!("{}/{}", workload.subject, workload.name));
        group
            .sample_size(20)
            .warm_up_time(Duration::from_millis(500))
            .measurement_time(Duration::from_secs(2));
        for &threads in workload.threads {
            let crew = Crew::new(threads);
            for contestant in (workload.field)(threads) {
                group.throughput(Throughput::Elements(elements(&contestant, threads)));
                let id = BenchmarkId::new(contestant.name, format!("{threads} threads"));
                group.bench_function(id, |bencher| {
                    bencher.iter_custom(|iterations| run(&contestant, &crew, iterations));
                });
            }
        }
        group.finish();
    }
    criterion.final_summary();
}

fn is_timed(workload: &Workload) -> bool {
    matches!(workload.figure, Figure::Time(_))
}

/// The operations in one iteration: one by each worker, or a whole run that begins anew.
fn elements(contestant: &Contestant, threads: usize) -> u64 {
    match contestant.entry {
        Entry::Steady(_) | Entry::Timed(_) => threads as u64,
        Entry::Fresh { ops, .. } => ops as u64,
    }
}

fn run(contestant: &Contestant, crew: &Crew, iterations: u64) -> Duration {
    match &contestant.entry {
        Entry::Steady(task) => crew.run(task, iterations as usize),
        Entry::Fresh { ops, build } => {
            (0..iterations).map(|_| crew.run(&build(), ops / crew.threads())).sum()
        }
        // What so many operations would take, at the pace of one spell.
        Entry::Timed(work) => {
            let operations = iterations * crew.threads() as u64;
            Duration::from_secs_f64(work(crew, SPELL) * operations as f64 / 1e9)
        }
    }
}

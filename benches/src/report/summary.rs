//! `summary.json`: the machine, and a row for each peer of each cell.

use std::io;

use serde::Serialize;

use super::{Machine, Report};
use crate::pairing::Outcome;

#[derive(Serialize)]
struct Summary<'a> {
    machine: &'a Machine,
    rows: Vec<Row>,
}

/// One peer in one cell. Times are medians in nanoseconds per operation of the whole crew; the
/// ratio is the peer's time over ours, the median of the rounds, with its quartiles.
#[derive(Serialize)]
struct Row {
    subject: &'static str,
    workload: &'static str,
    threads: usize,
    rounds: usize,
    ours_ns: f64,
    peer: &'static str,
    peer_ns: f64,
    ratio: f64,
    q1: f64,
    q3: f64,
}

pub(super) fn render(report: &Report<'_>) -> io::Result<String> {
    let rows = report.outcomes.iter().flat_map(rows).collect();
    let summary = Summary { machine: &report.machine, rows };
    Ok(serde_json::to_string_pretty(&summary)? + "\n")
}

fn rows(outcome: &Outcome) -> impl Iterator<Item = Row> {
    let (ours, peers) = outcome.standings.split_first().expect("ours is in every field");
    peers.iter().map(|peer| Row {
        subject: outcome.workload.subject,
        workload: outcome.workload.name,
        threads: outcome.threads,
        rounds: outcome.rounds,
        ours_ns: ours.time.median,
        peer: peer.name,
        peer_ns: peer.time.median,
        ratio: peer.ratio.median,
        q1: peer.ratio.q1,
        q3: peer.ratio.q3,
    })
}

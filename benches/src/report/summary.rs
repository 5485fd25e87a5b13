//! `summary.json`: the machine, and a row for each peer of each cell.

use std::io;
use std::slice;

use serde::Serialize;

use super::{Machine, Report};
use crate::pairing::{Outcome, Standing};
use crate::workload::Figure;

#[derive(Serialize)]
struct Summary<'a> {
    machine: &'a Machine,
    rows: Vec<Row>,
}

/// One peer in one cell, or ours beside itself where no peer competes. Figures are medians; the
/// ratio is the peer's time over ours (our share over the peer's), the median of the rounds, with
/// its quartiles.
#[derive(Serialize)]
struct Row {
    subject: &'static str,
    workload: &'static str,
    threads: usize,
    rounds: usize,
    peer: &'static str,
    #[serde(flatten)]
    figures: Figures,
    ratio: f64,
    q1: f64,
    q3: f64,
}

/// In nanoseconds per operation of the whole crew, or what else the workload says.
#[derive(Serialize)]
#[serde(untagged)]
enum Figures {
    Times { ours_ns: f64, peer_ns: f64 },
    Shares { ours_share: f64, peer_share: f64 },
    Nodes { ours_nodes: f64, peer_nodes: f64 },
}

impl Figures {
    fn of(figure: Figure, ours: &Standing, peer: &Standing) -> Figures {
        let (ours, peer) = (ours.figure.median, peer.figure.median);
        match figure {
            Figure::Time(_) | Figure::ProcessorTime(_) => {
                Figures::Times { ours_ns: ours, peer_ns: peer }
            }
            Figure::Share => Figures::Shares { ours_share: ours, peer_share: peer },
            Figure::Garbage => Figures::Nodes { ours_nodes: ours, peer_nodes: peer },
        }
    }
}

pub(super) fn render(report: &Report<'_>) -> io::Result<String> {
    let rows = report.outcomes.iter().flat_map(rows).collect();
    let summary = Summary { machine: &report.machine, rows };
    Ok(serde_json::to_string_pretty(&summary)? + "\n")
}

fn rows(outcome: &Outcome) -> impl Iterator<Item = Row> {
    let (ours, peers) = (outcome.ours(), outcome.peers());
    let peers = if peers.is_empty() { slice::from_ref(ours) } else { peers };
    peers.iter().map(move |peer| Row {
        subject: outcome.workload.subject,
        workload: outcome.workload.name,
        threads: outcome.threads,
        rounds: outcome.rounds,
        peer: peer.name,
        figures: Figures::of(outcome.workload.figure, ours, peer),
        ratio: peer.ratio.median,
        q1: peer.ratio.q1,
        q3: peer.ratio.q3,
    })
}

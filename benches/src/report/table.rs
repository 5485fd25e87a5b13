//! `summary.txt`: the ratio table as text that is also Markdown.

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};

use super::{Columns, Report, Verdict, significant, verdict};
use crate::pairing::{Outcome, Standing};
use crate::workload::Figure;

const HOW_TO_READ: &str = "\
Each figure is a peer's time over ours, the median of the rounds with its quartiles: above 1 ours is
faster, **bold** is a loss. Times are nanoseconds per operation of all threads together. Where it is
not a time but a share, the least that a thread did over the most, ours is over the peer's: above 1
ours is fairer. Where it is nodes, it is a peer's number over ours: above 1 less waits in ours.";

pub(super) fn render(report: &Report<'_>) -> String {
    let machine = &report.machine;
    let mut text = format!(
        "{}, {} cores, load {:.1} before the run; {}; {}.\nCommit {}, {}, {} rounds.\nPeers: {}.\n\n{HOW_TO_READ}\n",
        machine.processor,
        machine.cores,
        machine.load,
        machine.system,
        machine.compiler,
        machine.commit,
        machine.date,
        report.rounds(),
        machine.peers.join(", "),
    );
    for subject in report.subjects() {
        let name = subject[0].workload.subject;
        text += &format!("\n### {name}\n\n{}\n", table(subject));
    }
    text
}

fn table(outcomes: &[Outcome]) -> Table {
    let columns = Columns::of(outcomes);
    let mut table = Table::new();
    table.load_preset(ASCII_MARKDOWN);
    let fixed = ["workload".to_owned(), "threads".to_owned(), format!("{}, ns", columns.ours)];
    table.set_header(fixed.into_iter().chain(columns.peers.iter().copied().map(heading)));
    for outcome in outcomes {
        let figure = significant(outcome.ours().figure.median);
        let fixed = [
            outcome.workload.name.to_owned(),
            outcome.threads.to_string(),
            match outcome.workload.figure {
                Figure::Time(_) | Figure::ProcessorTime(_) => figure,
                Figure::Share => format!("share {figure}"),
                Figure::Garbage => format!("{figure} nodes"),
            },
        ];
        let ratios =
            columns.peers.iter().map(|name| outcome.peer(name).map_or_else(String::new, ratio));
        table.add_row(fixed.into_iter().chain(ratios));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// A peer's name; where Markdown would take it for a tag, as code.
fn heading(name: &str) -> String {
    if name.contains('<') { format!("`{name}`") } else { name.to_owned() }
}

fn ratio(peer: &Standing) -> String {
    let mark = if verdict(peer) == Verdict::Loss { "**" } else { "" };
    let ratio = peer.ratio;
    format!("{mark}{:.2}{mark} ({:.2}–{:.2})", ratio.median, ratio.q1, ratio.q3)
}

//! The report: one page, one table as text, one JSON file, all from the same outcomes.
//!
//! A ratio is a peer's time over ours, or our share over a peer's: above 1, ours is better. Losses
//! are shown like wins.

mod chart;
mod machine;
mod page;
mod summary;
mod table;

use std::fs;
use std::io;
use std::iter;
use std::path::Path;

pub use self::machine::Machine;
use crate::pairing::{Outcome, Standing};

/// The three files of the report.
pub struct Report<'a> {
    /// Where and when it was measured.
    pub machine: Machine,
    /// What was measured, in the order of the workloads.
    pub outcomes: &'a [Outcome],
}

impl Report<'_> {
    /// Writes `index.html`, `summary.txt` and `summary.json` into `folder`, which is created.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        fs::write(folder.join("index.html"), page::render(self))?;
        fs::write(folder.join("summary.txt"), table::render(self))?;
        fs::write(folder.join("summary.json"), summary::render(self)?)
    }

    /// The rounds of the cells, as in `31` or `6–31`.
    fn rounds(&self) -> String {
        let rounds = || self.outcomes.iter().map(|outcome| outcome.rounds);
        match (rounds().min(), rounds().max()) {
            (Some(fewest), Some(most)) if fewest < most => format!("{fewest}–{most}"),
            (fewest, _) => fewest.unwrap_or(0).to_string(),
        }
    }

    /// The outcomes by subject, in order.
    fn subjects(&self) -> impl Iterator<Item = &[Outcome]> {
        self.outcomes.chunk_by(|a, b| a.workload.subject == b.workload.subject)
    }
}

/// Whether a peer is slower than ours, faster, or neither by its quartiles.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Win,
    Even,
    Loss,
}

fn verdict(peer: &Standing) -> Verdict {
    if peer.ratio.q1 > 1.0 {
        Verdict::Win
    } else if peer.ratio.q3 < 1.0 {
        Verdict::Loss
    } else {
        Verdict::Even
    }
}

/// The columns of a subject: the name that ours has first, then every peer that competes in some of
/// its cells, in order of appearance.
struct Columns {
    ours: &'static str,
    peers: Vec<&'static str>,
}

impl Columns {
    fn of(outcomes: &[Outcome]) -> Columns {
        let mut peers = Vec::new();
        for peer in outcomes.iter().flat_map(Outcome::peers) {
            if !peers.contains(&peer.name) {
                peers.push(peer.name);
            }
        }
        Columns { ours: outcomes[0].ours().name, peers }
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        iter::once(self.ours).chain(self.peers.iter().copied())
    }
}

/// Three significant digits, as in 0.271, 4.85, 48.9, 226, 1370.
fn significant(value: f64) -> String {
    let whole_digits = value.abs().max(0.1).log10().floor() as i32 + 1;
    format!("{value:.*}", (3 - whole_digits).clamp(0, 3) as usize)
}

fn threads(count: usize) -> String {
    if count == 1 { "1 thread".to_owned() } else { format!("{count} threads") }
}

#[cfg(test)]
mod tests {
    use super::{Columns, significant};
    use crate::pairing::{Outcome, Quartiles, Standing};
    use crate::workload::{Figure, Workload};

    fn outcome(names: &[&'static str]) -> Outcome {
        let workload = Workload {
            subject: "subject",
            name: "name",
            title: "title",
            figure: Figure::Share,
            threads: &[1],
            field: |_| Vec::new(),
        };
        let value = Quartiles { q1: 1.0, median: 1.0, q3: 1.0 };
        let standing = |&name| Standing { name, figure: value, ratio: value };
        Outcome { workload, threads: 1, rounds: 1, standings: names.iter().map(standing).collect() }
    }

    #[test]
    fn a_peer_has_its_column_wherever_it_first_competes() {
        let outcomes = [outcome(&["ours", "a"]), outcome(&["ours too", "b", "a"])];
        let columns = Columns::of(&outcomes);
        assert!(columns.names().eq(["ours", "a", "b"]));
        assert!(outcomes[0].peer("b").is_none());
    }

    #[test]
    fn figures_have_three_significant_digits() {
        let shown = [0.2714, 4.85, 48.94, 226.4, 1370.2].map(significant);
        assert_eq!(shown, ["0.271", "4.85", "48.9", "226", "1370"]);
    }
}

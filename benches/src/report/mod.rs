//! The report: one page, one table as text, one JSON file, all from the same outcomes.
//!
//! A ratio is a peer's time over ours: above 1, ours is faster. Losses are shown like wins.

mod chart;
mod machine;
mod page;
mod summary;
mod table;

use std::fs;
use std::io;
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

/// The names of those who compete on this subject, ours first: columns differ only where a peer
/// offers the same thing under one name.
fn field(outcomes: &[Outcome]) -> impl Iterator<Item = &'static str> {
    outcomes[0].standings.iter().map(|standing| standing.name)
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
    use super::significant;

    #[test]
    fn figures_have_three_significant_digits() {
        let shown = [0.2714, 4.85, 48.94, 226.4, 1370.2].map(significant);
        assert_eq!(shown, ["0.271", "4.85", "48.9", "226", "1370"]);
    }
}

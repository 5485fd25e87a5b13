//! A timeline as text of fixed width.

use super::{Bar, Timeline, layout::places};
use core::fmt::Write;

/// So many calls are drawn, the last ones.
const MOST: usize = 120;
const NARROWEST: usize = 40;

pub(super) fn draw(timeline: &Timeline, width: usize) -> String {
    let skipped = timeline.bars.len().saturating_sub(MOST);
    let bars: Vec<&Bar> = timeline.bars[skipped..].iter().collect();
    let places = places(&bars, timeline.ranks, 2, |bar| bar.label().chars().count() + 3);
    let columns = places.last().map_or(0, |last| last + 3);
    let mut rows = vec![vec![' '; columns]; timeline.processes.len()];
    for bar in &bars {
        draw_bar(&mut rows[bar.row], bar, &places);
    }
    let mut text = String::new();
    if skipped > 0 {
        text += &format!("({skipped} earlier calls are not drawn)\n");
    }
    let names: Vec<String> =
        timeline.processes.iter().map(|process| format!("process {process}")).collect();
    let longest = names.iter().map(String::len).max().unwrap_or(0) + 2;
    let breaks = breaks(&bars, &places, width.max(NARROWEST).saturating_sub(longest));
    for (nth, band) in breaks.windows(2).enumerate() {
        if nth > 0 {
            text.push('\n');
        }
        for (name, row) in names.iter().zip(&rows) {
            let slice: String = row[band[0]..band[1].min(columns)].iter().collect();
            if !slice.trim().is_empty() {
                let _ = writeln!(text, "{name:longest$}{}", slice.trim_end());
            }
        }
    }
    text
}

fn draw_bar(row: &mut [char], bar: &Bar, places: &[usize]) {
    let from = places[bar.begin];
    let to = places[bar.drawn.unwrap_or(places.len() - 1)];
    let line = if bar.highlighted { '=' } else { '-' };
    row[from..=to].fill(line);
    row[from] = '|';
    let label: Vec<char> = bar.label().chars().collect();
    let inner = to - from - 1;
    let left = match bar.end {
        Some(_) => {
            row[to] = '|';
            (inner - label.len()) / 2
        }
        None => {
            row[to..to + 3].fill('.');
            1
        }
    };
    row[from + 1 + left..][..label.len()].copy_from_slice(&label);
}

/// The columns at which bands begin, and the end. Where possible a band begins where few bars are cut.
fn breaks(bars: &[&Bar], places: &[usize], width: usize) -> Vec<usize> {
    let margin = places.last().copied().unwrap_or(0);
    let columns = margin + 3;
    let cut_by = |column: usize| {
        let end = |bar: &Bar| bar.drawn.map_or(margin, |end| places[end]);
        bars.iter().filter(|bar| places[bar.begin] < column && column <= end(bar)).count()
    };
    let mut breaks = vec![0];
    let mut from = 0;
    while columns - from > width {
        let candidates = places.iter().copied().filter(|&at| at > from + width / 2);
        let fitting = candidates.filter(|&at| at <= from + width);
        // The latest of the best.
        from = fitting.min_by_key(|&at| (cut_by(at), usize::MAX - at)).unwrap_or(from + width);
        breaks.push(from);
    }
    breaks.push(columns);
    breaks
}

//! A timeline as SVG: one box for each call, with its label inside.

use super::{Bar, Timeline, layout::places};
use core::fmt::Write;

/// So many calls are drawn, the last ones.
const MOST: usize = 2_000;
/// In pixels: a letter's width, a row's and a box's height, the distance of ranks.
const LETTER: usize = 8;
const ROW: usize = 46;
const BOX: usize = 30;
const GAP: usize = 14;

/// The colours: of a light page, and of a dark one.
pub(super) const COLOURS: &str = "\
  .timeline { --ink: #1f2933; --faint: #7b8794; --rule: #d5dbe1; --box: #e4edf7; --edge: #5b8cc0;
    --open: #f3f5f7; --wrong: #fde3df; --wrong-edge: #d0402b; --wrong-ink: #8c1d0d; }
  @media (prefers-color-scheme: dark) {
    .timeline { --ink: #e4e9ee; --faint: #93a1af; --rule: #39434d; --box: #22364b; --edge: #6a9fd8;
      --open: #262c33; --wrong: #4b211c; --wrong-edge: #f0715c; --wrong-ink: #ffc9c0; }
  }
";

const STYLE: &str = "\
  .timeline text { font: 13px ui-monospace, SFMono-Regular, Menlo, 'DejaVu Sans Mono', monospace;
    fill: var(--ink); }
  .timeline text.name { fill: var(--faint); text-anchor: end; }
  .timeline text.title { font: 600 15px system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif; }
  .timeline text.label { text-anchor: middle; }
  .timeline .row { stroke: var(--rule); }
  .timeline .guide { stroke: var(--wrong-edge); stroke-dasharray: 2 4; opacity: .7; }
  .timeline rect { fill: var(--box); stroke: var(--edge); stroke-width: 1.25; }
  .timeline .pending path { fill: var(--open); stroke: var(--faint); stroke-dasharray: 4 3; }
  .timeline .wrong rect { fill: var(--wrong); stroke: var(--wrong-edge); stroke-width: 2; }
  .timeline .wrong text { fill: var(--wrong-ink); font-weight: 600; }
";

/// The picture; with the title on top, unless a page has it.
pub(super) fn draw(timeline: &Timeline, with_title: bool) -> String {
    let skipped = timeline.bars.len().saturating_sub(MOST);
    let bars: Vec<&Bar> = timeline.bars[skipped..].iter().collect();
    let places =
        places(&bars, timeline.ranks, GAP, |bar| LETTER * bar.label().chars().count() + 20);
    let names: Vec<String> =
        timeline.processes.iter().map(|process| format!("process {process}")).collect();
    let left = LETTER * names.iter().map(String::len).max().unwrap_or(0) + 34;
    let top = if with_title { 48 } else { 10 };
    let height = top + ROW * names.len() + 10;
    let drawn = left + places.last().copied().unwrap_or(0) + 34;
    let width = if with_title { drawn.max(9 * timeline.title.chars().count() + 40) } else { drawn };
    let mut svg = format!(
        "<svg class=\"timeline\" xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" \
         height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n\
         <style>\n{COLOURS}{STYLE}</style>\n<title>{}</title>\n",
        escape(&timeline.title)
    );
    if with_title {
        let title = escape(&timeline.title);
        let _ = writeln!(svg, "<text class=\"title\" x=\"18\" y=\"28\">{title}</text>");
    }
    for (row, name) in names.iter().enumerate() {
        let middle = top + ROW * row + ROW / 2;
        let (label, from, to) = (left - 18, left - 8, drawn - 12);
        let _ =
            writeln!(svg, "<text class=\"name\" x=\"{label}\" y=\"{}\">{name}</text>", middle + 5);
        let _ = writeln!(
            svg,
            "<line class=\"row\" x1=\"{from}\" x2=\"{to}\" y1=\"{middle}\" y2=\"{middle}\"/>"
        );
    }
    for bar in &bars {
        draw_guides(&mut svg, bar, left, &places, [top, height - 10]);
    }
    for bar in &bars {
        draw_bar(&mut svg, timeline.processes[bar.row], bar, left, top, &places);
    }
    svg += "</svg>\n";
    svg
}

/// Lines that show what lies before and behind a call that matters.
fn draw_guides(
    svg: &mut String,
    bar: &Bar,
    left: usize,
    places: &[usize],
    [top, bottom]: [usize; 2],
) {
    let ends = [Some(bar.begin), bar.end];
    for rank in ends.into_iter().flatten().filter(|_| bar.highlighted) {
        let x = left + places[rank];
        let _ = writeln!(
            svg,
            "<line class=\"guide\" x1=\"{x}\" x2=\"{x}\" y1=\"{top}\" y2=\"{bottom}\"/>"
        );
    }
}

fn draw_bar(
    svg: &mut String,
    process: usize,
    bar: &Bar,
    left: usize,
    top: usize,
    places: &[usize],
) {
    let x = left + places[bar.begin];
    let width = left + places[bar.drawn.unwrap_or(places.len() - 1)] - x;
    let y = top + ROW * bar.row + (ROW - BOX) / 2;
    let class = match (bar.highlighted, bar.end) {
        (true, Some(_)) => "call wrong",
        (_, None) => "call pending",
        (false, Some(_)) => "call",
    };
    let shape = match bar.end {
        Some(_) => {
            format!("<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{BOX}\" rx=\"6\"/>")
        }
        // It is open to the right.
        None => format!(
            "<path d=\"M {right} {y} H {from} Q {x} {y} {x} {upper} V {lower} \
             Q {x} {bottom} {from} {bottom} H {right}\"/>",
            right = x + width + 22,
            from = x + 6,
            upper = y + 6,
            lower = y + BOX - 6,
            bottom = y + BOX,
        ),
    };
    let (label, middle, base) = (escape(&bar.label()), x + width / 2, y + BOX / 2 + 5);
    let _ = writeln!(
        svg,
        "<g class=\"{class}\"><title>{}</title>{shape}\
         <text class=\"label\" x=\"{middle}\" y=\"{base}\">{label}</text></g>",
        escape(&tip(process, bar))
    );
}

/// All that is known of a call.
fn tip(process: usize, bar: &Bar) -> String {
    let (operation, invoked) = (&bar.operation, bar.invoked);
    match (&bar.answer, bar.returned) {
        (Some(answer), Some(at)) => {
            format!("process {process}: {operation} answered {answer} (from {invoked} to {at})")
        }
        _ => format!("process {process}: {operation} is pending (from {invoked})"),
    }
}

/// Text for XML, in which some characters cannot stand at all.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            '\t' | '\n' => escaped.push(letter),
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => {
                escaped.push('\u{fffd}');
            }
            _ => escaped.push(letter),
        }
    }
    escaped
}

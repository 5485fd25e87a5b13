//! One chart a workload: its figures against the number of threads, on a logarithmic scale, a
//! colour a contestant; a dot is the median, its bar runs from the first to the third quartile.
//!
//! Colours are names, not values: what is drawn here in a stand-in colour becomes a CSS variable
//! of the page, so that one picture serves the light and the dark scheme.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::{Columns, significant, threads};
use crate::pairing::{Outcome, Quartiles};

const SIZE: (u32, u32) = (400, 250);
/// The horizontal axis counts hundredths of the space between two thread counts.
const COLUMN: i32 = 100;
/// How much of that space the contestants spread over.
const SPREAD: i32 = 60;

const INK: RGBColor = RGBColor(1, 1, 1);
const RULE: RGBColor = RGBColor(2, 2, 2);

/// The stand-in for the colour of the subject's column `index`: `var(--c0)` is ours.
const fn colour(index: usize) -> RGBColor {
    RGBColor(3, 3, index as u8)
}

type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn std::error::Error>>;

/// What one contestant yielded.
struct Line {
    /// Its column in the subject, which is its colour.
    index: usize,
    /// By the cell's place in the chart.
    figures: Vec<(i32, Quartiles)>,
}

/// The chart of one workload's outcomes as an inline SVG.
pub(super) fn render(outcomes: &[Outcome], columns: &Columns) -> String {
    let lines = lines(outcomes, columns);
    let mut svg = String::new();
    {
        let canvas = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        draw(&canvas, outcomes, &lines).expect("drawing into a string does not fail");
    }
    themed(svg, &lines)
}

/// Those who compete in this workload, ours first.
fn lines(outcomes: &[Outcome], columns: &Columns) -> Vec<Line> {
    let line = |index, name| {
        let standing = |outcome: &Outcome| match index {
            0 => Some(outcome.ours().figure),
            _ => outcome.peer(name).map(|peer| peer.figure),
        };
        let figures = (0..).zip(outcomes);
        let figures = figures.filter_map(|(cell, outcome)| Some((cell, standing(outcome)?)));
        Line { index, figures: figures.collect() }
    };
    let lines = columns.names().enumerate().map(|(index, name)| line(index, name));
    lines.filter(|line| !line.figures.is_empty()).collect()
}

/// Replaces each stand-in colour by the variable it stands for.
fn themed(svg: String, lines: &[Line]) -> String {
    let hex = |colour: RGBColor| format!("#{:02X}{:02X}{:02X}", colour.0, colour.1, colour.2);
    let svg = svg.replace(&hex(INK), "var(--ink)").replace(&hex(RULE), "var(--rule)");
    lines.iter().fold(svg, |svg, line| {
        svg.replace(&hex(colour(line.index)), &format!("var(--c{})", line.index))
    })
}

fn draw(canvas: &Canvas<'_>, outcomes: &[Outcome], lines: &[Line]) -> Drawn {
    let columns = outcomes.len() as i32;
    let (low, high) = range(lines);
    let centres = (0..columns).map(|column| column * COLUMN).collect();
    let x = (-COLUMN / 2..columns * COLUMN - COLUMN / 2).with_key_points(centres);
    let y = (low..high).log_scale().with_key_points(ticks(low, high));
    let mut chart = ChartBuilder::on(canvas)
        .margin(6)
        .x_label_area_size(24)
        .y_label_area_size(44)
        .build_cartesian_2d(x, y)?;
    let label = ("sans-serif", 14).into_font().color(&INK);
    chart
        .configure_mesh()
        .disable_x_mesh()
        .max_light_lines(0)
        .bold_line_style(RULE)
        .axis_style(RULE)
        .label_style(label)
        .x_label_formatter(&|x| threads(outcomes[(x / COLUMN) as usize].threads))
        .y_label_formatter(&|y| round(*y))
        .draw()?;
    let contestants = lines.len() as i32;
    // Ours last, on top of its peers.
    for (place, line) in (0..contestants).zip(lines).rev() {
        let offset = (2 * place + 1 - contestants) * SPREAD / (2 * contestants);
        let colour = colour(line.index);
        let figures = || line.figures.iter().map(|(cell, figure)| (cell * COLUMN + offset, figure));
        let thin = colour.mix(0.45).stroke_width(if line.index == 0 { 2 } else { 1 });
        let medians = figures().map(|(place, figure)| (place, figure.median));
        chart.draw_series(LineSeries::new(medians.clone(), thin))?;
        chart.draw_series(figures().map(|(place, figure)| {
            let ends = vec![(place, figure.q1), (place, figure.q3)];
            PathElement::new(ends, colour.stroke_width(3))
        }))?;
        let size = if line.index == 0 { 5 } else { 4 };
        chart.draw_series(medians.map(|at| Circle::new(at, size, colour.filled())))?;
    }
    Ok(canvas.present()?)
}

/// The figures to show, with room around them.
fn range(lines: &[Line]) -> (f64, f64) {
    let figures = || lines.iter().flat_map(|line| &line.figures).map(|(_, figure)| figure);
    let low = figures().map(|figure| figure.q1).fold(f64::INFINITY, f64::min);
    let high = figures().map(|figure| figure.q3).fold(0.0, f64::max);
    (low / 1.25, high * 1.25)
}

/// Round numbers within the range: fewer to a decade, the more decades there are.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let steps: &[f64] = match high / low {
        ..3.0 => &[1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0],
        ..10.0 => &[1.0, 1.5, 2.0, 3.0, 5.0, 7.0],
        ..300.0 => &[1.0, 2.0, 5.0],
        _ => &[1.0],
    };
    let decades = low.log10().floor() as i32..=high.log10().ceil() as i32;
    decades
        .flat_map(|decade| steps.iter().map(move |step| step * 10f64.powi(decade)))
        .filter(|tick| (low..high).contains(tick))
        .collect()
}

/// As few digits as a round number needs.
fn round(tick: f64) -> String {
    let shown = significant(tick);
    if shown.contains('.') {
        shown.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        shown
    }
}

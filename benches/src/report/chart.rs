//! One chart a workload: time per operation against the number of threads, on a logarithmic scale,
//! a colour a contestant; a dot is the median, its bar runs from the first to the third quartile.
//!
//! Colours are names, not values: what is drawn here in a stand-in colour becomes a CSS variable
//! of the page, so that one picture serves the light and the dark scheme.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::{significant, threads};
use crate::pairing::Outcome;

const SIZE: (u32, u32) = (400, 250);
/// The horizontal axis counts hundredths of the space between two thread counts.
const COLUMN: i32 = 100;
/// How much of that space the contestants spread over.
const SPREAD: i32 = 60;

const INK: RGBColor = RGBColor(1, 1, 1);
const RULE: RGBColor = RGBColor(2, 2, 2);

/// The stand-in for the colour of contestant `index`: `var(--c0)` is ours.
const fn colour(index: usize) -> RGBColor {
    RGBColor(3, 3, index as u8)
}

type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn std::error::Error>>;

/// The chart of one workload's outcomes as an inline SVG.
pub(super) fn render(outcomes: &[Outcome]) -> String {
    let mut svg = String::new();
    {
        let canvas = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        draw(&canvas, outcomes).expect("drawing into a string does not fail");
    }
    themed(svg, outcomes[0].standings.len())
}

/// Replaces each stand-in colour by the variable it stands for.
fn themed(svg: String, contestants: usize) -> String {
    let hex = |colour: RGBColor| format!("#{:02X}{:02X}{:02X}", colour.0, colour.1, colour.2);
    let svg = svg.replace(&hex(INK), "var(--ink)").replace(&hex(RULE), "var(--rule)");
    (0..contestants)
        .fold(svg, |svg, index| svg.replace(&hex(colour(index)), &format!("var(--c{index})")))
}

fn draw(canvas: &Canvas<'_>, outcomes: &[Outcome]) -> Drawn {
    let columns = outcomes.len() as i32;
    let (low, high) = range(outcomes);
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
    let contestants = outcomes[0].standings.len() as i32;
    // Ours last, on top of its peers.
    for index in (0..contestants).rev() {
        let offset = (2 * index + 1 - contestants) * SPREAD / (2 * contestants);
        let colour = colour(index as usize);
        let times = || {
            let places = (0..columns).map(|column| column * COLUMN + offset);
            places.zip(outcomes.iter().map(|outcome| outcome.standings[index as usize].time))
        };
        let thin = colour.mix(0.45).stroke_width(if index == 0 { 2 } else { 1 });
        let medians = times().map(|(place, time)| (place, time.median));
        chart.draw_series(LineSeries::new(medians.clone(), thin))?;
        chart.draw_series(times().map(|(place, time)| {
            let ends = vec![(place, time.q1), (place, time.q3)];
            PathElement::new(ends, colour.stroke_width(3))
        }))?;
        let size = if index == 0 { 5 } else { 4 };
        chart.draw_series(medians.map(|at| Circle::new(at, size, colour.filled())))?;
    }
    Ok(canvas.present()?)
}

/// The times to show, with room around them.
fn range(outcomes: &[Outcome]) -> (f64, f64) {
    let times = || outcomes.iter().flat_map(|outcome| &outcome.standings).map(|s| s.time);
    let low = times().map(|time| time.q1).fold(f64::INFINITY, f64::min);
    let high = times().map(|time| time.q3).fold(0.0, f64::max);
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

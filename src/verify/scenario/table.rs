//! The interleaving of an execution as a table: a column for each thread, a line for each step.

use crate::facade::engine::{Step, Trace};
use core::fmt::Write;

/// Lines beyond which the first ones are left out.
const LINES: usize = 200;
/// The widest column.
const WIDTH: usize = 40;

/// The table of what was done.
pub(super) fn table(trace: &Trace) -> String {
    let names: Vec<&str> =
        trace.threads.iter().map(|name| name.trim_start_matches("the ")).collect();
    let indent = |step: &Step| if step.site.is_some() { "  " } else { "" };
    let cell = |step| format!("{}{}", indent(step), step.text);
    let mut widths: Vec<usize> = names.iter().map(|name| name.chars().count()).collect();
    for step in &trace.steps {
        let width = cell(step).chars().count().min(WIDTH);
        widths[step.thread] = widths[step.thread].max(width);
    }
    let mut text = String::from("step");
    for (name, width) in names.iter().zip(&widths) {
        write!(text, " | {name:width$}").expect("a string takes all");
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    let left_out = trace.steps.len().saturating_sub(LINES);
    if left_out > 0 {
        writeln!(text, "   … | {left_out} steps before these").expect("a string takes all");
    }
    for (nth, step) in trace.steps.iter().enumerate().skip(left_out) {
        write!(text, "{:>4}", nth + 1).expect("a string takes all");
        for (thread, width) in widths.iter().enumerate() {
            let shown = if thread == step.thread { cell(step) } else { String::new() };
            let shown: String = shown.chars().take(*width).collect();
            write!(text, " | {shown:width$}").expect("a string takes all");
        }
        if let Some(site) = step.site {
            write!(text, " | {}:{}", site.file(), site.line()).expect("a string takes all");
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

//! A timeline as a page that stands alone: no script, nothing to load.

use super::{
    Timeline,
    svg::{self, COLOURS, escape},
};
use core::fmt::Write;

const STYLE: &str = "\
  :root { color-scheme: light dark; }
  body { margin: 0; font: 15px/1.5 system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif; color: var(--ink);
    background: Canvas; }
  main { max-width: 1100px; margin: 0 auto; padding: 40px 28px 64px; }
  h1 { font-size: 22px; line-height: 1.35; margin: 0 0 6px; font-weight: 650; }
  p { color: var(--faint); margin: 0 0 24px; }
  .picture { overflow-x: auto; border: 1px solid var(--rule); border-radius: 10px; padding: 8px 0; }
  .picture svg { display: block; }
  table { border-collapse: collapse; margin-top: 32px; width: 100%;
    font: 13px/1.4 ui-monospace, SFMono-Regular, Menlo, 'DejaVu Sans Mono', monospace; }
  th { font-family: system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif; font-weight: 600;
    color: var(--faint); text-align: left; }
  th, td { padding: 7px 14px; border-bottom: 1px solid var(--rule); overflow-wrap: anywhere; }
  td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
  tr.wrong td { background: var(--wrong); color: var(--wrong-ink); font-weight: 600; }
  .none { color: var(--faint); }
";

pub(super) fn draw(timeline: &Timeline) -> String {
    let title = escape(&timeline.title);
    let (calls, processes) = (timeline.bars.len(), timeline.processes.len());
    let picture = svg::draw(timeline, false);
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
         <style>\n{COLOURS}{STYLE}</style>\n</head>\n<body class=\"timeline\">\n<main>\n\
         <h1>{title}</h1>\n\
         <p>Calls: {calls}. Processes: {processes}. Time goes to the right: what ends left of where \
         another begins came before it; lengths mean nothing.</p>\n\
         <div class=\"picture\">\n{picture}</div>\n\
         <table>\n<tr><th class=\"number\">process</th><th>operation</th><th>answer</th>\
         <th class=\"number\">invoked</th><th class=\"number\">returned</th></tr>\n"
    );
    for bar in &timeline.bars {
        let class = if bar.highlighted { " class=\"wrong\"" } else { "" };
        let operation = escape(&bar.operation);
        let (answer, returned) = match (&bar.answer, bar.returned) {
            (Some(answer), Some(at)) => (escape(answer), at.to_string()),
            _ => ("<span class=\"none\">pending</span>".to_owned(), String::new()),
        };
        let _ = writeln!(
            page,
            "<tr{class}><td class=\"number\">{}</td><td>{operation}</td><td>{answer}</td>\
             <td class=\"number\">{}</td><td class=\"number\">{returned}</td></tr>",
            timeline.processes[bar.row], bar.invoked
        );
    }
    page += "</table>\n</main>\n</body>\n</html>\n";
    page
}

//! `index.html`: the page, self-contained, for light and dark screens.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Columns, Report, Verdict, chart, significant, threads, verdict};
use crate::pairing::{Outcome, Standing};
use crate::workload::Figure;

const STYLE: &str = include_str!("page.css");

pub(super) fn render(report: &Report<'_>) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Counterpoint beside its peers" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (header(report))
                main { @for subject in report.subjects() { (section(subject)) } }
            }
        }
    };
    page.into_string()
}

fn header(report: &Report<'_>) -> Markup {
    let machine = &report.machine;
    html! {
        header {
            h1 { "Counterpoint beside its peers" }
            p.lede {
                "A ratio is a peer’s time over ours (or our share over the peer’s): above 1, ours "
                "is faster (or fairer). It is the median of "
                (report.rounds()) " rounds in which all contestants take turns, so that drift "
                "cancels; the range beside it holds the middle half of the rounds. Even means that "
                "this range includes 1."
            }
            (tally(report))
            dl.machine {
                dt { "Machine" } dd {
                    (machine.processor) ", " (machine.cores) " cores; load before the run "
                    (format!("{:.1}", machine.load))
                }
                dt { "System" } dd { (machine.system) }
                dt { "Compiler" } dd { (machine.compiler) }
                dt { "Commit" } dd { (machine.commit) ", " (machine.date) }
                dt { "Peers" } dd { (machine.peers.join(", ")) }
            }
        }
    }
}

/// How many comparisons were won, even and lost, by subject.
fn tally(report: &Report<'_>) -> Markup {
    html! {
        table.tally {
            thead { tr { th {} th { "faster" } th { "even" } th { "slower" } th {} } }
            tbody {
                @for subject in report.subjects() {
                    @let name = subject[0].workload.subject;
                    @let count = |wanted| peers(subject).filter(|p| verdict(p) == wanted).count();
                    @let (win, even) = (count(Verdict::Win), count(Verdict::Even));
                    @let loss = count(Verdict::Loss);
                    tr {
                        th scope="row" { a href={ "#" (name) } { (name) } }
                        td { (win) } td { (even) } td { (loss) }
                        td.share {
                            span.win style={ "flex-grow:" (win) } {}
                            span.even style={ "flex-grow:" (even) } {}
                            span.loss style={ "flex-grow:" (loss) } {}
                        }
                    }
                }
            }
        }
    }
}

fn peers(outcomes: &[Outcome]) -> impl Iterator<Item = &Standing> {
    outcomes.iter().flat_map(Outcome::peers)
}

fn section(outcomes: &[Outcome]) -> Markup {
    let subject = outcomes[0].workload.subject;
    let columns = Columns::of(outcomes);
    html! {
        section id=(subject) {
            h2 { (subject) }
            ul.legend {
                @for (index, name) in columns.names().enumerate() {
                    li { span.dot style={ "background:var(--c" (index) ")" } {} (name) }
                }
            }
            p.hint {
                "Nanoseconds per operation of all threads together, logarithmic: lower is faster, "
                "unless a chart says otherwise. A dot is the median, its bar the middle half of the rounds."
            }
            div.charts { @for workload in workloads(outcomes) { (figure(workload, &columns)) } }
            (ratios(outcomes, &columns))
        }
    }
}

fn workloads(outcomes: &[Outcome]) -> impl Iterator<Item = &[Outcome]> {
    outcomes.chunk_by(|a, b| a.workload.name == b.workload.name)
}

fn figure(outcomes: &[Outcome], columns: &Columns) -> Markup {
    let workload = outcomes[0].workload;
    html! {
        figure {
            figcaption { (workload.title) small { (unit(workload.figure)) } }
            (PreEscaped(chart::render(outcomes, columns)))
        }
    }
}

fn unit(figure: Figure) -> String {
    match figure {
        Figure::Time(operation) => format!("ns per {operation}"),
        Figure::ProcessorTime(what) => format!("ns of processor time per {what}"),
        Figure::Garbage => "nodes retired and not freed, the most at one time".to_owned(),
        Figure::Share => "the least that a thread did, over the most: higher is fairer".to_owned(),
    }
}

fn ratios(outcomes: &[Outcome], columns: &Columns) -> Markup {
    html! {
        div.scroll {
            table.ratios {
                thead {
                    tr {
                        th { "workload" } th { "threads" }
                        @for name in columns.names() { th { (name) } }
                    }
                }
                @for workload in workloads(outcomes) {
                    tbody {
                        @for (index, outcome) in workload.iter().enumerate() {
                            tr {
                                @if index == 0 {
                                    th scope="rowgroup" rowspan=(workload.len()) {
                                        (outcome.workload.title)
                                    }
                                }
                                (row(outcome, columns))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn row(outcome: &Outcome, columns: &Columns) -> Markup {
    let unit = outcome.workload.figure.unit();
    html! {
        td { (outcome.threads) }
        td.ours { (significant(outcome.ours().figure.median)) small { " " (unit) } }
        @for name in &columns.peers {
            @match outcome.peer(name) {
                Some(peer) => (ratio(peer, unit, outcome.threads)),
                None => td {},
            }
        }
    }
}

fn ratio(peer: &Standing, unit: &str, count: usize) -> Markup {
    let class = match verdict(peer) {
        Verdict::Win => "win",
        Verdict::Even => "even",
        Verdict::Loss => "loss",
    };
    let figure = significant(peer.figure.median);
    html! {
        td class=(class) title={ (peer.name) ": " (figure) " " (unit) " on " (threads(count)) } {
            b { (format!("{:.2}", peer.ratio.median)) }
            small { (format!("{:.2}–{:.2}", peer.ratio.q1, peer.ratio.q3)) }
        }
    }
}

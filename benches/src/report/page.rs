//! `index.html`: the page, self-contained, for light and dark screens.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Report, Verdict, chart, field, significant, threads, verdict};
use crate::pairing::{Outcome, Standing};

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
                "A ratio is a peer’s time over ours: above 1, ours is faster. It is the median of "
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
    outcomes.iter().flat_map(|outcome| &outcome.standings[1..])
}

fn section(outcomes: &[Outcome]) -> Markup {
    let subject = outcomes[0].workload.subject;
    html! {
        section id=(subject) {
            h2 { (subject) }
            ul.legend {
                @for (index, name) in field(outcomes).enumerate() {
                    li { span.dot style={ "background:var(--c" (index) ")" } {} (name) }
                }
            }
            p.hint {
                "Nanoseconds per operation of all threads together, logarithmic: lower is faster. "
                "A dot is the median, its bar the middle half of the rounds."
            }
            div.charts { @for workload in workloads(outcomes) { (figure(workload)) } }
            (ratios(outcomes))
        }
    }
}

fn workloads(outcomes: &[Outcome]) -> impl Iterator<Item = &[Outcome]> {
    outcomes.chunk_by(|a, b| a.workload.name == b.workload.name)
}

fn figure(outcomes: &[Outcome]) -> Markup {
    let workload = outcomes[0].workload;
    html! {
        figure {
            figcaption { (workload.title) small { "ns per " (workload.operation) } }
            (PreEscaped(chart::render(outcomes)))
        }
    }
}

fn ratios(outcomes: &[Outcome]) -> Markup {
    let mut names = field(outcomes);
    let ours = names.next().expect("ours is in every field");
    html! {
        div.scroll {
            table.ratios {
                thead {
                    tr {
                        th { "workload" } th { "threads" } th { (ours) }
                        @for name in names { th { (name) } }
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
                                (row(outcome))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn row(outcome: &Outcome) -> Markup {
    let (ours, peers) = outcome.standings.split_first().expect("ours is in every field");
    html! {
        td { (outcome.threads) }
        td.ours { (significant(ours.time.median)) small { " ns" } }
        @for peer in peers {
            @let class = match verdict(peer) {
                Verdict::Win => "win",
                Verdict::Even => "even",
                Verdict::Loss => "loss",
            };
            @let time = significant(peer.time.median);
            td class=(class) title={ (peer.name) ": " (time) " ns on " (threads(outcome.threads)) } {
                b { (format!("{:.2}", peer.ratio.median)) }
                small { (format!("{:.2}–{:.2}", peer.ratio.q1, peer.ratio.q3)) }
            }
        }
    }
}

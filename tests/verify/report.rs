//! What people see: the panic, the text, the page and the picture.

use crate::small::{Access, Container};
use counterpoint::verify::{
    history::{Call, History},
    linear::{assert_linearizable, timeline::Timeline},
};
use std::{fs, panic};

fn wrong_stack() -> History<Access, Option<u32>> {
    let history = History::new([
        Call::new(0, Access::Put(3), 0, 10, None),
        Call::new(0, Access::Put(4), 20, 30, None),
        Call::new(1, Access::Take, 25, 60, Some(3)),
        Call::new(2, Access::Take, 70, 80, Some(4)),
    ]);
    history.expect("well formed")
}

#[test]
fn a_failed_assertion_says_why_draws_it_and_names_its_files() {
    assert_linearizable(&Container::Queue, &wrong_stack());
    let mut calls = wrong_stack().calls().to_vec();
    calls[2].invoked = 40;
    let history = History::new(calls).expect("well formed");
    let failed = panic::catch_unwind(|| assert_linearizable(&Container::Stack, &history));
    let panic = failed.expect_err("the history is wrong");
    let message = panic.downcast_ref::<String>().expect("a message");
    println!("{message}");
    let why = "3 was pushed before 4, yet process 1 popped 3 while 4 lay above it";
    assert!(message.contains(why));
    assert!(message.contains("process 0  |-Put(3) -> None-|"), "{message}");
    let files = message.lines().find_map(|line| line.strip_prefix("drawn in "));
    let files = files.expect("the files are named");
    let (page, picture) = files.split_once(" and ").expect("there are two");
    let (page, picture) = (fs::read_to_string(page), fs::read_to_string(picture));
    for drawn in [page.expect("it was written"), picture.expect("it was written")] {
        assert!(drawn.contains(why));
    }
}

#[test]
fn pictures_are_well_formed_whatever_values_are_called() {
    let nasty = "<b>&\"'\u{0}\u{1b}]]>";
    let history = History::new([Call::new(0, nasty, 0, 1, nasty), Call::pending(1, nasty, 0)]);
    let timeline = Timeline::new(&history.expect("well formed")).title(nasty).highlight(&[0, 99]);
    for drawn in [timeline.svg(), timeline.html()] {
        assert!(!drawn.contains("<b>") && !drawn.contains('\u{1b}') && !drawn.contains('\u{0}'));
        assert!(drawn.contains("&lt;b&gt;&amp;"));
    }
}

#[test]
fn text_keeps_its_width_and_loses_no_call() {
    for width in [0, 40, 60, 100, 1_000] {
        let calls = (0..60).map(|n| {
            let (process, at) = (n % 3, 10 * n as u64);
            Call::new(process, n, at, at + 25, ())
        });
        let history = History::new(calls).expect("well formed");
        let text = Timeline::new(&history).text(width);
        let widest = text.lines().map(|line| line.chars().count()).max();
        assert!(widest.expect("there are lines") <= width.max(40), "{text}");
        let begun = text.matches('|').count();
        assert!(begun >= 60, "{text}");
    }
    let history = History::<u8, u8>::new([]).expect("nothing is wrong");
    assert_eq!(Timeline::new(&history).text(80), "");
    assert!(Timeline::new(&history).html().contains("Calls: 0"));
}

#[test]
fn of_a_very_long_history_the_end_is_drawn() {
    let calls = (0..5_000).map(|n| Call::new(n % 7, n, 10 * n as u64, 10 * n as u64 + 15, n));
    let history = History::new(calls).expect("well formed");
    let timeline = Timeline::new(&history);
    let text = timeline.text(100);
    assert!(text.starts_with("(4880 earlier calls are not drawn)"), "{text}");
    assert!(text.contains("4999 -> 4999"));
    assert!(timeline.svg().len() < 4_000_000);
}

#[test]
fn widened_calls_of_a_process_are_drawn_one_after_another() {
    let call = |process, name, from, to| Call::new(process, name, from, to, ());
    let history = History::widened(
        [
            call(0, 'a', 0, 100),
            call(0, 'b', 20, 120),
            call(0, 'c', 20, 140),
            call(1, 'd', 20, 130),
            Call::pending(0, 'e', 150),
        ],
        150,
    );
    let timeline = Timeline::new(&history.expect("well formed"));
    let text = timeline.text(100);
    let first = text.lines().next().expect("a row");
    let places: Vec<usize> = ["'a'", "'b'", "'c'", "'e'"]
        .map(|name| first.find(name).unwrap_or_else(|| panic!("{name} is hidden:\n{text}")))
        .to_vec();
    assert!(places.is_sorted(), "{text}");
    assert!(timeline.svg().contains("&#39;b&#39;"));
}

#[test]
fn names_stay_on_their_line() {
    #[derive(Clone)]
    struct Odd;
    impl std::fmt::Debug for Odd {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a\nb\u{1b}[31m")
        }
    }
    let history = History::new([Call::new(0, Odd, 0, 1, Odd)]).expect("one call");
    let text = Timeline::new(&history).text(80);
    assert_eq!(text.lines().count(), 1, "{text:?}");
    assert!(!text.trim_end().contains(char::is_control), "{text:?}");
}

//! Event logs of other systems: what they mean, and what is refused.

use crate::common::property;
use counterpoint::verify::{
    history::{
        Call,
        jepsen::{self, Value},
    },
    spec::{counter, map, mutex, queue, register, set},
};
use proptest::{collection::vec, prelude::*};

fn int(value: i64) -> Value {
    Value::Integer(value)
}

#[test]
fn a_register_s_log_is_read_as_it_was_meant() {
    use register::{Answer, Operation};
    let log = "; from a run of five processes
INFO  jepsen.util - 0\t:invoke\t:read\tnil
2 :invoke :cas [0 3]
INFO  jepsen.util - 0\t:ok\t:read\tnil

# written by hand
1, :invoke, :write, -4
:nemesis :info :start [:isolated [\"n1\" \"n2\"]]
2 :fail :cas [0 3] :precondition-failed
1 :info :write :timed-out
0 :invoke :cas [-4 5] ; succeeds
0 :ok :cas [-4, 5]
1 :invoke :read nil
3 :invoke :read nil
1 :ok :read 5
";
    let history = jepsen::register(log).unwrap();
    let expected = [
        Call::new(0, Operation::Read, 2, 4, Answer::Value(Value::Nil)),
        Call::pending(1, Operation::Write(int(-4)), 7),
        Call::new(0, Operation::CompareAndSet(int(-4), int(5)), 11, 12, Answer::Flag(true)),
        // Process 1 after what it does not know: one above all that were seen.
        Call::new(4, Operation::Read, 13, 15, Answer::Value(int(5))),
        Call::pending(3, Operation::Read, 14),
    ];
    assert_eq!(history.calls(), expected);
}

#[test]
fn the_logs_of_other_objects_are_read_too() {
    let log = "0 :invoke :enqueue :a\n0 :ok :enqueue :a\n1 :invoke :dequeue nil\n\
               1 :ok :dequeue :a\n1 :invoke :dequeue nil\n1 :ok :dequeue nil\n";
    let a = Value::Keyword("a".into());
    let expected = [
        Call::new(0, queue::Operation::Push(a.clone()), 1, 2, queue::Answer::Done),
        Call::new(1, queue::Operation::Pop, 3, 4, queue::Answer::Value(Some(a))),
        Call::new(1, queue::Operation::Pop, 5, 6, queue::Answer::Value(None)),
    ];
    assert_eq!(jepsen::queue(log).unwrap().calls(), expected);

    let log = "0 :invoke :add 1\n0 :ok :add 1\n0 :invoke :read nil\n0 :ok :read #{2 1}\n";
    let elements = [int(1), int(2)].into_iter().collect();
    let expected = [
        Call::new(0, set::Operation::Add(int(1)), 1, 2, set::Answer::Done),
        Call::new(0, set::Operation::Elements, 3, 4, set::Answer::Elements(elements)),
    ];
    assert_eq!(jepsen::set(log).unwrap().calls(), expected);

    let log = "0 :invoke :add 7\n0 :ok :add 7\n0 :invoke :read nil\n0 :ok :read 7\n";
    let expected = [
        Call::new(0, counter::Operation::Add(7), 1, 2, counter::Answer::Done),
        Call::new(0, counter::Operation::Get, 3, 4, counter::Answer::Value(7)),
    ];
    assert_eq!(jepsen::counter(log).unwrap().calls(), expected);

    let log = "5 :invoke :acquire nil\n5 :ok :acquire nil\n5 :invoke :release nil\n";
    let expected = [
        Call::new(5, mutex::Operation::Lock(5), 1, 2, mutex::Answer::Done),
        Call::pending(5, mutex::Operation::Unlock(5), 3),
    ];
    assert_eq!(jepsen::mutex(log).unwrap().calls(), expected);

    let log = "0 :invoke :write [\"x\" 1]\n0 :ok :write [\"x\" 1]\n0 :invoke :read [\"x\" nil]\n\
               0 :ok :read [\"x\" 1]\n0 :invoke :cas [\"x\" [1 2]]\n0 :ok :cas [\"x\" [1 2]]\n\
               0 :invoke :read [\"y\" nil]\n0 :ok :read [\"y\" nil]\n";
    let key = |name: &str| Value::Text(name.into());
    let cas = map::Operation::CompareAndSet(key("x"), int(1), int(2));
    let expected = [
        Call::new(0, map::Operation::Put(key("x"), int(1)), 1, 2, map::Answer::Done),
        Call::new(0, map::Operation::Get(key("x")), 3, 4, map::Answer::Value(Some(int(1)))),
        Call::new(0, cas, 5, 6, map::Answer::Flag(true)),
        Call::new(0, map::Operation::Get(key("y")), 7, 8, map::Answer::Value(None)),
    ];
    assert_eq!(jepsen::map(log).unwrap().calls(), expected);
}

#[test]
fn logs_without_events_and_with_one_are_histories() {
    for log in ["", "\n\n", "; nothing", ":nemesis :info :start nil"] {
        assert!(jepsen::register(log).unwrap().is_empty(), "{log:?}");
    }
    assert_eq!(jepsen::register("0 :invoke :read nil").unwrap().len(), 1);
    assert!(jepsen::register("0 :invoke :read nil\n0 :fail :read nil").unwrap().is_empty());
}

#[test]
fn what_is_no_event_is_refused_by_line_and_reason() {
    let deep = format!("0 :invoke :write {}", "[".repeat(100_000));
    let cases = [
        ("0", "line 1: \"\" is not :invoke"),
        ("0 :start :read nil", "line 1: \":start\" is not :invoke, :ok, :fail or :info"),
        ("\n\n0 :invoke read nil", "line 3: \"read\" is no operation"),
        ("0 :invoke :read", "line 1: the value is missing"),
        ("0 :invoke :read nil nil", "line 1: \"nil\" follows the value"),
        ("zero :invoke :read nil", "line 1: no event: the process is missing"),
        ("INFO - zero :invoke :read nil", "line 1: \"zero\" is no process"),
        ("-1 :invoke :read nil", "line 1: no event: the process is missing"),
        ("0 :invoke :write 1.5", "line 1: \"1.5\" is no value"),
        ("0 :invoke :write 9223372036854775808", "is no value: nil, an integer of 64 bits"),
        ("0 :invoke :write \"x", "line 1: the text has no end"),
        ("0 :invoke :write \"\\x\"", "line 1: a text with \\x"),
        ("0 :invoke :write [1 2", "line 1: ] is missing"),
        ("0 :invoke :write [1 2)", "line 1: \")\" is no value"),
        (&deep, "line 1: more than 64 vectors"),
        ("0 :ok :read 1", "line 1: process 0 has asked nothing"),
        ("0 :invoke :read nil\n0 :invoke :read nil", "line 2: process 0 has asked in line 1"),
        ("0 :invoke :read nil\n0 :ok :write 1", "line 2: process 0 has asked :read, in line 1"),
        ("0 :invoke :read nil\n1 :ok :read 3", "line 2: process 1 has asked nothing"),
        ("0 :invoke :write 1\n0 :ok :write 2", "line 2: 1 was asked, 2 is answered"),
        ("0 :invoke :leap nil", "line 1: :leap is none of read, write and cas"),
        ("0 :invoke :cas 3\n0 :ok :cas 3", "line 2: 3 is not a vector of two values"),
    ];
    for (log, expected) in cases {
        let error = jepsen::register(log).unwrap_err();
        let said = error.to_string();
        assert!(said.contains(expected), "{log:.60}: {said}");
        assert!(said.starts_with(&format!("line {}: ", error.line())), "{said}");
    }
}

#[test]
fn answers_that_an_object_cannot_give_are_refused() {
    let log = |operation: &str, asked: &str, answer: &str| {
        format!("0 :invoke {operation} {asked}\n0 :ok {operation} {answer}")
    };
    let errors = [
        jepsen::queue(&log(":enqueue", "nil", "nil")).unwrap_err(),
        jepsen::set(&log(":read", "nil", "3")).unwrap_err(),
        jepsen::set(&log(":read", "nil", "[3 3]")).unwrap_err(),
        jepsen::counter(&log(":read", "nil", "nil")).unwrap_err(),
        jepsen::counter(&log(":add", ":one", ":one")).unwrap_err(),
        jepsen::mutex(&log(":steal", "nil", "nil")).unwrap_err(),
        jepsen::map(&log(":read", "[1 nil]", "[2 3]")).unwrap_err(),
        jepsen::map(&log(":write", "[1 nil]", "[1 nil]")).unwrap_err(),
        jepsen::map(&log(":read", "1", "1")).unwrap_err(),
    ];
    let expected = [
        "nil cannot be enqueued",
        "3 is no vector",
        "[3 3] holds an element twice",
        "nil is no integer",
        ":one is no integer",
        ":steal is none of acquire and release",
        "1 was asked for, 2 is answered",
        "nil cannot be written",
        "1 is not a vector of two values",
    ];
    for (error, expected) in errors.iter().zip(expected) {
        assert_eq!(error.to_string(), format!("line 2: {expected}"));
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Nil),
        any::<i64>().prop_map(Value::Integer),
        "[a-z][a-z-]{0,5}".prop_map(Value::Keyword),
        "[ -~\n\t]{0,8}".prop_map(Value::Text),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| vec(inner, 0..4).prop_map(Value::Vector))
}

#[test]
fn values_are_read_as_they_are_written() {
    property(value(), |value| {
        let log = format!("0 :invoke :write {value}");
        let history = jepsen::register(&log).unwrap();
        assert_eq!(history.calls()[0].operation, register::Operation::Write(value));
    });
}

#[test]
fn no_text_at_all_makes_the_reader_panic() {
    let word = prop_oneof![
        "[0-9:]{0,2}",
        Just(":invoke".to_owned()),
        Just(":ok".to_owned()),
        Just(":info".to_owned()),
        Just(":read".to_owned()),
        Just("nil".to_owned()),
        Just(" - ".to_owned()),
        Just("\n".to_owned()),
        "\\PC{0,3}",
    ];
    property(vec(word, 0..40), |words| {
        let _ = jepsen::register(&words.join(" "));
        let _ = jepsen::map(&words.concat());
    });
}

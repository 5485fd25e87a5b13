//! The usual objects of event logs, under the usual names of their operations.

use super::{Seen, Unreadable, Value, read};
use crate::verify::{
    history::History,
    spec::{counter, map, mutex, queue, register, set},
};
use std::collections::BTreeSet;

type Meaning<O, R> = Result<(O, Option<R>), String>;

/// Reads the log of a [`Register`](crate::verify::spec::Register): `:read nil`, answered with the
/// value; `:write new`; `:cas [expected new]`, which fails with `:fail`.
///
/// # Errors
/// See [`read`].
pub fn register(
    text: &str,
) -> Result<History<register::Operation<Value>, register::Answer<Value>>, Unreadable> {
    use register::{Answer, Operation};
    read(text, |seen| match seen.operation {
        "read" => Ok((Operation::Read, seen.answered.cloned().map(Answer::Value))),
        "write" => seen.told(Operation::Write(seen.asked.clone()), Answer::Done),
        "cas" => {
            let (expected, new) = pair(seen.asked)?;
            let operation = Operation::CompareAndSet(expected.clone(), new.clone());
            seen.told(operation, Answer::Flag(true))
        }
        _ => seen.unknown("read, write and cas"),
    })
}

/// Reads the log of a [`Queue`](crate::verify::spec::Queue): `:enqueue value`; `:dequeue nil`,
/// answered with the value, or with `nil` by an empty queue.
///
/// # Errors
/// See [`read`].
pub fn queue(
    text: &str,
) -> Result<History<queue::Operation<Value>, queue::Answer<Value>>, Unreadable> {
    use queue::{Answer, Operation};
    let popped = |value: &Value| Some(value.clone()).filter(|value| *value != Value::Nil);
    read(text, |seen| match seen.operation {
        "enqueue" if *seen.asked == Value::Nil => Err("nil cannot be enqueued".into()),
        "enqueue" => seen.told(Operation::Push(seen.asked.clone()), Answer::Done),
        "dequeue" => Ok((Operation::Pop, seen.answered.map(|value| Answer::Value(popped(value))))),
        _ => seen.unknown("enqueue and dequeue"),
    })
}

/// Reads the log of a [`Set`](crate::verify::spec::Set): `:add element`; `:read nil`, answered with
/// a vector of all elements.
///
/// # Errors
/// See [`read`].
pub fn set(text: &str) -> Result<History<set::Operation<Value>, set::Answer<Value>>, Unreadable> {
    use set::{Answer, Operation};
    let elements = |value: &Value| {
        let Value::Vector(values) = value else { return Err(format!("{value} is no vector")) };
        let elements: BTreeSet<Value> = values.iter().cloned().collect();
        if elements.len() < values.len() {
            return Err(format!("{value} holds an element twice"));
        }
        Ok(Answer::Elements(elements))
    };
    read(text, |seen| match seen.operation {
        "add" => seen.told(Operation::Add(seen.asked.clone()), Answer::Done),
        "read" => Ok((Operation::Elements, seen.answered.map(elements).transpose()?)),
        _ => seen.unknown("add and read"),
    })
}

/// Reads the log of a [`Counter`](crate::verify::spec::Counter): `:add count`; `:read nil`, answered
/// with the count.
///
/// # Errors
/// See [`read`].
pub fn counter(text: &str) -> Result<History<counter::Operation, counter::Answer>, Unreadable> {
    use counter::{Answer, Operation};
    let integer = |value: &Value| match value {
        Value::Integer(value) => Ok(*value),
        other => Err(format!("{other} is no integer")),
    };
    read(text, |seen| match seen.operation {
        "add" => seen.told(Operation::Add(integer(seen.asked)?), Answer::Done),
        "read" => {
            let answer = seen.answered.map(integer).transpose()?;
            Ok((Operation::Get, answer.map(Answer::Value)))
        }
        _ => seen.unknown("add and read"),
    })
}

/// Reads the log of a [`Mutex`](crate::verify::spec::Mutex): `:acquire nil`, `:release nil`; the
/// process is the owner.
///
/// # Errors
/// See [`read`].
pub fn mutex(text: &str) -> Result<History<mutex::Operation, mutex::Answer>, Unreadable> {
    use mutex::{Answer, Operation};
    read(text, |seen| {
        let operation = match seen.operation {
            "acquire" => Operation::Lock(seen.process),
            "release" => Operation::Unlock(seen.process),
            _ => return seen.unknown("acquire and release"),
        };
        Ok((operation, seen.answered.map(|_| Answer::Done)))
    })
}

/// Reads the log of a [`Map`](crate::verify::spec::Map), as of many registers by key: `:read [key
/// nil]`, answered with `[key value]`, where `nil` says that there is none; `:write [key new]`;
/// `:cas [key [expected new]]`, which fails with `:fail`.
///
/// # Errors
/// See [`read`].
pub fn map(
    text: &str,
) -> Result<History<map::Operation<Value, Value>, map::Answer<Value>>, Unreadable> {
    use map::{Answer, Operation};
    read(text, |seen| {
        let (key, value) = pair(seen.asked)?;
        let is_nil = |value: &Value| *value == Value::Nil;
        match seen.operation {
            "read" => {
                let get = Operation::Get(key.clone());
                let Some((answered, value)) = seen.answered.map(pair).transpose()? else {
                    return Ok((get, None));
                };
                if answered != key {
                    return Err(format!("{key} was asked for, {answered} is answered"));
                }
                Ok((get, Some(Answer::Value(Some(value.clone()).filter(|it| !is_nil(it))))))
            }
            "write" if is_nil(value) => Err("nil cannot be written".into()),
            "write" => seen.told(Operation::Put(key.clone(), value.clone()), Answer::Done),
            "cas" => {
                let (expected, new) = pair(value)?;
                if is_nil(expected) || is_nil(new) {
                    return Err("nil is no value of a map".into());
                }
                let values = (expected.clone(), new.clone());
                let cas = Operation::CompareAndSet(key.clone(), values.0, values.1);
                seen.told(cas, Answer::Flag(true))
            }
            _ => seen.unknown("read, write and cas"),
        }
    })
}

impl Seen<'_> {
    /// An operation that is told what to do: its answer repeats the value, or is `nil`.
    fn told<O, R>(&self, operation: O, answer: R) -> Meaning<O, R> {
        match self.answered {
            Some(value) if value != self.asked && *value != Value::Nil => {
                Err(format!("{} was asked, {value} is answered", self.asked))
            }
            answered => Ok((operation, answered.map(|_| answer))),
        }
    }

    fn unknown<O, R>(&self, known: &str) -> Meaning<O, R> {
        Err(format!(":{} is none of {known}", self.operation))
    }
}

/// The two values of a vector.
fn pair(value: &Value) -> Result<(&Value, &Value), String> {
    match value {
        Value::Vector(values) => match values.as_slice() {
            [first, second] => Ok((first, second)),
            _ => Err(format!("{value} is not a vector of two values")),
        },
        _ => Err(format!("{value} is not a vector of two values")),
    }
}

//! Faults in words: one line, which names values and processes.

use super::{
    super::{super::history::History, timeline::shown},
    Calls, Fault, Strange,
};
use core::fmt::Debug;

/// How one speaks of a container.
pub(super) struct Verbs {
    insert: &'static str,
    inserted: &'static str,
    remove: &'static str,
    removed: &'static str,
}

pub(super) const QUEUE: Verbs =
    Verbs { insert: "enqueue", inserted: "enqueued", remove: "dequeue", removed: "dequeued" };

pub(super) const STACK: Verbs =
    Verbs { insert: "push", inserted: "pushed", remove: "pop", removed: "popped" };

/// What a fault of a history is told with.
pub(super) struct Words<'a, O, R, V> {
    pub(super) history: &'a History<O, R>,
    pub(super) calls: &'a Calls<V>,
    pub(super) verbs: &'a Verbs,
}

impl<O, R, V: Debug> Words<'_, O, R, V> {
    pub(super) fn strange(&self, strange: &Strange) -> String {
        let Verbs { insert, inserted, remove: _, removed } = self.verbs;
        match *strange {
            Strange::Unknown { value, removal } => {
                let (by, value) = (self.process(removal), self.value(value));
                // Of a history that was cut: it may go in later.
                format!("process {by} {removed} {value}, which nobody had begun to {insert}")
            }
            Strange::Twice { value, first, second } => {
                let (first, second) = (self.process(first), self.process(second));
                let by = match first == second {
                    true => format!("both times by process {first}"),
                    false => format!("by process {first} and by process {second}"),
                };
                format!("{} was {removed} twice, {by}, but {inserted} once", self.value(value))
            }
        }
    }

    pub(super) fn fault(&self, fault: &Fault) -> String {
        let Verbs { insert, inserted, remove, removed } = self.verbs;
        match fault {
            Fault::Early { value } => {
                let (by, from) = (self.remover(*value), self.process(self.calls.inserts[*value]));
                let value = self.value(*value);
                format!("process {by} {removed} {value} before process {from} began to {insert} it")
            }
            Fault::Overtaken { first, second } => self.overtaken(*first, *second),
            Fault::Buried { below, above } => {
                let by = self.remover(*below);
                let (below, above) = (self.value(*below), self.value(*above));
                format!(
                    "{below} was {inserted} before {above}, yet process {by} {removed} {below} \
                     while {above} lay above it"
                )
            }
            Fault::Tangle { values } => {
                let values = self.list(values, "and");
                format!("no order of {insert} and {remove} explains how {values} were {removed}")
            }
            Fault::Full { removal, inside } => {
                let by = self.process(*removal);
                let inside = match inside[..] {
                    [value] => format!("{} was inside all the while", self.value(value)),
                    _ => format!("at each moment {} was inside", self.list(inside, "or")),
                };
                format!("process {by} found nothing to {remove}, although {inside}")
            }
        }
    }

    fn overtaken(&self, first: usize, second: usize) -> String {
        let Verbs { inserted, removed, .. } = self.verbs;
        let (a, b) = (self.value(first), self.value(second));
        let by = self.remover(second);
        let instead = match self.calls.removes[first] {
            None => format!("while {a} was still inside"),
            Some(later) => format!("before process {} {removed} {a}", self.process(later)),
        };
        format!("{a} was {inserted} before {b}, yet process {by} {removed} {b} {instead}")
    }

    fn process(&self, call: usize) -> usize {
        self.history.calls()[call].process
    }

    /// By whom a value was taken out.
    fn remover(&self, value: usize) -> usize {
        self.process(self.calls.removes[value].unwrap_or(self.calls.inserts[value]))
    }

    fn value(&self, value: usize) -> String {
        shown(&self.calls.values[value])
    }

    /// A few of the values.
    fn list(&self, values: &[usize], joint: &str) -> String {
        const NAMED: usize = 6;
        let names: Vec<String> = values.iter().map(|value| self.value(*value)).collect();
        match &names[..] {
            [] => String::new(),
            [only] => only.clone(),
            [few @ .., last] if names.len() <= NAMED => {
                format!("{} {joint} {last}", few.join(", "))
            }
            [many @ .., last] => format!("{}, ... {joint} {last}", many[..NAMED - 1].join(", ")),
        }
    }
}

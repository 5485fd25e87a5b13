//! Memory orderings, the operations that take them, and what is one step weaker.

use std::fmt;

/// A memory ordering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Relaxed,
    Acquire,
    Release,
    AcqRel,
    SeqCst,
}

impl Order {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "Relaxed" => Order::Relaxed,
            "Acquire" => Order::Acquire,
            "Release" => Order::Release,
            "AcqRel" => Order::AcqRel,
            "SeqCst" => Order::SeqCst,
            _ => return None,
        })
    }

    /// Whether it hands over what came before.
    pub(crate) fn releases(self) -> bool {
        matches!(self, Order::Release | Order::AcqRel | Order::SeqCst)
    }

    /// Whether it takes what was handed over.
    pub(crate) fn acquires(self) -> bool {
        matches!(self, Order::Acquire | Order::AcqRel | Order::SeqCst)
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// What an ordering is an argument of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Load,
    Store,
    /// A read-modify-write, or the success of a compare-exchange.
    Update,
    /// The failure of a compare-exchange, which is a load.
    Failure,
    Fence,
}

impl Role {
    /// The role of the ordering number `argument` of a call; `None` for what is no operation.
    pub(crate) fn of(method: &str, argument: usize) -> Option<Self> {
        let role = match method {
            "load" => Role::Load,
            "store" => Role::Store,
            "fence" | "compiler_fence" => Role::Fence,
            "compare_exchange" | "compare_exchange_weak" | "fetch_update" if argument == 1 => {
                return Some(Role::Failure);
            }
            "compare_exchange" | "compare_exchange_weak" | "fetch_update" | "swap" => Role::Update,
            _ if method.starts_with("fetch_") => Role::Update,
            _ => return None,
        };
        (argument == 0).then_some(role)
    }

    fn admits(self, order: Order) -> bool {
        match self {
            Role::Load | Role::Failure => !matches!(order, Order::Release | Order::AcqRel),
            Role::Store => !matches!(order, Order::Acquire | Order::AcqRel),
            Role::Update => true,
            Role::Fence => order != Order::Relaxed,
        }
    }
}

/// One step weaker than an ordering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weaker {
    To(Order),
    /// A fence that is gone.
    Removed,
}

impl fmt::Display for Weaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Weaker::To(order) => order.fmt(f),
            Weaker::Removed => f.write_str("removed"),
        }
    }
}

/// All that is one step weaker; a fence is also removed at once.
pub(crate) fn weaker(role: Role, order: Order) -> Vec<Weaker> {
    let next: fn(Order) -> &'static [Order] = |order| match order {
        Order::SeqCst => &[Order::AcqRel],
        Order::AcqRel => &[Order::Acquire, Order::Release],
        Order::Acquire | Order::Release => &[Order::Relaxed],
        Order::Relaxed => &[],
    };
    // What an operation cannot take is passed through: a load goes from SeqCst to Acquire.
    let mut steps = Vec::new();
    let mut open = next(order).to_vec();
    while let Some(step) = open.pop() {
        if role.admits(step) {
            steps.push(Weaker::To(step));
        } else {
            open.extend(next(step));
        }
    }
    if role == Role::Fence {
        steps.push(Weaker::Removed);
    }
    // An order that another step already implies, and double ones.
    if steps.len() > 1 && role != Role::Fence {
        steps.retain(|step| *step != Weaker::To(Order::Relaxed));
    }
    steps.sort_by_key(|step| step.to_string());
    steps.dedup();
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(role: Role, order: Order) -> Vec<String> {
        weaker(role, order).iter().map(Weaker::to_string).collect()
    }

    #[test]
    fn a_step_is_the_next_order_that_the_operation_can_take() {
        assert_eq!(steps(Role::Load, Order::SeqCst), ["Acquire"]);
        assert_eq!(steps(Role::Load, Order::Acquire), ["Relaxed"]);
        assert_eq!(steps(Role::Store, Order::SeqCst), ["Release"]);
        assert_eq!(steps(Role::Store, Order::Release), ["Relaxed"]);
        assert_eq!(steps(Role::Update, Order::SeqCst), ["AcqRel"]);
        assert_eq!(steps(Role::Update, Order::AcqRel), ["Acquire", "Release"]);
        assert_eq!(steps(Role::Failure, Order::SeqCst), ["Acquire"]);
        assert_eq!(steps(Role::Fence, Order::SeqCst), ["AcqRel", "removed"]);
        assert_eq!(steps(Role::Fence, Order::Acquire), ["removed"]);
        assert!(steps(Role::Update, Order::Relaxed).is_empty());
    }
}

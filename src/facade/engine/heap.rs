//! The shadow heap: who allocated, who freed each node of an execution, and whether anybody touches
//! it afterwards.
//!
//! A freed node is poisoned, and its memory kept until the execution ends, so that no address comes
//! twice. Neither the poisoning nor the check of an access is an operation of an engine, so each node
//! has a marker: the check reads it, the release writes it, and the engine tries both orders.
//!
//! # Invariants
//! * `[I1]` Memory is given back once: by the caller when `quarantine` says false, else by `Drop`.

use super::{
    Site,
    driver::Marker,
    execution::Execution,
    record::{Path, Value},
};
use core::alloc::Layout;
use std::{alloc::dealloc, collections::BTreeMap, rc::Rc};

/// Addresses below are those of zero-sized values, which have no memory.
const FIRST_ADDRESS: usize = 4096;
/// Low bits of a pointer that may hold a tag.
const TAG: usize = 7;

/// The nodes of one execution, by address.
#[derive(Default)]
pub(super) struct Heap {
    nodes: BTreeMap<usize, Node>,
}

struct Node {
    /// The thread that allocated it, and the how manieth of its allocations it was.
    owner: (Path, usize),
    allocated: Site,
    /// Where it was freed, and the memory that waits for the execution's end.
    freed: Option<(Site, *mut u8, Layout)>,
    marker: Rc<dyn Marker>,
}

impl Heap {
    pub(super) fn allocated(
        &mut self,
        address: usize,
        owner: (Path, usize),
        marker: Rc<dyn Marker>,
        allocated: Site,
    ) {
        // An older entry was freed behind the seam's back: its address has come again.
        self.nodes.insert(address, Node { owner, allocated, freed: None, marker });
    }

    /// The name of a pointer to a node.
    pub(super) fn name(&self, value: usize) -> Option<Value> {
        let (node, tag) = match self.nodes.get(&value) {
            Some(node) => (node, 0),
            None => (self.nodes.get(&(value & !TAG))?, value & TAG),
        };
        let (owner, nth) = node.owner.clone();
        Some(Value::Node { owner, nth, tag })
    }

    /// A node that nobody has freed.
    pub(super) fn leak(&self) -> Option<String> {
        let mut live = self.nodes.values().filter(|node| node.freed.is_none());
        let first = live.next()?;
        let (site, (owner, nth)) = (first.allocated, &first.owner);
        let others = match live.count() {
            0 => String::new(),
            others => format!(" (and {others} more)"),
        };
        Some(format!("leak: node {nth} of {owner}, allocated at {site}, was never freed{others}"))
    }

    fn marker(&self, address: usize) -> Option<Rc<dyn Marker>> {
        self.nodes.get(&address).map(|node| node.marker.clone())
    }

    /// Poisons a node.
    ///
    /// # Panics
    /// When it was freed before.
    fn poison(&mut self, memory: *mut u8, layout: Layout, site: Site) {
        let Some(node) = self.nodes.get_mut(&memory.addr()) else { return };
        if let Some((first, ..)) = node.freed {
            let allocated = node.allocated;
            panic!("double free: allocated at {allocated}, freed at {first}, again at {site}");
        }
        node.freed = Some((site, memory, layout));
    }

    /// Panics when the node was freed.
    fn assert_live(&self, address: usize, accessed: Site) {
        let Some(Node { allocated, freed: Some((freed, ..)), .. }) = self.nodes.get(&address)
        else {
            return;
        };
        panic!(
            "use after free: allocated at {allocated}, freed at {freed}, accessed at {accessed}"
        );
    }
}

impl Drop for Heap {
    fn drop(&mut self) {
        for (_, memory, layout) in self.nodes.values().filter_map(|node| node.freed) {
            // SAFETY: whoever called `quarantine` gave this memory away, allocated with that
            // layout, and each node is freed once [I1].
            unsafe { dealloc(memory, layout) };
        }
    }
}

/// Registers a fresh allocation.
pub(crate) fn allocated(data: *const (), site: Site) {
    if data.addr() >= FIRST_ADDRESS {
        Execution::drive(|execution| execution.allocated(data.addr(), site));
    }
}

/// Registers the release of a node; true when the memory now belongs to the engine, which keeps it
/// until the execution ends.
///
/// # Safety
/// The caller owns the memory alone, it was allocated with `layout` by the global allocator, and
/// when the answer is true the caller does not give it back.
pub(crate) unsafe fn quarantine(memory: *mut u8, layout: Layout, site: Site) -> bool {
    let Some(execution) = Execution::current() else { return false };
    if std::thread::panicking() {
        return true; // Leaked: other threads of the execution will never go on.
    }
    let marker = execution.heap.borrow().marker(memory.addr());
    let Some(marker) = marker else { return false };
    execution.switching(|| marker.write());
    execution.heap.borrow_mut().poison(memory, layout, site);
    true
}

/// The node leaves the engine's sight: its owner frees it as an ordinary box, or never.
pub(crate) fn forget(data: *const ()) {
    Execution::drive(|execution| {
        let node = execution.heap.borrow_mut().nodes.remove(&data.addr());
        drop(node);
    });
}

/// Panics, naming both sites, when the node was freed before this access.
pub(crate) fn check(data: *const (), site: Site) {
    Execution::drive(|execution| {
        let marker = execution.heap.borrow().marker(data.addr());
        let Some(marker) = marker else { return };
        execution.switching(|| marker.read(execution.running()));
        execution.heap.borrow().assert_live(data.addr(), site);
    });
}

//! Reads and writes mixed at fixed shares, on uniform keys of which half are present at the start;
//! as many inserts as removes, so that about half stay so. An operation that finds nothing to do
//! (an insert of a present key, a remove of an absent one) counts like any other. All operations
//! were done once before, unmeasured.

use std::hint::black_box;
use std::sync::Arc;

use fastrand::Rng;

use super::dashmap::DashMap;
use super::locked::LockedMap;
use super::ours::SplitOrderedMap;
use super::papaya::Papaya;
use super::scc_index::SccIndex;
use super::scc_map::SccMap;
use super::{Map, fill};
use crate::crew::Task;
use crate::stream::{Stream, keys};
use crate::workload::{Contestant, PER_64};

const OPERATIONS: usize = 1 << 20;

/// 98 % get, 1 % insert, 1 % remove.
pub(super) fn read_mostly(size: usize, threads: usize) -> Vec<Contestant> {
    field(&Shares { get: 98, insert: 1, remove: 1 }, size, threads)
}

/// 10 % get, 40 % insert, 40 % remove, 10 % update.
pub(super) fn exchange(size: usize, threads: usize) -> Vec<Contestant> {
    field(&Shares { get: 10, insert: 40, remove: 40 }, size, threads)
}

/// Per cent of each kind; the rest are updates.
struct Shares {
    get: u8,
    insert: u8,
    remove: u8,
}

#[derive(Clone, Copy)]
enum Operation {
    Get(u64),
    Insert(u64),
    Remove(u64),
    Update(u64),
}

impl Shares {
    fn draw(&self, rng: &mut Rng, key: u64) -> Operation {
        let insert = self.get + self.insert;
        let remove = insert + self.remove;
        match rng.u8(..100) {
            n if n < self.get => Operation::Get(key),
            n if n < insert => Operation::Insert(key),
            n if n < remove => Operation::Remove(key),
            _ => Operation::Update(key),
        }
    }
}

/// With about `size` keys present, of twice as many.
fn field(shares: &Shares, size: usize, threads: usize) -> Vec<Contestant> {
    let keys = keys(3, 2 * size);
    let mut rng = Rng::with_seed(4);
    let draw = |_| {
        let key = keys[rng.usize(..keys.len())];
        shares.draw(&mut rng, key)
    };
    let data = Data { operations: (0..OPERATIONS).map(draw).collect(), keys };
    vec![
        Mixed::<SplitOrderedMap>::contestant(&data, threads),
        Mixed::<Papaya>::contestant(&data, threads),
        Mixed::<DashMap>::contestant(&data, threads),
        Mixed::<SccMap>::contestant(&data, threads),
        Mixed::<SccIndex>::contestant(&data, threads),
        Mixed::<LockedMap>::contestant(&data, threads),
    ]
}

struct Data {
    keys: Arc<[u64]>,
    operations: Arc<[Operation]>,
}

struct Mixed<M> {
    map: M,
    operations: Stream<Operation>,
}

impl<M: Map> Mixed<M> {
    fn contestant(data: &Data, threads: usize) -> Contestant {
        let map = M::with_capacity(data.keys.len() / 2);
        fill(&map, data.keys.iter().copied().step_by(2));
        let operations = Stream::new(data.operations.clone(), threads);
        let mixed = Self { map, operations };
        mixed.run(0, OPERATIONS);
        Contestant::steady(M::NAME, mixed)
    }
}

impl<M: Map> Task for Mixed<M> {
    fn run(&self, worker: usize, ops: usize) {
        self.operations.visit::<PER_64>(worker, ops, |span| {
            let session = self.map.session();
            for &operation in span {
                black_box(match operation {
                    Operation::Get(key) => M::get(&session, key).is_some(),
                    Operation::Insert(key) => M::try_insert(&session, key, !key),
                    Operation::Remove(key) => M::remove(&session, key),
                    Operation::Update(key) => M::update(&session, key),
                });
            }
        });
    }
}

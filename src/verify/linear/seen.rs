//! What a search remembers: its states, each kept once, and the configurations that it met.
//!
//! A configuration is a row of numbers: the count of each lane, and the number of the state. Rows
//! lie one behind the other in one vector, and an open-addressing table finds them; that is a third
//! of what a `HashSet` of boxed rows takes, and the account of it is exact. What a state holds on the
//! heap is not known; the bytes that its `Hash` shows stand for it.
//!
//! # Rejected
//! A hasher that resists attacks: whoever writes the history may as well write an endless one, and
//! the budget ends both.

use core::hash::{Hash, Hasher};

/// Finds numbers by hash. A slot is 0, or the upper half of a hash above a number plus one.
struct Table {
    slots: Vec<u64>,
    used: usize,
}

impl Table {
    fn new() -> Self {
        Table { slots: vec![0; 16], used: 0 }
    }

    /// The number of that hash that `same` accepts, or where it would stand.
    fn find(&self, hash: u64, mut same: impl FnMut(u32) -> bool) -> Result<u32, usize> {
        let mask = self.slots.len() - 1;
        let tag = hash >> 32;
        let mut at = tag as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot == 0 {
                return Err(at);
            }
            let number = (slot as u32).wrapping_sub(1);
            if slot >> 32 == tag && same(number) {
                return Ok(number);
            }
            at = (at + 1) & mask;
        }
    }

    fn insert(&mut self, at: usize, hash: u64, number: u32) {
        self.slots[at] = (hash >> 32) << 32 | (u64::from(number) + 1);
        self.used += 1;
        if self.used * 4 > self.slots.len() * 3 {
            self.grow();
        }
    }

    fn grow(&mut self) {
        let mask = self.slots.len() * 2 - 1;
        let old = core::mem::replace(&mut self.slots, vec![0; mask + 1]);
        for slot in old.into_iter().filter(|slot| *slot != 0) {
            let mut at = (slot >> 32) as usize & mask;
            while self.slots[at] != 0 {
                at = (at + 1) & mask;
            }
            self.slots[at] = slot;
        }
    }

    /// As many as there can be, when there are no more numbers.
    fn bytes(&self) -> usize {
        if self.used >= u32::MAX as usize { usize::MAX } else { self.slots.len() * 8 }
    }
}

/// Mixes by multiplication, and counts the bytes that it is shown.
struct Mixer {
    hash: u64,
    bytes: usize,
}

impl Mixer {
    fn new() -> Self {
        Mixer { hash: 0x243F_6A88_85A3_08D3, bytes: 0 }
    }

    fn mix(&mut self, word: u64) {
        let product = u128::from(self.hash ^ word) * 0x9E37_79B9_7F4A_7C15;
        self.hash = (product >> 64) as u64 ^ product as u64;
    }
}

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.mix(u64::from_le_bytes(word));
        }
        self.mix(bytes.len() as u64);
        self.bytes += bytes.len();
    }

    fn write_u8(&mut self, number: u8) {
        self.write_u64(number.into());
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    fn write_u64(&mut self, number: u64) {
        self.mix(number);
        self.bytes += 8;
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn finish(&self) -> u64 {
        // A zero word after zero state must not stay zero, and the table uses the upper half.
        let mixed = (self.hash ^ (self.hash >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        mixed ^ (mixed >> 32) ^ (mixed << 32)
    }
}

/// States, by number.
pub(super) struct States<S> {
    list: Vec<S>,
    table: Table,
    bytes: usize,
}

impl<S: Eq + Hash> States<S> {
    pub(super) fn new() -> Self {
        States { list: Vec::new(), table: Table::new(), bytes: 0 }
    }

    /// The number of a state; the same for equal ones.
    pub(super) fn number(&mut self, state: S) -> u32 {
        let mut mixer = Mixer::new();
        state.hash(&mut mixer);
        let hash = mixer.finish();
        match self.table.find(hash, |number| self.list[number as usize] == state) {
            Ok(number) => number,
            Err(at) => {
                let number = self.list.len() as u32;
                self.list.push(state);
                self.table.insert(at, hash, number);
                self.bytes += size_of::<S>() + mixer.bytes;
                number
            }
        }
    }

    pub(super) fn get(&self, number: u32) -> &S {
        &self.list[number as usize]
    }

    pub(super) fn into_list(self) -> Vec<S> {
        self.list
    }

    pub(super) fn bytes(&self) -> usize {
        self.table.bytes().saturating_add(self.bytes)
    }
}

/// Configurations, each of `width` numbers.
pub(super) struct Configurations {
    width: usize,
    rows: Vec<u32>,
    table: Table,
}

impl Configurations {
    pub(super) fn new(width: usize) -> Self {
        Configurations { width, rows: Vec::new(), table: Table::new() }
    }

    /// Enters a configuration. `false`: it was there.
    pub(super) fn insert(&mut self, row: &[u32]) -> bool {
        let mut mixer = Mixer::new();
        for pair in row.chunks(2) {
            let upper = pair.get(1).copied().unwrap_or(0);
            mixer.mix(u64::from(upper) << 32 | u64::from(pair[0]));
        }
        let hash = mixer.finish();
        let (rows, width) = (&self.rows, self.width);
        let found = self.table.find(hash, |number| {
            let from = number as usize * width;
            &rows[from..from + width] == row
        });
        let Err(at) = found else { return false };
        let number = (self.rows.len() / self.width) as u32;
        self.rows.extend_from_slice(row);
        self.table.insert(at, hash, number);
        true
    }

    /// All of them.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[u32]> {
        self.rows.chunks(self.width)
    }

    pub(super) fn bytes(&self) -> usize {
        self.table.bytes().saturating_add(self.rows.capacity() * 4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_entered_once() {
        let mut seen = Configurations::new(3);
        for round in 0..2 {
            for row in 0..20_000u32 {
                assert_eq!(seen.insert(&[row % 50, row / 50, 7]), round == 0);
            }
        }
        assert!(seen.bytes() >= 20_000 * 12);
    }

    #[test]
    fn what_has_one_hash_is_told_apart() {
        let mut table = Table::new();
        for number in 0..100 {
            let place = table.find(7 << 32, |other| other == number);
            table.insert(place.expect_err("it is new"), 7 << 32, number);
        }
        for number in 0..100 {
            assert_eq!(table.find(7 << 32, |other| other == number), Ok(number));
        }
        assert!(table.find(7 << 32, |_| false).is_err());
    }

    #[test]
    fn equal_states_have_one_number() {
        let mut states = States::new();
        for round in 0..2 {
            for state in 0..3_000u32 {
                let number = states.number(vec![state; (state % 4) as usize + 1]);
                assert_eq!(number, state, "round {round}");
            }
        }
        assert!(states.bytes() > 3_000 * 24);
        assert_eq!(states.into_list().len(), 3_000);
    }
}

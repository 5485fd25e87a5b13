//! The ticks that recorders of histories read around each operation.
//!
//! # Reading without changing what is measured
//! A reading *before* an operation must not be later than the operation's first load, a reading
//! *after* it not earlier than its last one; the other way round does no harm, since the recorded
//! interval is wider then.
//! * On x86-64 `rdtsc` is ordered with nothing. `lfence` waits until all that came earlier has
//!   completed *locally*, loads in particular, and holds back all that comes later. So: `rdtsc`,
//!   `lfence` before; `lfence`, `rdtsc` after.
//! * Neither waits for the store buffer. An `mfence`, or an instruction with `lock`, would: it would
//!   stand between the stores of one operation and the loads of the next, and thus mend the very
//!   code whose missing store-load fence is to be found. What stays in the buffer when the later
//!   reading is made is the business of [`uncertainty`](super::uncertainty).
//! * The assembly is opaque to the compiler and may touch memory as far as it knows, so it keeps
//!   loads and stores on their sides. Around std's clock compiler fences do that.
//! * On other processors only what std's clock does itself holds loads back. If they slip past it,
//!   that is measured as uncertainty too.
//!
//! # Which clock
//! The time stamp counter, if the processor says that it is invariant (CPUID 8000_0007h, EDX bit 8:
//! same rate in all states) and the system has not found it out of step between cores, which Linux
//! shows by keeping time with something slower. Else std's.

use core::sync::atomic::{Ordering, compiler_fence};

use std::time::Instant;

/// A clock whose readings never take a lock and never drain a store buffer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ticks {
    /// The processor's time stamp counter.
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    Counter,
    /// Nanoseconds of std's clock since then.
    Nanoseconds(Instant),
}

impl Ticks {
    /// The time stamp counter, where it can be trusted.
    pub(crate) fn counter() -> Option<Self> {
        #[cfg(all(target_arch = "x86_64", not(miri)))]
        if is_invariant() && is_trusted() {
            return Some(Ticks::Counter);
        }
        None
    }

    /// Std's clock.
    pub(crate) fn nanoseconds() -> Self {
        Ticks::Nanoseconds(Instant::now())
    }

    /// A reading that is not later than what the caller does next.
    #[inline(always)]
    pub(crate) fn before(&self) -> u64 {
        match self {
            #[cfg(all(target_arch = "x86_64", not(miri)))]
            Ticks::Counter => counter_before(),
            Ticks::Nanoseconds(since) => {
                let now = nanoseconds_since(since);
                wait_for_loads();
                now
            }
        }
    }

    /// A reading that is not earlier than what the caller did, its stores apart.
    #[inline(always)]
    pub(crate) fn after(&self) -> u64 {
        match self {
            #[cfg(all(target_arch = "x86_64", not(miri)))]
            Ticks::Counter => counter_after(),
            Ticks::Nanoseconds(since) => {
                wait_for_loads();
                nanoseconds_since(since)
            }
        }
    }
}

#[inline(always)]
fn nanoseconds_since(since: &Instant) -> u64 {
    // 64 bits last for 584 years.
    since.elapsed().as_nanos() as u64
}

/// Loads stay on their side of this point: in the processor where that can be asked for without
/// draining its store buffer, else in the compiled code.
#[inline(always)]
fn wait_for_loads() {
    // SeqCst: the strongest order that costs no instruction.
    compiler_fence(Ordering::SeqCst);
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    // SAFETY: every x86-64 has the instruction, which touches neither memory, stack nor flags.
    unsafe {
        core::arch::asm!("lfence", options(nostack, preserves_flags));
    }
    // SeqCst: as above.
    compiler_fence(Ordering::SeqCst);
}

#[cfg(all(target_arch = "x86_64", not(miri)))]
#[inline(always)]
fn counter_before() -> u64 {
    let (low, high): (u64, u64);
    // SAFETY: every x86-64 has both instructions; they write the two registers named here, and
    // neither memory, stack nor flags.
    unsafe {
        core::arch::asm!("rdtsc", "lfence", out("rax") low, out("rdx") high,
            options(nostack, preserves_flags));
    }
    high << 32 | low
}

#[cfg(all(target_arch = "x86_64", not(miri)))]
#[inline(always)]
fn counter_after() -> u64 {
    let (low, high): (u64, u64);
    // SAFETY: as in `counter_before`.
    unsafe {
        core::arch::asm!("lfence", "rdtsc", out("rax") low, out("rdx") high,
            options(nostack, preserves_flags));
    }
    high << 32 | low
}

/// Whether the counter runs at one rate in all states of the processor.
#[cfg(all(target_arch = "x86_64", not(miri)))]
#[allow(unused_unsafe, reason = "later compilers call CPUID safe")]
fn is_invariant() -> bool {
    use core::arch::x86_64::__cpuid;
    const EXTENDED: u32 = 0x8000_0000;
    const POWER: u32 = 0x8000_0007;
    // SAFETY: every x86-64 has CPUID, with the extended leaves up to the one that it names.
    unsafe { __cpuid(EXTENDED).eax >= POWER && __cpuid(POWER).edx & (1 << 8) != 0 }
}

/// Whether the system keeps time by the counter too, as far as it tells.
#[cfg(all(target_arch = "x86_64", not(miri)))]
fn is_trusted() -> bool {
    const SOURCE: &str = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    let source = std::fs::read_to_string(SOURCE).unwrap_or_default();
    // What Linux falls back to when its checks of the counter fail, at boot or later.
    !["hpet", "acpi_pm", "pit", "jiffies", "refined-jiffies"].contains(&source.trim())
}

#[cfg(test)]
mod tests {
    use super::{Instant, Ticks};

    #[test]
    fn readings_of_one_thread_do_not_go_back_and_go_on() {
        for ticks in [Ticks::counter(), Some(Ticks::nanoseconds())].into_iter().flatten() {
            let (first, start) = (ticks.before(), Instant::now());
            let mut last = first;
            while start.elapsed().as_micros() < 50 {
                let (before, after) = (ticks.before(), ticks.after());
                assert!(last <= before && before <= after, "{ticks:?}: {last} {before} {after}");
                last = after;
            }
            assert!(last > first, "{ticks:?} stands still");
        }
    }
}

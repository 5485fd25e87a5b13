//! Linux: membarrier(2). The numbers are the kernel's; a libc of any age can make the call.

use core::ffi::{c_int, c_long, c_uint};

const PRIVATE_EXPEDITED: c_int = 1 << 3;
const REGISTER_PRIVATE_EXPEDITED: c_int = 1 << 4;

/// Announces to the kernel that this process will `interrupt`; false when it refuses.
pub(super) fn register() -> bool {
    membarrier(REGISTER_PRIVATE_EXPEDITED)
}

/// A full barrier in every thread of the process; false when the kernel refuses it.
pub(super) fn interrupt() -> bool {
    membarrier(PRIVATE_EXPEDITED) || register() && membarrier(PRIVATE_EXPEDITED)
}

fn membarrier(command: c_int) -> bool {
    let (flags, processor): (c_uint, c_int) = (0, 0);
    // SAFETY: the call takes no pointer and touches no memory of the process; one that the kernel
    // does not know is refused. (It leaves `errno` changed, as any call may.)
    let result: c_long = unsafe { libc::syscall(libc::SYS_membarrier, command, flags, processor) };
    result == 0
}

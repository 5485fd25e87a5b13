//! Sets `cfg(cortex_m)` for Arm's M profile. Stable rustc has no cfg for a profile (that of the
//! target feature `mclass` is unstable), but the triples of the M profile say so.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(cortex_m)");
    let triple = env::var("TARGET").expect("cargo names the target");
    let m_profile = ["thumbv6m-", "thumbv7m-", "thumbv7em-", "thumbv8m."];
    if m_profile.iter().any(|prefix| triple.starts_with(prefix)) {
        println!("cargo::rustc-cfg=cortex_m");
    }
}

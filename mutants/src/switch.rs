//! Which ordering a run weakens: `COUNTERPOINT_MUTANT=SITE:ORDER`, where a fence may be `Removed`.
//! Without it each ordering is the one of the source.

use std::sync::{OnceLock, atomic::Ordering};

/// The site, and its ordering in this run; `None` where its fence is removed.
type Chosen = (usize, Option<Ordering>);

fn chosen() -> Option<Chosen> {
    // Not an atomic of the crate, so that no engine sees it.
    static CHOSEN: OnceLock<Option<Chosen>> = OnceLock::new();
    *CHOSEN.get_or_init(|| {
        let text = std::env::var("COUNTERPOINT_MUTANT").ok()?;
        let (site, order) = text.split_once(':').expect("COUNTERPOINT_MUTANT is SITE:ORDER");
        let order = match order {
            "Relaxed" => Some(Ordering::Relaxed),
            "Acquire" => Some(Ordering::Acquire),
            "Release" => Some(Ordering::Release),
            "AcqRel" => Some(Ordering::AcqRel),
            "Removed" => None,
            _ => panic!("COUNTERPOINT_MUTANT names no ordering: {order}"),
        };
        Some((site.parse().expect("COUNTERPOINT_MUTANT begins with a number"), order))
    })
}

/// The ordering of a site.
pub fn ordering(site: usize, order: Ordering) -> Ordering {
    match chosen() {
        Some((weakened, Some(weaker))) if weakened == site => weaker,
        _ => order,
    }
}

/// Whether the fence of a site is there.
pub fn keeps(site: usize) -> bool {
    chosen() != Some((site, None))
}

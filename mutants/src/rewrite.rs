//! Writes each ordering as a call that one run may answer otherwise: all mutants in one build.

use crate::{
    order::{Order, Weaker},
    sites::Site,
};
use std::ops::Range;

/// The module that answers, for the copy of the crate.
pub(crate) const SWITCH: &str = include_str!("switch.rs");

/// What lets a run answer otherwise at a site.
pub(crate) fn choice(site: usize, weaker: Weaker) -> String {
    match weaker {
        Weaker::To(order) => format!("{site}:{order}"),
        Weaker::Removed => format!("{site}:Removed"),
    }
}

/// The source with the sites, whose first one has the number `first`, as calls.
pub(crate) fn switched(source: &str, sites: &[Site], first: usize) -> String {
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    for (number, site) in (first..).zip(sites) {
        let path: Order = site.order;
        let order = format!("crate::mutation::ordering({number}, Ordering::{path})");
        if let Some(fence) = &site.fence_at {
            edits.push((
                fence.start..fence.start,
                format!("if crate::mutation::keeps({number}) {{ "),
            ));
            edits.push((site.order_at.clone(), order));
            edits.push((fence.end..fence.end, " }".to_owned()));
        } else {
            edits.push((site.order_at.clone(), order));
        }
    }
    let mut switched = source.to_owned();
    edits.sort_by_key(|(range, _)| range.start);
    for (range, text) in edits.into_iter().rev() {
        switched.replace_range(range, &text);
    }
    switched
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sites;

    #[test]
    fn every_site_asks_and_no_line_moves() {
        let source = "fn f() {\n a.load(Ordering::Acquire);\n fence(Ordering::SeqCst);\n}\n";
        let sites = sites::find("f.rs", source).unwrap();
        assert_eq!(
            switched(source, &sites, 5),
            "fn f() {\n a.load(crate::mutation::ordering(5, Ordering::Acquire));\n \
             if crate::mutation::keeps(6) { \
             fence(crate::mutation::ordering(6, Ordering::SeqCst)) };\n}\n"
        );
        assert_eq!(choice(5, Weaker::To(Order::Relaxed)), "5:Relaxed");
        assert_eq!(choice(6, Weaker::Removed), "6:Removed");
    }
}

//! Where the ranks of a timeline lie: as close as the labels let them.

use super::Bar;

/// The place of each rank, and behind them that of the right margin, up to which pending calls go.
///
/// `room` says how long a bar must be. One sweep: each rank lies as far left as those before it and
/// the bars that end there let it.
pub(super) fn places(
    bars: &[&Bar],
    ranks: usize,
    gap: usize,
    room: impl Fn(&Bar) -> usize,
) -> Vec<usize> {
    let mut ending: Vec<Vec<&Bar>> = vec![Vec::new(); ranks + 1];
    let mut used = vec![false; ranks + 1];
    used[ranks] = true;
    for &bar in bars {
        let end = bar.drawn.unwrap_or(ranks);
        ending[end].push(bar);
        used[bar.begin] = true;
        used[end] = true;
        used[bar.end.unwrap_or(ranks)] = true;
    }
    let mut places = vec![0; ranks + 1];
    let mut free = 0;
    for rank in 0..=ranks {
        let longest = ending[rank].iter().map(|bar| places[bar.begin] + room(bar)).max();
        places[rank] = free.max(longest.unwrap_or(0));
        // Ranks of calls that are not drawn take no room.
        free = places[rank] + if used[rank] { gap } else { 0 };
    }
    places
}

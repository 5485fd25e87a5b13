//! Every structure, once over: what each module's own tests look into in detail.

use counterpoint::{map::SplitOrderedMap, queue::MsQueue, reclaim::Collector, stack::TreiberStack};

#[test]
fn threads_share_every_structure() {
    let (queue, stack, map) = (MsQueue::new(), TreiberStack::new(), SplitOrderedMap::new());
    std::thread::scope(|scope| {
        for worker in 0..4u64 {
            let (queue, stack, map) = (&queue, &stack, &map);
            scope.spawn(move || {
                for i in 0..10_000u64 {
                    queue.pin().push(i);
                    stack.pin().push(i);
                    map.pin().insert(i, worker);
                    if i % 3 == 0 {
                        map.pin().remove(&i);
                    }
                }
            });
        }
    });
    assert_eq!(queue.into_iter().count(), 40_000);
    assert_eq!(stack.into_iter().count(), 40_000);
    let map = map.pin();
    assert_eq!(map.len(), map.iter().count());
    assert!((0..10_000).filter(|i| i % 3 != 0).all(|i| map.contains_key(&i)));
    let _ = Collector::global().garbage();
}

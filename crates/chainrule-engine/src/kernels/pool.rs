//! Threads that wait for short jobs.
//!
//! A step of a small network takes some ten microseconds; starting threads, or
//! waking sleeping ones, would take as long. These threads watch for a new job
//! for a while before they sleep. A pool of one thread has none but the
//! caller's and costs nothing.
//!
//! What a job computes must not depend on which thread runs which part; how
//! many there are is no input of any result.

use std::marker::PhantomData;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;

/// How often a thread looks for a job before it sleeps: about 50 µs.
const LOOKS: u32 = 2_000;

/// How often it looks without giving way to other programs.
const BUSY_LOOKS: u32 = 500;

/// A job: a pointer to a function on the caller's stack, which waits there
/// until all threads have run it.
#[derive(Clone, Copy)]
struct Job(*const (dyn Fn(usize) + Sync));

// SAFETY: the function may be called from any thread (`Sync`), and `Pool::run`
// keeps it alive until no thread uses it any more.
unsafe impl Send for Job {}

struct Shared {
    job: Mutex<Option<Job>>,
    wake: Condvar,
    /// Counts jobs: a thread has something to do when it grows.
    generation: AtomicU64,
    /// How many threads have not finished the job.
    running: AtomicUsize,
    panicked: AtomicBool,
    ending: AtomicBool,
}

/// A number of threads, the caller's included.
pub(crate) struct Pool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").field("threads", &self.count()).finish()
    }
}

impl Pool {
    /// Starts threads: `count` in all, at least the caller's. Where the system
    /// refuses one, there are fewer.
    pub(crate) fn new(count: usize) -> Pool {
        let shared = Arc::new(Shared {
            job: Mutex::new(None),
            wake: Condvar::new(),
            generation: AtomicU64::new(0),
            running: AtomicUsize::new(0),
            panicked: AtomicBool::new(false),
            ending: AtomicBool::new(false),
        });
        let threads = (1..count).map_while(|index| {
            let shared = Arc::clone(&shared);
            let builder = std::thread::Builder::new().name(format!("chainrule-{index}"));
            builder.spawn(move || shared.work(index)).ok()
        });
        let threads = threads.collect();
        Pool { shared, threads }
    }

    /// Returns the number of threads, the caller's included.
    pub(crate) fn count(&self) -> usize {
        self.threads.len() + 1
    }

    /// Runs a function on every thread, with the thread's number from 0, and
    /// returns when all have returned.
    fn run(&mut self, function: &(dyn Fn(usize) + Sync)) {
        if self.threads.is_empty() {
            function(0);
            return;
        }
        // SAFETY: only the lifetime changes; the threads use the function while
        // `running` is above zero, and this call does not end before.
        let job = Job(unsafe {
            std::mem::transmute::<&(dyn Fn(usize) + Sync + '_), &'static (dyn Fn(usize) + Sync)>(
                function,
            )
        });
        self.shared.running.store(self.threads.len(), Ordering::Relaxed);
        {
            let mut slot = self.shared.job.lock().expect("no thread panics with the lock held");
            *slot = Some(job);
            self.shared.generation.fetch_add(1, Ordering::Release);
        }
        self.shared.wake.notify_all();
        // If the caller's own part panics, the others must be waited for still.
        let waiting = Waiting(&self.shared);
        function(0);
        drop(waiting);
        assert!(!self.shared.panicked.load(Ordering::Relaxed), "a thread of the engine panicked");
    }

    /// Calls a function with each of the items, spread over the threads.
    pub(crate) fn for_each<S: Send>(
        &mut self,
        items: &mut [S],
        function: impl Fn(usize, &mut S) + Sync,
    ) {
        let count = self.count();
        let items = Disjoint::new(items);
        self.run(&|thread| {
            let mut index = thread;
            while index < items.len {
                // SAFETY: each index is taken by one thread, once.
                function(index, unsafe { &mut items.range(index, index + 1)[0] });
                index += count;
            }
        });
    }

    /// Calls a function with each range of several buffers, and with what
    /// belongs to the thread that runs it. Buffers that are empty stay so.
    ///
    /// A thread begins with its own ranges, whose numbers are then in its cache
    /// the next time, too; who is done early helps the others.
    ///
    /// # Panics
    /// If a range lies outside of a buffer, or there are fewer `locals` than
    /// threads.
    pub(crate) fn for_each_range<T: Send, L: Send, const N: usize>(
        &mut self,
        ranges: &mut Ranges,
        buffers: [&mut [T]; N],
        locals: &mut [L],
        function: impl Fn(&mut L, usize, [&mut [T]; N]) + Sync,
    ) {
        assert!(locals.len() >= self.count(), "every thread has something of its own");
        for buffer in &buffers {
            assert!(buffer.is_empty() || ranges.end <= buffer.len(), "ranges lie in the buffers");
        }
        let buffers = buffers.map(|buffer| Disjoint::new(buffer));
        for queue in &mut ranges.queues {
            *queue.next.get_mut() = queue.range.start;
        }
        let Ranges { bounds, queues, .. } = &*ranges;
        let visit = |local: &mut L, index: usize| {
            let (start, end) = bounds[index];
            let parts = std::array::from_fn(|buffer| {
                let buffer = &buffers[buffer];
                if buffer.len == 0 {
                    return &mut [][..];
                }
                // SAFETY: the ranges do not overlap (checked in `Ranges`), each is
                // visited once, and all lie inside.
                unsafe { buffer.range(start, end) }
            });
            function(local, index, parts);
        };
        if self.threads.is_empty() {
            // Nobody to keep off: that costs as much as a small range.
            (0..bounds.len()).for_each(|index| visit(&mut locals[0], index));
            return;
        }
        let locals = Disjoint::new(locals);
        self.run(&|thread| {
            // SAFETY: each thread has its own number.
            let local = unsafe { &mut locals.range(thread, thread + 1)[0] };
            let (others, own) = queues.split_at(thread.min(queues.len()));
            for index in own.iter().chain(others).flat_map(Queue::take_all) {
                visit(local, index);
            }
        });
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.ending.store(true, Ordering::Release);
        {
            let _guard = self.shared.job.lock();
            self.shared.generation.fetch_add(1, Ordering::Release);
        }
        self.shared.wake.notify_all();
        for thread in self.threads.drain(..) {
            // A thread's panic has been reported by `run`.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn work(&self, index: usize) {
        let mut seen = 0;
        loop {
            seen = self.next_generation(seen);
            if self.ending.load(Ordering::Acquire) {
                return;
            }
            let job = *self.job.lock().expect("no thread panics with the lock held");
            let Some(Job(function)) = job else { continue };
            // SAFETY: `run` waits until `running` is zero before the function
            // goes away.
            let function = unsafe { &*function };
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| function(index)));
            if result.is_err() {
                self.panicked.store(true, Ordering::Relaxed);
            }
            self.running.fetch_sub(1, Ordering::Release);
        }
    }

    /// Waits until there is a job that this thread has not seen.
    fn next_generation(&self, seen: u64) -> u64 {
        for look in 0..LOOKS {
            let generation = self.generation.load(Ordering::Acquire);
            if generation != seen {
                return generation;
            }
            if look < BUSY_LOOKS { std::hint::spin_loop() } else { std::thread::yield_now() }
        }
        let mut guard = self.job.lock().expect("no thread panics with the lock held");
        loop {
            let generation = self.generation.load(Ordering::Acquire);
            if generation != seen {
                return generation;
            }
            guard = self.wake.wait(guard).expect("no thread panics with the lock held");
        }
    }
}

/// Waits for the other threads when it goes out of scope.
struct Waiting<'a>(&'a Shared);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut looks = 0_u32;
        while self.0.running.load(Ordering::Acquire) > 0 {
            looks += 1;
            if looks < BUSY_LOOKS { std::hint::spin_loop() } else { std::thread::yield_now() }
        }
    }
}

/// A slice whose parts are lent to several threads.
struct Disjoint<'a, T> {
    start: *mut T,
    len: usize,
    lifetime: PhantomData<&'a mut [T]>,
}

// SAFETY: what is lent out does not overlap (see `range`), as with
// `split_at_mut`, whose parts may go to other threads.
unsafe impl<T: Send> Sync for Disjoint<'_, T> {}

impl<'a, T> Disjoint<'a, T> {
    fn new(slice: &'a mut [T]) -> Disjoint<'a, T> {
        Disjoint { start: slice.as_mut_ptr(), len: slice.len(), lifetime: PhantomData }
    }

    /// Lends a part.
    ///
    /// # Safety
    /// The part lies inside, and no other part lent at the same time overlaps.
    #[expect(clippy::mut_from_ref, reason = "the caller keeps the parts apart")]
    unsafe fn range(&self, start: usize, end: usize) -> &mut [T] {
        debug_assert!(start <= end && end <= self.len);
        // SAFETY: granted by the caller.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(start), end - start) }
    }
}

/// Parts of a buffer that do not overlap.
#[derive(Debug)]
pub(crate) struct Ranges {
    bounds: Vec<(usize, usize)>,
    end: usize,
    /// Which of them each thread begins with.
    queues: Vec<Queue>,
}

/// Ranges that are taken one after the other; alone in its cache lines.
#[derive(Debug)]
#[repr(align(128))]
struct Queue {
    range: Range<usize>,
    next: AtomicUsize,
}

impl Queue {
    /// Takes what nobody has taken yet.
    fn take_all(&self) -> impl Iterator<Item = usize> {
        std::iter::from_fn(|| {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            (index < self.range.end).then_some(index)
        })
    }
}

impl Ranges {
    /// Checks that parts do not overlap; each list is a thread's own.
    ///
    /// # Panics
    /// If two do.
    pub(crate) fn new(lists: impl IntoIterator<Item = Vec<Range<usize>>>) -> Ranges {
        let mut bounds: Vec<(usize, usize)> = Vec::new();
        let queues = lists.into_iter().map(|list| {
            let first = bounds.len();
            bounds.extend(list.into_iter().map(|range| (range.start, range.end)));
            Queue { range: first..bounds.len(), next: AtomicUsize::new(first) }
        });
        let queues = queues.collect();
        let mut sorted = bounds.clone();
        sorted.sort_unstable();
        assert!(sorted.iter().all(|&(start, end)| start <= end), "a range ends after its start");
        assert!(sorted.windows(2).all(|pair| pair[0].1 <= pair[1].0), "ranges do not overlap");
        let end = sorted.last().map_or(0, |&(_, end)| end);
        Ranges { bounds, end, queues }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_and_range_is_visited_once() {
        for threads in [1, 2, 3, 8] {
            let mut pool = Pool::new(threads);
            for round in 0..200 {
                let mut items = vec![0; 13];
                pool.for_each(&mut items, |index, item| *item += index + round);
                assert!(items.iter().enumerate().all(|(index, &item)| item == index + round));
                let lists = [vec![5..9, 3..3], vec![0..2, 2..2, 9..10]];
                let mut ranges = Ranges::new(lists);
                let mut one = vec![0; 12];
                let mut two = vec![0; 10];
                let mut locals = vec![0; threads];
                let buffers = [&mut one[..], &mut two[..], &mut []];
                pool.for_each_range(
                    &mut ranges,
                    buffers,
                    &mut locals,
                    |local, index, [a, b, c]| {
                        *local += 1;
                        assert!(c.is_empty());
                        a.iter_mut().chain(b).for_each(|x| *x += index + 1);
                    },
                );
                assert_eq!(one, [3, 3, 0, 0, 0, 1, 1, 1, 1, 5, 0, 0]);
                assert_eq!(two, one[..10]);
                assert_eq!(locals.iter().sum::<usize>(), 5);
            }
        }
    }

    #[test]
    #[should_panic(expected = "ranges do not overlap")]
    fn overlapping_ranges_are_refused() {
        Ranges::new([vec![0..3, 4..4], vec![2..4, 5..5]]);
    }

    #[test]
    #[should_panic(expected = "a thread of the engine panicked")]
    fn a_panic_of_another_thread_reaches_the_caller() {
        Pool::new(2).for_each(&mut [0, 1], |index, _| assert_eq!(index, 0));
    }
}

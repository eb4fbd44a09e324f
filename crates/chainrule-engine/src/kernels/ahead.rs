//! Memory that will be read soon, asked for while other work is done.
//!
//! A processor sees far reads only a few hundred operations ahead; a kernel
//! knows what comes after its tiles. It asks for a little at a time: there is
//! room for some twenty lines on their way.

/// Bytes that stay near: half a megabyte, the smallest second-level cache of the
/// processors that this is for.
pub(crate) const NEAR_BYTES: usize = 1 << 19;

/// Bytes of a line of the caches: what is asked for at once.
const LINE_BYTES: usize = 64;

/// Asks for `count` numbers. They need not exist.
#[inline(always)]
pub(super) fn prefetch<T>(from: *const T, count: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        for line in 0..(count * size_of::<T>()).div_ceil(LINE_BYTES) {
            let at = from.cast::<i8>().wrapping_add(line * LINE_BYTES);
            // SAFETY: every processor of this architecture has the instruction,
            // which does nothing where an address is not the program's.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(at) };
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (from, count);
}

/// Buffers to be asked for, in even parts.
pub(super) struct Ahead<'a, T> {
    buffers: &'a [&'a [T]],
    /// Numbers of the first buffer that were asked for.
    asked: usize,
    /// Numbers of a part: whole lines.
    part: usize,
}

impl<'a, T> Ahead<'a, T> {
    /// Shares out buffers over so many parts.
    #[inline(always)]
    pub(super) fn new(buffers: &'a [&'a [T]], parts: usize) -> Ahead<'a, T> {
        let numbers: usize = buffers.iter().map(|buffer| buffer.len()).sum();
        let line = LINE_BYTES / size_of::<T>();
        Ahead { buffers, asked: 0, part: numbers.div_ceil(parts).next_multiple_of(line) }
    }

    /// Asks for the next part.
    #[inline(always)]
    pub(super) fn ask(&mut self) {
        let Some((first, rest)) = self.buffers.split_first() else { return };
        let part = &first[self.asked..first.len().min(self.asked + self.part)];
        prefetch(part.as_ptr(), part.len());
        self.asked += part.len();
        if self.asked == first.len() {
            (self.buffers, self.asked) = (rest, 0);
        }
    }
}

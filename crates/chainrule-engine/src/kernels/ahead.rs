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

/// Numbers to be asked for, in even parts.
pub(super) struct Ahead<T, const COUNT: usize> {
    /// Where they lie, and how many there are in a row. They need not exist.
    buffers: [(*const T, usize); COUNT],
    /// The buffer that is asked for.
    current: usize,
    /// Numbers of a part: whole lines.
    part: usize,
}

impl<T, const COUNT: usize> Ahead<T, COUNT> {
    /// Shares out buffers over so many parts.
    #[inline(always)]
    pub(super) fn new(buffers: [(*const T, usize); COUNT], parts: usize) -> Ahead<T, COUNT> {
        let numbers: usize = buffers.iter().map(|(_, count)| count).sum();
        let line = LINE_BYTES / size_of::<T>();
        let part = numbers.div_ceil(parts).next_multiple_of(line);
        Ahead { buffers, current: 0, part }
    }

    /// Asks for nothing.
    #[inline(always)]
    pub(super) fn nothing() -> Ahead<T, COUNT> {
        Ahead { buffers: [(std::ptr::null(), 0); COUNT], current: COUNT, part: 0 }
    }

    /// Asks for the next part.
    #[inline(always)]
    pub(super) fn ask(&mut self) {
        while let Some((from, count)) = self.buffers.get_mut(self.current) {
            if *count > 0 {
                let part = self.part.min(*count);
                prefetch(*from, part);
                (*from, *count) = (from.wrapping_add(part), *count - part);
                return;
            }
            self.current += 1;
        }
    }
}

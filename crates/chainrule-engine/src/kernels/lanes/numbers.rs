//! Numbers that lie in memory once for each network of a group.

use crate::kernels::vector::Vector;

/// Numbers that each network of a group has.
#[derive(Clone, Copy)]
pub(super) struct Numbers<P: Vector> {
    token: P::Token,
    pub(super) start: *mut P::Element,
}

impl<P: Vector> Numbers<P> {
    #[inline(always)]
    pub(super) fn new(token: P::Token, buffer: &mut [P::Element]) -> Self {
        Numbers { token, start: buffer.as_mut_ptr() }
    }

    /// Returns those from an index on. Wrapping, because a state that the rule
    /// does not use has no numbers.
    #[inline(always)]
    pub(super) fn from(self, index: usize) -> Self {
        Numbers { start: self.start.wrapping_add(index * P::LANES), ..self }
    }

    /// Returns the number at an index.
    ///
    /// # Safety
    /// It must be there.
    #[inline(always)]
    pub(super) unsafe fn load(self, index: usize) -> P {
        // SAFETY: granted by the caller.
        unsafe { P::load(self.token, self.start.add(index * P::LANES)) }
    }

    /// Writes the number at an index.
    ///
    /// # Safety
    /// There must be room.
    #[inline(always)]
    pub(super) unsafe fn store(self, index: usize, number: P) {
        // SAFETY: granted by the caller.
        unsafe { number.store(self.start.add(index * P::LANES)) };
    }
}

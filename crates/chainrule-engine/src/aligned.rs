//! A buffer that begins on a cache line, so that no vector straddles two.

use std::ops::{Deref, DerefMut};

use crate::real::Real;

/// The size of a cache line, and of the widest vector, in bytes.
const LINE: usize = 64;

/// Numbers, the first of them at the start of a cache line.
#[derive(Debug)]
pub(crate) struct Aligned<T> {
    storage: Vec<T>,
    start: usize,
}

impl<T: Real> Aligned<T> {
    /// Makes a buffer of zeros.
    pub(crate) fn new(length: usize) -> Aligned<T> {
        Aligned::filled(T::ZERO, length)
    }
}

impl<T: Clone> Aligned<T> {
    fn filled(value: T, length: usize) -> Aligned<T> {
        let spare = LINE / size_of::<T>();
        let mut storage = vec![value; length + spare];
        // The address of a vector's storage stays when the vector is moved.
        let start = storage.as_ptr().align_offset(LINE).min(spare);
        storage.truncate(start + length);
        Aligned { storage, start }
    }
}

impl<T> Aligned<T> {
    /// Returns how many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.storage.capacity() * size_of::<T>()
    }
}

impl<T: Clone> Clone for Aligned<T> {
    fn clone(&self) -> Aligned<T> {
        // Not the storage as it is: it would begin at another address.
        let Some(first) = self.first() else {
            return Aligned { storage: Vec::new(), start: 0 };
        };
        let mut copy = Aligned::filled(first.clone(), self.len());
        copy.clone_from_slice(self);
        copy
    }
}

impl<T> Deref for Aligned<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        &self.storage[self.start..]
    }
}

impl<T> DerefMut for Aligned<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.storage[self.start..]
    }
}

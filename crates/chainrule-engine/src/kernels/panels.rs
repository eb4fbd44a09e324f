//! A matrix in panels, as a view: where it lies and how large it is.

/// A matrix in panels that is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Panels<'a, T> {
    /// The numbers, from the first of the first panel on.
    pub(crate) values: &'a [T],
    /// How many numbers lie from one panel to the next.
    pub(crate) stride: usize,
}

/// A matrix in panels that is written.
#[derive(Debug)]
pub(crate) struct PanelsMut<'a, T> {
    /// The numbers, from the first of the first panel on.
    pub(crate) values: &'a mut [T],
    /// How many numbers lie from one panel to the next.
    pub(crate) stride: usize,
}

impl<'a, T> Panels<'a, T> {
    /// Returns what begins with a row of a panel.
    ///
    /// # Panics
    /// If that lies outside.
    pub(crate) fn part(&self, panel: usize, row: usize, width: usize) -> Panels<'a, T> {
        let values = &self.values[panel * self.stride + row * width..];
        Panels { values, stride: self.stride }
    }

    /// Checks that `panels` panels of `rows` rows of `width` columns lie inside.
    #[inline(always)]
    pub(super) fn check(&self, panels: usize, rows: usize, width: usize) {
        check(self.values.len(), self.stride, panels, rows, width);
    }
}

impl<T> PanelsMut<'_, T> {
    /// Checks that `panels` panels of `rows` rows of `width` columns lie inside.
    #[inline(always)]
    pub(super) fn check(&self, panels: usize, rows: usize, width: usize) {
        check(self.values.len(), self.stride, panels, rows, width);
    }

    /// Lends the matrix for a shorter time.
    pub(crate) fn reborrow(&mut self) -> PanelsMut<'_, T> {
        PanelsMut { values: self.values, stride: self.stride }
    }
}

#[inline(always)]
fn check(length: usize, stride: usize, panels: usize, rows: usize, width: usize) {
    let needed = (panels.max(1) - 1) * stride + rows * width;
    assert!(panels > 0 && needed <= length, "a matrix lies inside its buffer");
    assert!(panels == 1 || rows * width <= stride, "panels do not overlap");
}

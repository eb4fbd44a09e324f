//! What the two products share: tiles of rows that stay in registers.
//!
//! A tile is some rows by one panel, whose rows are `N` vectors. A processor has
//! 16 registers for them, with AVX-512 32. A taller tile reads less for each
//! multiply-add.

use super::vector::Vector;
use crate::real::Real;

/// Tells whether vectors are those of AVX-512, of 64 bytes.
pub(super) const fn has_32_registers<V: Vector>() -> bool {
    V::LANES * size_of::<V::Element>() == 64
}

/// Returns how many panels, whose rows are `vectors` vectors, are best computed at once:
/// four vectors where the processor makes two multiply-adds of 512 bits in a cycle.
///
/// Six rows by four vectors take 10 reads for 24 multiply-adds, twelve by two take 14.
/// Where another thread is at work on the same core, it is reads of 512 bits that are
/// wanting. (A shared Sapphire Rapids: trainings 2 to 4 percent faster.) In halves, tall
/// tiles of one panel are best.
pub(super) fn panels_at_once<V: Vector>(vectors: usize) -> usize {
    #[cfg(target_arch = "x86_64")]
    let makes_two = !super::x86::Avx512::is_halved();
    #[cfg(not(target_arch = "x86_64"))]
    let makes_two = false;
    if has_32_registers::<V>() && makes_two { 4 / vectors } else { 1 }
}

/// Returns the most rows of a tile of `panels` panels, whose rows are `vectors` vectors.
///
/// Of 16 registers, 6 rows by 2 vectors leave 4; of 32, 12 by 2, 24 by 1 or 6 by 4
/// leave 8. Two panels of one vector have 10 rows: compilers keep the factors of all rows
/// for the second panel, and what has no register waits on the stack in each step.
pub(super) const fn tile_rows<V: Vector>(vectors: usize, panels: usize) -> usize {
    match (has_32_registers::<V>(), vectors * panels) {
        (true, 2) if panels == 2 => 10,
        (true, 1 | 2 | 4) => 24 / (vectors * panels),
        (false, 1 | 2) if panels == 1 => 12 / vectors,
        // For few rows only: one of four panels, three of two.
        _ => 6 / panels,
    }
}

/// Runs a tile whose height `R` is known only now.
macro_rules! of_height {
    ($rows:expr, $height:ident => $run:expr) => {
        of_height!(@each $rows, $height => $run;
            1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24)
    };
    (@each $rows:expr, $height:ident => $run:expr; $($number:literal)*) => {
        match $rows {
            $($number => {
                const $height: usize = $number;
                $run
            })*
            _ => unreachable!("no tile is taller"),
        }
    };
}

pub(super) use of_height;

/// Reads a row of a panel.
///
/// # Safety
/// Its `N` vectors must be readable.
#[inline(always)]
pub(super) unsafe fn load_row<V: Vector, const N: usize>(
    token: V::Token,
    from: *const V::Element,
) -> [V; N] {
    let mut row = [V::splat(token, V::Element::ZERO); N];
    for (n, vector) in row.iter_mut().enumerate() {
        // SAFETY: the caller grants it.
        *vector = unsafe { V::load(token, from.add(n * V::LANES)) };
    }
    row
}

/// Writes a row of a panel.
///
/// # Safety
/// Its `N` vectors must be writable.
#[inline(always)]
pub(super) unsafe fn store_row<V: Vector, const N: usize>(row: [V; N], to: *mut V::Element) {
    for (n, vector) in row.into_iter().enumerate() {
        // SAFETY: the caller grants it.
        unsafe { vector.store(to.add(n * V::LANES)) };
    }
}

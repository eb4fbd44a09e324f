//! The fast inner loops, and the only `unsafe` of the engine.
//!
//! Every kernel is written once over [`Vector`](vector::Vector) and compiled
//! for each instruction set; [`Isa`] says which one runs. What goes in and out
//! is slices whose lengths are checked here, so that the functions of this
//! module are safe to call with anything.
//!
//! # Panels
//!
//! A matrix lies in *panels* of as many columns as a kernel computes at once
//! (16 singles or 8 doubles with AVX2): panel after panel, in each row after
//! row. Weights lie transposed: row `i` of a layer's panel `p` holds the
//! weights from `i` to the neurons of panel `p`, and the row after the last
//! holds their biases. So every kernel reads and writes memory in order, and
//! nothing is packed while training runs.
//!
//! # Same bits
//!
//! Every output of a product is one chain of multiply-adds in the order of the
//! inner index, whatever rows and columns are computed beside it. A row of a
//! batch therefore has the same bits alone, and work may be split over threads
//! in any way that leaves a chain whole.

#![expect(unsafe_code, reason = "the one place for it; every block says why it is sound")]
#![expect(
    clippy::inline_always,
    reason = "what is not inlined is not compiled for the kernel's instruction set"
)]
#![expect(
    clippy::needless_pass_by_value,
    reason = "a kernel takes its matrices as its plain twin does, by value"
)]
#![expect(clippy::too_many_arguments, reason = "each is a matrix or a size of its own")]

use std::sync::OnceLock;

use crate::architecture::Architecture;

/// Defines a kernel: a function that runs `$body` compiled for the set asked
/// for. The body must be `#[inline(always)]`, as must all it calls.
///
/// A body `of rows` also takes the number of vectors that a panel's row is
/// computed in: two, or one of AVX-512 in halves. A body `of flat` buffers, whose
/// numbers may lie in any vector, takes those of AVX-512 there, too.
macro_rules! kernel {
    (
        $(#[$meta:meta])*
        $visibility:vis fn $name:ident<T>($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)?
            = $body:ident $(of $rows:ident)?
    ) => {
        $(#[$meta])*
        #[inline]
        $visibility fn $name<T: $crate::real::Real>(
            isa: $crate::kernels::Isa, $($argument: $type),*
        ) $(-> $result)? {
            use $crate::kernels::Isa;
            use $crate::kernels::vector::PlainToken;
            #[cfg(target_arch = "x86_64")]
            use $crate::kernels::x86;
            #[cfg(target_arch = "aarch64")]
            use $crate::kernels::neon;

            // Apart, as the others are: a caller saves no registers for it.
            #[inline(never)]
            fn plain<T: $crate::real::Real>($($argument: $type),*) $(-> $result)? {
                kernel!(@body $body, T::Plain, 2 $(of $rows)?)(PlainToken, $($argument),*)
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            fn avx2<T: $crate::real::Real>(token: x86::Avx2, $($argument: $type),*) $(-> $result)? {
                kernel!(@body $body, T::Avx2, 2 $(of $rows)?)(token, $($argument),*)
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx2,fma")]
            fn avx512<T: $crate::real::Real>(
                token: x86::Avx512, $($argument: $type),*
            ) $(-> $result)? {
                kernel!(@body $body, T::Avx512, 2 $(of $rows)?)(token, $($argument),*)
            }
            kernel!(@halves $body, ($($argument: $type),*) $(-> $result)?; $($rows)?);
            #[cfg(target_arch = "aarch64")]
            #[target_feature(enable = "neon")]
            fn neon<T: $crate::real::Real>(token: neon::Neon, $($argument: $type),*) $(-> $result)? {
                kernel!(@body $body, T::Neon, 2 $(of $rows)?)(token, $($argument),*)
            }

            match isa {
                Isa::Plain => plain::<T>($($argument),*),
                #[cfg(test)]
                Isa::PlainFused => {
                    kernel!(@body $body, T::PlainFused, 2 $(of $rows)?)(PlainToken, $($argument),*)
                }
                // SAFETY: the token proves that the processor has the set.
                #[cfg(target_arch = "x86_64")]
                Isa::Avx2(token) => unsafe { avx2::<T>(token, $($argument),*) },
                // SAFETY: the token proves that the processor has the set.
                #[cfg(target_arch = "x86_64")]
                Isa::Avx512Halves(token) => unsafe { halves::<T>(token, $($argument),*) },
                // SAFETY: the token proves that the processor has the set.
                #[cfg(target_arch = "x86_64")]
                Isa::Avx512(token) => unsafe { avx512::<T>(token, $($argument),*) },
                // SAFETY: the token proves that the processor has the set.
                #[cfg(target_arch = "aarch64")]
                Isa::Neon(token) => unsafe { neon::<T>(token, $($argument),*) },
            }
        }
    };
    (@body $body:ident, $vector:ty, $vectors:literal) => { $body::<$vector> };
    (@body $body:ident, $vector:ty, $vectors:literal of flat) => { $body::<$vector> };
    (@body $body:ident, $vector:ty, $vectors:literal of rows) => { $body::<$vector, $vectors> };
    (@halves $body:ident, ($($argument:ident: $type:ty),*) $(-> $result:ty)?; ) => {
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2,fma")]
        fn halves<T: $crate::real::Real>(token: x86::Avx512, $($argument: $type),*) $(-> $result)? {
            avx2::<T>(token.into(), $($argument),*)
        }
    };
    (@halves $body:ident, ($($argument:ident: $type:ty),*) $(-> $result:ty)?; flat) => {
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx512f,avx2,fma")]
        fn halves<T: $crate::real::Real>(token: x86::Avx512, $($argument: $type),*) $(-> $result)? {
            avx512::<T>(token, $($argument),*)
        }
    };
    (@halves $body:ident, ($($argument:ident: $type:ty),*) $(-> $result:ty)?; rows) => {
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx512f,avx2,fma")]
        fn halves<T: $crate::real::Real>(token: x86::Avx512, $($argument: $type),*) $(-> $result)? {
            $body::<T::Avx512, 1>(token, $($argument),*)
        }
    };
}

mod activate;
mod ahead;
mod gradient;
mod lanes;
mod math;
#[cfg(target_arch = "aarch64")]
mod neon;
mod online;
mod output;
mod pair;
mod panels;
mod peak;
#[cfg(any(test, not(target_arch = "x86_64")))]
mod plain;
mod pool;
mod product;
mod rows;
#[cfg(test)]
mod subnormal;
mod tile;
mod transpose;
#[cfg(test)]
mod twins;
mod update;
mod vector;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(crate) use activate::{activate, multiply};
pub(crate) use ahead::NEAR_BYTES;
pub(crate) use gradient::{column_sums, gradient};
pub(crate) use lanes::{Lanes, steps_side_by_side};
pub(crate) use math::Series;
pub(crate) use online::{Online, Run, STEPS, online_steps, predict_one};
pub(crate) use output::{Ending, Term, output_deltas, softmax};
pub(crate) use panels::{Panels, PanelsMut};
pub(crate) use peak::{multiply_adds, read, roots, sigmoids};
pub(crate) use pool::{Pool, Ranges};
pub(crate) use product::{End, INNER_BLOCK, Left, Start, product};
pub(crate) use rows::{collect, scatter};
pub(crate) use transpose::transpose;
pub(crate) use update::{Adjustment, Rule, all_finite, sum_of_squares, update};

use vector::{PlainToken, Vector};

/// The instruction set that kernels run on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Isa {
    /// Any processor: SSE2 of x86-64, arrays elsewhere.
    Plain,
    /// Any processor, in arrays, with every multiply-add rounded once: the twin of the
    /// others in tests, slow where the processor lacks it.
    #[cfg(test)]
    PlainFused,
    /// x86-64 with AVX2 and FMA.
    #[cfg(target_arch = "x86_64")]
    Avx2(x86::Avx2),
    /// x86-64 with AVX-512: AVX2, but products in tiles that need its 32 registers.
    /// For processors that make 512 bits in halves, and for narrow networks.
    #[cfg(target_arch = "x86_64")]
    Avx512Halves(x86::Avx512),
    /// x86-64 with AVX-512.
    #[cfg(target_arch = "x86_64")]
    Avx512(x86::Avx512),
    /// 64-bit ARM.
    #[cfg(target_arch = "aarch64")]
    Neon(neon::Neon),
}

impl Isa {
    /// Returns the best instruction set of this machine for a network.
    ///
    /// AVX-512 has panels twice as wide as AVX2, and half of a last one may be columns
    /// that nobody asked for. Narrow panels take up to a fifth longer for as many
    /// columns (measured on Sapphire Rapids).
    pub(crate) fn of_network<T: VectorTypes>(network: &Architecture) -> Isa {
        let best = Isa::detect();
        #[cfg(target_arch = "x86_64")]
        if let Isa::Avx512(token) = best {
            let narrow = Isa::Avx512Halves(token);
            let work = |isa: Isa| -> usize {
                let layers = network.layers().iter().enumerate();
                let columns = |width: usize| width.next_multiple_of(isa.panel_width::<T>());
                layers.map(|(l, layer)| network.input_width(l) * columns(layer.width)).sum()
            };
            if work(narrow) * 6 <= work(best) * 5 {
                return narrow;
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = network;
        best
    }

    /// Returns the instruction set of this machine that is best for most networks.
    pub(crate) fn detect() -> Isa {
        static BEST: OnceLock<Isa> = OnceLock::new();
        *BEST.get_or_init(|| {
            let is_worth_it = |isa: &Isa| match isa {
                #[cfg(target_arch = "x86_64")]
                Isa::Avx512(_) => !x86::Avx512::is_halved(),
                _ => true,
            };
            let mut sets = Isa::all().into_iter().flatten().rev().filter(is_worth_it);
            sets.next().expect("plain arithmetic is always there")
        })
    }

    /// Returns the set with the widest vectors: the best for networks side by
    /// side, one a lane.
    pub(crate) fn widest() -> Isa {
        Isa::all().into_iter().flatten().last().expect("plain arithmetic is always there")
    }

    /// Returns the sets this machine has, the widest last.
    pub(crate) fn all() -> [Option<Isa>; 5] {
        #[cfg(target_arch = "x86_64")]
        let wide = [
            x86::Avx2::detect().map(Isa::Avx2),
            x86::Avx512::detect().map(Isa::Avx512Halves),
            x86::Avx512::detect().map(Isa::Avx512),
        ];
        #[cfg(target_arch = "aarch64")]
        let wide = [neon::Neon::detect().map(Isa::Neon), None, None];
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        let wide = [None, None, None];
        #[cfg(test)]
        let fused = Some(Isa::PlainFused);
        #[cfg(not(test))]
        let fused = None;
        [fused, Some(Isa::Plain), wide[0], wide[1], wide[2]]
    }

    /// Returns its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Isa::Plain if cfg!(target_arch = "x86_64") => "SSE2",
            Isa::Plain => "plain",
            #[cfg(test)]
            Isa::PlainFused => "plain, fused",
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2(_) => "AVX2",
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512Halves(_) => "AVX-512 in halves",
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512(_) => "AVX-512",
            #[cfg(target_arch = "aarch64")]
            Isa::Neon(_) => "NEON",
        }
    }

    /// Returns how many columns a panel of numbers of type `T` has.
    pub(crate) fn panel_width<T: VectorTypes>(self) -> usize {
        fn width<V: Vector>() -> usize {
            2 * V::LANES
        }
        match self {
            Isa::Plain => width::<T::Plain>(),
            #[cfg(test)]
            Isa::PlainFused => width::<T::PlainFused>(),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2(_) | Isa::Avx512Halves(_) => width::<T::Avx2>(),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512(_) => width::<T::Avx512>(),
            #[cfg(target_arch = "aarch64")]
            Isa::Neon(_) => width::<T::Neon>(),
        }
    }
}

/// The vectors of a kind of number, one for each instruction set.
pub trait VectorTypes: Sized {
    #[doc(hidden)]
    type Plain: Vector<Element = Self, Token = PlainToken>;
    #[cfg(test)]
    type PlainFused: Vector<Element = Self, Token = PlainToken>;
    #[doc(hidden)]
    #[cfg(target_arch = "x86_64")]
    type Avx2: Vector<Element = Self, Token = x86::Avx2>;
    #[doc(hidden)]
    #[cfg(target_arch = "x86_64")]
    type Avx512: Vector<Element = Self, Token = x86::Avx512>;
    #[doc(hidden)]
    #[cfg(target_arch = "aarch64")]
    type Neon: Vector<Element = Self, Token = neon::Neon>;
}

impl VectorTypes for f32 {
    #[cfg(target_arch = "x86_64")]
    type Plain = x86::F32x4;
    #[cfg(not(target_arch = "x86_64"))]
    type Plain = plain::Plain<f32, 8, false>;
    #[cfg(test)]
    type PlainFused = plain::Plain<f32, 8, true>;
    #[cfg(target_arch = "x86_64")]
    type Avx2 = x86::F32x8;
    #[cfg(target_arch = "x86_64")]
    type Avx512 = x86::F32x16;
    #[cfg(target_arch = "aarch64")]
    type Neon = neon::F32x4;
}

impl VectorTypes for f64 {
    #[cfg(target_arch = "x86_64")]
    type Plain = x86::F64x2;
    #[cfg(not(target_arch = "x86_64"))]
    type Plain = plain::Plain<f64, 4, false>;
    #[cfg(test)]
    type PlainFused = plain::Plain<f64, 4, true>;
    #[cfg(target_arch = "x86_64")]
    type Avx2 = x86::F64x4;
    #[cfg(target_arch = "x86_64")]
    type Avx512 = x86::F64x8;
    #[cfg(target_arch = "aarch64")]
    type Neon = neon::F64x2;
}

//! Two vectors as one: twice the lanes, and two chains of operations that do
//! not wait for each other.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::vector::Vector;

/// The lanes of the first vector, then those of the second.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair<V>(V, V);

macro_rules! operators {
    ($($trait:ident $method:ident)*) => {
        $(impl<V: Vector> $trait for Pair<V> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Pair(self.0.$method(other.0), self.1.$method(other.1))
            }
        })*
    };
}

operators!(Add add Sub sub Mul mul Div div);

impl<V: Vector> Neg for Pair<V> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Pair(-self.0, -self.1)
    }
}

impl<V: Vector> Vector for Pair<V> {
    type Element = V::Element;
    type Token = V::Token;
    const LANES: usize = 2 * V::LANES;

    #[inline(always)]
    fn splat(token: V::Token, value: V::Element) -> Self {
        Pair(V::splat(token, value), V::splat(token, value))
    }

    #[inline(always)]
    unsafe fn load(token: V::Token, from: *const V::Element) -> Self {
        // SAFETY: the caller grants the lanes of both.
        unsafe { Pair(V::load(token, from), V::load(token, from.add(V::LANES))) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut V::Element) {
        // SAFETY: the caller grants the lanes of both.
        unsafe {
            self.0.store(to);
            self.1.store(to.add(V::LANES));
        }
    }

    #[inline(always)]
    fn constant(self, value: f64) -> Self {
        Pair(self.0.constant(value), self.1.constant(value))
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, summand: Self) -> Self {
        Pair(self.0.mul_add(factor.0, summand.0), self.1.mul_add(factor.1, summand.1))
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        Pair(self.0.sqrt(), self.1.sqrt())
    }

    #[inline(always)]
    fn abs(self) -> Self {
        Pair(self.0.abs(), self.1.abs())
    }

    #[inline(always)]
    fn with_sign_of(self, sign: Self) -> Self {
        Pair(self.0.with_sign_of(sign.0), self.1.with_sign_of(sign.1))
    }

    #[inline(always)]
    fn or_greater(self, other: Self) -> Self {
        Pair(self.0.or_greater(other.0), self.1.or_greater(other.1))
    }

    #[inline(always)]
    fn or_smaller(self, other: Self) -> Self {
        Pair(self.0.or_smaller(other.0), self.1.or_smaller(other.1))
    }

    #[inline(always)]
    fn when_positive(self, yes: Self, no: Self) -> Self {
        Pair(self.0.when_positive(yes.0, no.0), self.1.when_positive(yes.1, no.1))
    }

    #[inline(always)]
    fn power_of_two(self) -> Self {
        Pair(self.0.power_of_two(), self.1.power_of_two())
    }

    #[inline(always)]
    fn rough_minus_reciprocal(self) -> Self {
        Pair(self.0.rough_minus_reciprocal(), self.1.rough_minus_reciprocal())
    }

    #[inline(always)]
    fn sum(self) -> V::Element {
        (self.0 + self.1).sum()
    }

    #[inline(always)]
    fn greatest(self) -> V::Element {
        self.0.or_greater(self.1).greatest()
    }
}

"""Computes the polynomials of `kernels/math.rs` for the normal tail.

G(t) = (z + K)·exp(z²/2)·Φ(-z) with t = (z - K)/(z + K) is smooth for all z >= 0
(Shepherd & Laframboise, "Chebyshev approximation of (1+2x)exp(x²)erfc x",
Mathematics of Computation 36, 1981, use the same variable). Needs mpmath.
"""

from mpmath import chebyfit, erfc, exp, mp, mpf, nstr, polyval, sqrt

mp.dps = 60
K = mpf("3.75")


def scaled_tail(t):
    z = K * (1 + t) / (1 - t)
    return (z + K) * exp(z * z / 2) * erfc(z / sqrt(mpf(2))) / 2


for name, largest, count, digits in (("f32", "14.5", 9, 9), ("f64", "39", 22, 17)):
    end = (mpf(largest) - K) / (mpf(largest) + K)
    coefficients = chebyfit(scaled_tail, [-1, end], count)
    points = [-1 + (end + 1) * i / 2000 for i in range(2001)]
    worst = max(abs(polyval(coefficients, t) / scaled_tail(t) - 1) for t in points)
    print(f"{name}, 0 <= z <= {largest}: relative error {nstr(worst, 3)}, constant first:")
    for coefficient in reversed(coefficients):
        print("   ", nstr(coefficient, digits))

"""Computes the polynomials of `kernels/math.rs` for the exponential.

e^r = 1 + r + r²·P(r) for |r| <= ln 2 / 2, and a little more because r is what
rounding leaves. P has the least largest relative error of e^r (Remez' exchange);
1 + r is left as it is, so that e^r - 1 is exact near zero. Needs mpmath.
"""

from mpmath import cos, exp, expm1, factorial, log, lu_solve, matrix, mp, mpf, nstr, pi, polyval

mp.dps = 50
END = log(2) / 2 * mpf("1.001")
GRID = [END * k / 3000 for k in range(-3000, 3001) if k != 0]


def exact(r):
    if abs(r) < mpf("1e-8"):
        return sum(r**k / factorial(k + 2) for k in range(8))
    return (expm1(r) - r) / r**2


def weight(r):
    return r**2 / exp(r)


def error(coefficients, r):
    return (polyval(coefficients[::-1], r) - exact(r)) * weight(r)


def alternating_extremes(coefficients, count):
    """The largest errors between changes of sign, the `count` of them that matter."""
    extremes = []
    for r in GRID:
        found = error(coefficients, r)
        if not extremes or (found > 0) != (extremes[-1][0] > 0):
            extremes.append((found, r))
        elif abs(found) > abs(extremes[-1][0]):
            extremes[-1] = (found, r)
    while len(extremes) > count:
        extremes.pop(0 if abs(extremes[0][0]) < abs(extremes[-1][0]) else -1)
    return [r for _, r in extremes]


def polynomial(count):
    points = [-END * cos(pi * (k + mpf("0.01")) / count) for k in range(count + 1)]
    for _ in range(30):
        system = matrix(count + 1, count + 1)
        for row, r in enumerate(points):
            for power in range(count):
                system[row, power] = r**power
            system[row, count] = (-1) ** row / weight(r)
        solution = lu_solve(system, matrix([exact(r) for r in points]))
        coefficients = list(solution)[:count]
        points = alternating_extremes(coefficients, count + 1)
    return coefficients


for name, count, digits in (("f32", 5, 9), ("f64", 10, 17)):
    coefficients = [mpf(nstr(c, digits)) for c in polynomial(count)]
    worst = max(abs(error(coefficients, r)) for r in GRID)
    print(f"{name}: relative error of e^r {nstr(worst, 3)}, constant first:")
    for coefficient in coefficients:
        print("   ", float(coefficient))

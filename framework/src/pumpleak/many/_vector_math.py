"""exp, expm1 and log of vectors without branches, as text in LLVM's intermediate language.

Exponential: x = n ln 2 + r with |r| <= ln 2/2; exp(r) by a polynomial of degree 11; 2^n by adding
n to the exponent bits. Logarithm: x = 2^n m with sqrt(1/2) <= m < sqrt(2); log(m) by a polynomial
in ((m - 1)/(m + 1))^2. The coefficients interpolate at Chebyshev's points, computed with 60
digits; the polynomials are right to 2e-17. Arguments of exp are held within +-690, so that results
are neither zero nor infinite. What is no number stays none.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

#: (exp(r) - 1 - r)/r^2, lowest power first.
_EXP = (
    0.5000000000000001, 0.16666666666666669, 0.04166666666662413, 0.008333333333330062,
    0.0013888888917213717, 0.00019841269863053618, 2.4801521295954376e-05,
    2.7557268459997064e-06, 2.7620088445409746e-07, 2.510038549551032e-08,
)  # fmt: skip
#: (2 artanh(s)/s - 2)/s^2 in s^2, lowest power first.
_LOG = (
    0.666666666666667, 0.3999999999989889, 0.28571428626253836, 0.22222211089379496,
    0.1818289243253687, 0.15331611722055008, 0.14617807153417325,
)  # fmt: skip
_LN2_HIGH, _LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
_PER_LN2 = 1.4426950408889634
_REACH = 690.0
#: Adding it rounds a double to a whole number, which then stands in the lowest bits.
_ROUNDER = 6755399441055744.0
_SQRT_HALF = 0.7071067811865476


def number(value: float) -> str:
    """Return a double as LLVM reads it to the last bit."""
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"


class Lines:
    """Straight-line code on vectors of doubles.

    Args:
        width: doubles in a vector.
        prefix: of every name that is made.
        approximate: whether the processor has AVX-512's approximate reciprocals.
    """

    def __init__(self, width: int, prefix: str, *, approximate: bool = False) -> None:
        self.width, self.prefix, self.approximate = width, prefix, approximate
        self.text: list[str] = []
        self.count = 0
        self.kind = f"<{width} x double>"
        self.whole = f"<{width} x i64>"
        self.mask = f"<{width} x i1>"

    def name(self) -> str:
        self.count += 1
        return f"%{self.prefix}{self.count}"

    def put(self, text: str) -> str:
        """Add an instruction; return the name of what it makes."""
        name = self.name()
        self.text.append(f"{name} = {text}")
        return name

    def const(self, value: float) -> str:
        return f"splat (double {number(value)})"

    def integer(self, value: int) -> str:
        return f"splat (i64 {value})"

    def binary(self, operation: str, a: str, b: str) -> str:
        """Add fadd, fsub, fmul or fdiv; products and sums may become one operation."""
        return self.put(f"{operation} contract {self.kind} {a}, {b}")

    def plus(self, a: str, b: str) -> str:
        return self.binary("fadd", a, b)

    def minus(self, a: str, b: str) -> str:
        return self.binary("fsub", a, b)

    def times(self, a: str, b: str) -> str:
        return self.binary("fmul", a, b)

    def over(self, a: str, b: str) -> str:
        return self.binary("fdiv", a, b)

    def fused(self, a: str, b: str, c: str) -> str:
        """Return a b + c, rounded once where the machine can."""
        return self.put(
            f"call {self.kind} @llvm.fmuladd.v{self.width}f64"
            f"({self.kind} {a}, {self.kind} {b}, {self.kind} {c})"
        )

    def inverse(self, a: str) -> str:
        """Return 1/a; by Newton's steps from an approximation where the processor has one.

        Two steps double the 14 bits twice. Of zero and infinity they make no number, which a
        division would have kept apart; no equation that rests has them.
        """
        if not self.approximate:
            return self.over(self.const(1.0), a)
        parts = []
        for part in range(0, self.width, 8):
            lanes = ", ".join(f"i32 {lane}" for lane in range(part, part + 8))
            piece = self.put(
                f"shufflevector {self.kind} {a}, {self.kind} poison, <8 x i32> <{lanes}>"
            )
            parts.append(
                self.put(
                    "call <8 x double> @llvm.x86.avx512.rcp14.pd.512(<8 x double> "
                    f"{piece}, <8 x double> zeroinitializer, i8 -1)"
                )
            )
        guess = parts[0]
        for count, following in enumerate(parts[1:], start=1):
            # Vectors are joined pairwise; a kernel's is one or two of the processor's.
            lanes = ", ".join(f"i32 {lane}" for lane in range(8 * (count + 1)))
            guess = self.put(
                f"shufflevector <{8 * count} x double> {guess}, "
                f"<{8 * count} x double> {following}, "
                f"<{8 * (count + 1)} x i32> <{lanes}>"
            )
        minus = self.put(f"fneg {self.kind} {a}")
        for _ in range(2):
            error = self.fused(minus, guess, self.const(1.0))
            guess = self.fused(guess, error, guess)
        return guess

    def compare(self, test: str, a: str, b: str) -> str:
        return self.put(f"fcmp {test} {self.kind} {a}, {b}")

    def select(self, mask: str, a: str, b: str) -> str:
        return self.put(f"select {self.mask} {mask}, {self.kind} {a}, {self.kind} {b}")

    def least(self, a: str, b: str) -> str:
        """Return the smaller; what is no number in `b` stays."""
        return self.select(self.compare("olt", a, b), a, b)

    def most(self, a: str, b: str) -> str:
        """Return the larger; what is no number in `b` stays."""
        return self.select(self.compare("ogt", a, b), a, b)

    def unary(self, intrinsic: str, a: str) -> str:
        return self.put(f"call {self.kind} @llvm.{intrinsic}.v{self.width}f64({self.kind} {a})")

    def polynomial(self, x: str, coefficients: Sequence[float]) -> str:
        """Return a polynomial by Estrin's scheme: short chains keep the machine busy."""
        terms = [self.const(value) for value in coefficients]
        power = x
        while len(terms) > 1:
            paired = [
                self.fused(terms[i + 1], power, terms[i]) if i + 1 < len(terms) else terms[i]
                for i in range(0, len(terms), 2)
            ]
            terms = paired
            if len(terms) > 1:
                power = self.times(power, power)
        return terms[0]

    def _reduced(self, x: str) -> tuple[str, str, str]:
        """Return (exp(r) - 1, n as bits to add to an exponent, 2^n)."""
        x = self.most(self.const(-_REACH), self.least(self.const(_REACH), x))
        shifted = self.fused(x, self.const(_PER_LN2), self.const(_ROUNDER))
        n = self.minus(shifted, self.const(_ROUNDER))
        r = self.fused(n, self.const(-_LN2_HIGH), x)
        r = self.fused(n, self.const(-_LN2_LOW), r)
        tail = self.polynomial(r, _EXP)
        grown = self.fused(self.times(r, r), tail, r)
        bits = self.put(f"bitcast {self.kind} {shifted} to {self.whole}")
        return grown, self.put(f"shl {self.whole} {bits}, {self.integer(52)}"), n

    def exp(self, x: str) -> str:
        grown, bits, _ = self._reduced(x)
        near_one = self.plus(grown, self.const(1.0))
        raw = self.put(f"bitcast {self.kind} {near_one} to {self.whole}")
        scaled = self.put(f"add {self.whole} {raw}, {bits}")
        return self.put(f"bitcast {self.whole} {scaled} to {self.kind}")

    def expm1(self, x: str) -> str:
        grown, bits, _ = self._reduced(x)
        one = self.put(f"bitcast {self.kind} {self.const(1.0)} to {self.whole}")
        power = self.put(f"add {self.whole} {one}, {bits}")
        scale = self.put(f"bitcast {self.whole} {power} to {self.kind}")
        return self.fused(scale, grown, self.minus(scale, self.const(1.0)))

    def log(self, x: str) -> str:
        bits = self.put(f"bitcast {self.kind} {x} to {self.whole}")
        half = self.put(f"bitcast {self.kind} {self.const(_SQRT_HALF)} to {self.whole}")
        # Distance of the bits from sqrt(1/2), whole exponents: n.
        away = self.put(f"sub {self.whole} {bits}, {half}")
        n_bits = self.put(f"ashr {self.whole} {away}, {self.integer(52)}")
        back = self.put(f"shl {self.whole} {n_bits}, {self.integer(52)}")
        m_bits = self.put(f"sub {self.whole} {bits}, {back}")
        m = self.put(f"bitcast {self.whole} {m_bits} to {self.kind}")
        n = self._to_double(n_bits)
        f = self.minus(m, self.const(1.0))
        s = self.times(f, self.inverse(self.plus(m, self.const(1.0))))
        z = self.times(s, s)
        tail = self.times(self.times(s, z), self.polynomial(z, _LOG))
        value = self.fused(self.const(2.0), s, tail)
        value = self.fused(n, self.const(_LN2_LOW), value)
        value = self.fused(n, self.const(_LN2_HIGH), value)
        zero = self.compare("oeq", x, self.const(0.0))
        value = self.select(zero, self.const(float("-inf")), value)
        positive = self.compare("oge", x, self.const(0.0))
        return self.select(positive, value, self.const(float("nan")))

    def _to_double(self, small: str) -> str:
        """Return small whole numbers as doubles, without a conversion that few machines have."""
        rounder = self.put(f"bitcast {self.kind} {self.const(_ROUNDER)} to {self.whole}")
        moved = self.put(f"add {self.whole} {rounder}, {small}")
        value = self.put(f"bitcast {self.whole} {moved} to {self.kind}")
        return self.minus(value, self.const(_ROUNDER))

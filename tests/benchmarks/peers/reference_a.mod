TITLE reference membrane A: clamped ions, one unknown, all gates at their steady state

NEURON {
    SUFFIX refa
    NONSPECIFIC_CURRENT i
    RANGE PK, PNa, gCl, Imax, Kout, charge, half
}

PARAMETER {
    PK = 1e-6 (cm/s)
    PNa = 4e-8 (cm/s)
    gCl = 0.02
    Imax = 1.5
    Kout = 4 (mM)
    charge = 0.2
    half = -40 (mV)
}

ASSIGNED {
    v (mV)
    i (mA/cm2)
}

BREAKPOINT {
    LOCAL VT, F, u, e, drive, k2p, nalcn, clc, pump, sigma
    VT = 8.314462618 * 310.15 / 96485.33212 * 1000
    F = 96485.33212
    u = v / VT
    e = exp(-u)
    drive = F * u * (140 - Kout * e) / (1 - e)
    k2p = PK * drive / (1 + exp(-charge * (v - half) / VT))
    nalcn = PNa * F * u * (15 - 145 * e) / (1 - e) + PNa / 1.1 * drive
    clc = gCl / (1 + exp((v + 90) / VT)) * (v + VT * log(110 / 8))
    sigma = (exp(145 / 67.3) - 1) / 7
    pump = Imax / (1 + (10 / 15) ^ 1.5) * Kout / (Kout + 1.5) / (1 + 0.1245 * exp(-0.1 * u) + 0.0365 * sigma * e)
    i = 1e-3 * (k2p + nalcn + clc + pump)
}

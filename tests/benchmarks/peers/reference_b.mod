TITLE reference membrane B: sodium, potassium, chloride and volume move; voltage is NEURON's own

NEURON {
    SUFFIX refb
    NONSPECIFIC_CURRENT i
    RANGE gNa, gK, gCl, gKCC2, Ip, Kout, nNa0, nK0, nCl0, w0
}

PARAMETER {
    gNa = 0.02
    gK = 0.35
    gCl = 0.2
    gKCC2 = 0.02
    Ip = 1000
    Kout = 3.5 (mM)
    nNa0 = 27.5
    nK0 = 241
    nCl0 = 9.8
    w0 = 1.963495408
}

ASSIGNED {
    v (mV)
    i (mA/cm2)
    iNa
    iK
    iCl
    Na
    K
    Cl
}

STATE {
    nNa
    nK
    nCl
    w
}

INITIAL {
    nNa = nNa0
    nK = nK0
    nCl = nCl0
    w = w0
}

BREAKPOINT {
    SOLVE move METHOD derivimplicit
    currents(v)
    i = 1e-3 * (iNa + iK + iCl)
}

DERIVATIVE move {
    : amounts in fmol, volume in pL, time in ms; outside of 7.853981634e-6 cm2
    currents(v)
    nNa' = -8.140078353289914e-5 * iNa
    nK' = -8.140078353289914e-5 * iK
    nCl' = 8.140078353289914e-5 * iCl
    w' = 2.12057504118e-6 * (Na + K + Cl + 306.5 / w - 297)
}

PROCEDURE currents(v) {
    LOCAL VT, ENa, EK, ECl, pump, kcc
    VT = 8.314462618 * 310.15 / 96485.33212 * 1000
    Na = nNa / w
    K = nK / w
    Cl = nCl / w
    ENa = VT * log((148.5 - Kout) / Na)
    EK = VT * log(Kout / K)
    ECl = -VT * log(119 / Cl)
    pump = Ip * (Na / (148.5 - Kout)) ^ 3
    kcc = gKCC2 * (ECl - EK)
    iNa = gNa * (v - ENa) + 3 * pump
    iK = gK * (v - EK) - 2 * pump + kcc
    iCl = gCl * (v - ECl) - kcc
}

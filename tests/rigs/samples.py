"""Published samples of groups."""

from __future__ import annotations

import numpy as np


def groups(**values: list[float]) -> dict[str, np.ndarray]:
    return {name: np.array(v, dtype=float) for name, v in values.items()}


# R's dataset PlantGrowth (Dobson 1983, Table 7.1).
PLANTS = groups(
    ctrl=[4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14],
    trt1=[4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69],
    trt2=[6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26],
)

# R's dataset InsectSprays (Beall 1942).
SPRAYS = groups(
    A=[10, 7, 20, 14, 14, 12, 10, 23, 17, 20, 14, 13],
    B=[11, 17, 21, 11, 16, 14, 17, 17, 19, 21, 7, 13],
    C=[0, 1, 7, 2, 3, 1, 2, 1, 3, 0, 1, 4],
    D=[3, 5, 12, 6, 4, 3, 5, 5, 5, 5, 2, 4],
    E=[3, 5, 3, 5, 3, 6, 1, 1, 3, 2, 6, 4],
    F=[11, 9, 15, 22, 15, 16, 13, 10, 26, 26, 24, 13],
)

# Hundal 1969 in Hollander & Wolfe: pieces made with no, rough and accurate information.
HUNDAL = groups(
    control=[40, 35, 38, 43, 44, 41],
    rough=[38, 40, 47, 44, 40, 42],
    accurate=[48, 40, 45, 43, 46, 44],
)

# Sachs 1997, Angewandte Statistik, p. 402.
SACHS = groups(
    A=[106, 114, 116, 127, 145], B=[110, 125, 143, 148, 151], C=[136, 139, 149, 160, 174]
)

# Bland & Altman 1986, Table 1: peak flow (l/min) of 17 people, each meter read twice.
WRIGHT_1 = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
WRIGHT_2 = [490, 397, 512, 401, 470, 611, 415, 431, 638, 429, 420, 633, 275, 492, 165, 372, 421]
MINI_1 = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
MINI_2 = [525, 415, 508, 444, 500, 625, 460, 390, 642, 432, 420, 605, 227, 467, 268, 370, 443]

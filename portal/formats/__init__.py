"""How numbers are written, the same in every language: a decimal point, thousands by a narrow space, never a comma.

Source: the International System of Units (BIPM, 9th edition, 5.4.4): neither dots nor commas between groups of three.
"""

DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = "\u202f"  # narrow, and no line is broken at it
NUMBER_GROUPING = 3

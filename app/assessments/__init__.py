"""Assessments: the yearly score of warning points, by rules that are pure and dated.

Glossary
    warning point 预警点      an early-warning point whose work of a year is scored, 50 points at most
    item 评分项             a line of the score: A1 to A3 upkeep, B1 to B3 research, C1 to C3 reporting
    window 统计时段          the days that count for an item
    cap 封顶               the most that an item or a part gives
    bonus 附加分            what the C items bring beyond their cap; shown apart, counted only if set so
    tier 分档              a monthly average and the points that it earns
"""

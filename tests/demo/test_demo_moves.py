"""Each made-up deal came to its stage on a way that a deal can have gone."""

import itertools
from datetime import UTC, datetime
from random import Random

from crm_sheets.demo.moves import past_moves
from crm_sheets.tables import RowKey

SINCE = datetime(2026, 11, 2, 9, tzinfo=UTC)
RUNNING = ("初步接触", "需求分析", "方案提交", "商务谈判")


def test_each_deal_ends_where_it_stands_and_went_one_way_in_time() -> None:
    stages = (*RUNNING, "赢单", "输单")
    deals = [(RowKey(f"O-{n}"), stages[n % len(stages)], SINCE) for n in range(60)]
    moves = list(past_moves(deals, RUNNING, Random(1)))
    for deal, stage, since in deals:
        own = [move for move in moves if move.deal == deal]
        assert [move.number for move in own] == list(range(1, len(own) + 1))
        assert (own[-1].to_stage, own[-1].at) == (stage, since)
        assert own[0].from_stage is None
        assert own[0].days is None
        for before, after in itertools.pairwise(own):
            assert after.from_stage == before.to_stage
            assert (after.at - before.at).days == after.days
            assert before.to_stage in RUNNING
        ranks = [RUNNING.index(move.to_stage) for move in own if move.to_stage in RUNNING]
        assert ranks == sorted(set(ranks))
    assert len({len([move for move in moves if move.deal == deal]) for deal, _, _ in deals}) > 2


def test_a_deal_in_the_first_stage_has_one_line() -> None:
    (move,) = past_moves([(RowKey("O-1"), RUNNING[0], SINCE)], RUNNING, Random(1))
    assert (move.number, move.from_stage, move.at, move.days) == (1, None, SINCE, None)

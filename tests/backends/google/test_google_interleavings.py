"""Whatever people do between two calls: no value of ours stays in a row that is not meant, nothing typed is lost."""

import os
from collections import Counter
from random import Random

import pytest

from tests.backends.google.interleavings import SHEET, People, some_work
from tests.backends.google.programs import do
from tests.backends.google.rooms import Room, google

OFFICES = int(os.environ.get("CRM_SHEETS_EXAMPLES", "40"))


def play(room: Room, seed: int, actions: int) -> Counter[str]:
    """One interleaving: a small tab, some work, people who act before calls chosen at random."""
    random = Random(seed)
    room = room.another((SHEET,), seed)
    people = People(room, Random(seed + 1))
    people.begin(random.randint(3, 9), random.randint(0, 2))
    work = some_work(people, random, random.randint(1, 5), random.randint(0, 2))
    for _ in range(actions):
        if random.random() < 0.3:
            room.actors.waiting.append(people.act)
        else:
            room.actors.at(random.randint(1, 8), people.act)
    backend = room.backend()
    done = do(backend, work)
    found = people.account(work)
    found["unfinished"] += not done
    found["lost when put back"] += backend.lost
    return +found


@pytest.mark.parametrize("actions", [0, 1, 3, 8])
def test_people_act_between_any_two_calls(actions: int) -> None:
    with google((SHEET,)) as room:
        for seed in range(OFFICES // 4):
            one = play(room, seed * 10 + actions, actions)
            assert not {*one} - {"copied while wrong", "lost when put back"}, (seed, actions, one)

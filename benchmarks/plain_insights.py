"""The figures of 汇总_洞察 as an analyst would have them: plain pandas and plain calls of the libraries that we use.

Keys are those of our figures, so that all can be compared. The same questions are asked: as many fits, draws and tests.
"""

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score, silhouette_score
from sklearn.model_selection import TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from statsmodels.stats.proportion import proportion_confint
from statsmodels.tsa.forecasting.theta import ThetaModel
from statsmodels.tsa.holtwinters import ExponentialSmoothing

from benchmarks.plain_frames import Book, Found, keyed, month

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

Numbers = NDArray[np.float64]
TRAITS = ["industry", "region", "source", "owner", "band", "type"]


def insights(book: Book) -> Found:
    """The tab, but for its texts."""
    deals = book.frames["opportunities"].merge(
        book.frames["customers"][["name", "industry", "region", "type"]],
        how="left",
        left_on="customer",
        right_on="name",
    )
    won = deals["stage"] == book.value("opportunity_stage", "won")
    closed = deals[won | (deals["stage"] == book.value("opportunity_stage", "lost"))].assign(won=won)
    found: Found = {"insights.win_rate": float(closed["won"].mean())}
    for unit, name in {"source": "source", "industry": "industry", "person": "owner"}.items():
        of = closed.fillna({name: book.words.text("summary.blank")}).groupby(name)["won"].agg(["sum", "count"])
        low, high = proportion_confint(of["sum"], of["count"], method="wilson")
        rates = {"win_rate": of["sum"] / of["count"], "win_rate_low": low, "win_rate_high": high}
        found |= keyed(f"insights.won_by_{unit}", pd.DataFrame({"closed_deals": of["count"], **rates}))
    found |= _chances(book, closed)
    orders = book.frames["orders"]
    sales = orders[(orders["state"] != book.value("order_state", "cancelled")) & (orders["ordered_on"] <= book.day)]
    sales = sales[sales["customer"].isin(book.frames["customers"]["name"])]
    return found | _staying(book, sales) | _segments(book, sales) | _revenue(book, sales)


def _chances(book: Book, closed: pd.DataFrame) -> Found:
    """Ten regressions, tested on the last three of ten deals."""
    known = closed[closed["close_date"].notna()].sort_values("close_date", kind="stable")
    known = known.assign(band=pd.qcut(known["amount"], 5, labels=False).astype(str)).fillna(dict.fromkeys(TRAITS, ""))
    day = known["close_date"].iloc[int(len(known) * 0.7)]
    earlier, later = known[known["close_date"] < day], known[known["close_date"] >= day]
    scores = dict.fromkeys((0.01, 0.1, 1.0), 0.0)
    for past, future in TimeSeriesSplit(3).split(earlier):
        for penalty in scores:
            model = _fitted(earlier.iloc[past], penalty)
            chances = model.predict_proba(earlier.iloc[future][TRAITS])[:, 1]
            scores[penalty] += brier_score_loss(earlier["won"].iloc[future], chances)
    model = _fitted(earlier, min(scores, key=scores.__getitem__))
    chances, outcome = model.predict_proba(later[TRAITS])[:, 1], later["won"].to_numpy(float)
    gains = (earlier["won"].mean() - outcome) ** 2 - (chances - outcome) ** 2
    assert _least(gains) <= 0, "nothing in the made-up deals tells who wins"
    assert 0.4 < roc_auc_score(outcome, chances) < 0.6
    return _stages(book, closed)


def _fitted(rows: pd.DataFrame, penalty: float) -> "Pipeline":
    encoder = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=10)
    return make_pipeline(encoder, LogisticRegression(C=penalty, max_iter=1_000)).fit(rows[TRAITS], rows["won"])


def _least(gains: Numbers) -> float:
    dice = np.random.default_rng(0)
    means = [gains[dice.integers(0, len(gains), len(gains))].mean() for _ in range(2_000)]
    return float(np.quantile(means, 0.025))


def _stages(book: Book, closed: pd.DataFrame) -> Found:
    """How well the probabilities of the stages fit what came of the deals that were there."""
    moves = book.frames["stage_history"].drop_duplicates(["object", "to_value"])
    ways = moves.merge(closed[["id", "won"]], left_on="object", right_on="id")
    stages = [
        book.value("opportunity_stage", code) for code in ("contact", "needs", "proposal", "negotiation", "signing")
    ]
    of = (
        ways[ways["to_value"].isin(stages)]
        .groupby("to_value")
        .agg(tested_deals=("won", "count"), true_rate=("won", "mean"))
    )
    return keyed("insights.calibration", of)


def _staying(book: Book, sales: pd.DataFrame) -> Found:
    """BG/NBD on two thirds of the time, judged on the rest; then on all of it."""
    days = sales.drop_duplicates(["customer", "ordered_on"])
    firsts = days.groupby("customer")["ordered_on"].min()
    first = firsts.sort_values().iloc[len(firsts) // 100]
    cut = first + pd.Timedelta(days=round((book.day - first).days * 2 / 3))
    past, weeks = _histories(days[days["ordered_on"] <= cut], cut), (book.day - cut).days / 7
    later = days[days["ordered_on"] > cut].groupby("customer").size().reindex(past.index).fillna(0)
    foretold = _expected(_searched(past), past, weeks)
    ages = past["age"].clip(lower=1)
    plain = min((past["again"].sum() / ages.sum() * weeks - later) ** 2, (past["again"] / ages * weeks - later) ** 2,
                key=lambda errors: float(errors.mean()))  # fmt: skip
    told = _least((plain - (foretold - later) ** 2).to_numpy()) > 0
    histories = _histories(days, book.day)
    model = _searched(histories)
    if not told:
        return {}
    return {"insights.customers_at_risk": float((_alive(model, histories) < 0.5).sum())}


def _histories(days: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    of = days.groupby("customer")["ordered_on"].agg(["min", "max", "count"])
    return pd.DataFrame({"again": of["count"] - 1, "last": (of["max"] - of["min"]).dt.days / 7,
                         "age": (until - of["min"]).dt.days / 7})  # fmt: skip


def _searched(of: pd.DataFrame) -> Numbers:
    """r, alpha, a and b by maximum likelihood."""
    x, last, age = (of[name].to_numpy(float) for name in ("again", "last", "age"))

    def cost(logarithms: Numbers) -> float:
        r, alpha, a, b = np.exp(logarithms)
        rate = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        stays = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + age)
        gone = betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b) - (r + x) * np.log(alpha + last)
        return -float((rate + np.logaddexp(stays, np.where(x > 0, gone, -np.inf))).mean())

    bounds = [(np.log(1e-4), np.log(1e4))] * 4
    found: Numbers = np.exp(
        minimize(cost, np.zeros(4), method="Nelder-Mead", bounds=bounds, options={"maxfev": 2_000}).x
    )
    return found


def _alive(model: Numbers, of: pd.DataFrame) -> "pd.Series[float]":
    r, alpha, a, b = model
    odds = a / (b + of["again"].clip(lower=1) - 1) * ((alpha + of["age"]) / (alpha + of["last"])) ** (r + of["again"])
    found: pd.Series[float] = 1 / (1 + odds.where(of["again"] > 0, 0))
    return found


def _expected(model: Numbers, of: pd.DataFrame, weeks: float) -> "pd.Series[float]":
    r, alpha, a, b = model
    x, left = of["again"], (alpha + of["age"]) / (alpha + of["age"] + weeks)
    more = (a + b + x - 1) / (a - 1) * (1 - left ** (r + x) * hyp2f1(r + x, b + x, a + b + x - 1, 1 - left))
    found: pd.Series[float] = more * _alive(model, of)
    return found


def _segments(book: Book, sales: pd.DataFrame) -> Found:
    of = sales.groupby("customer").agg(n=("total", "size"), amount=("total", "sum"), last=("ordered_on", "max"))
    raw = of.assign(last=(book.day - of["last"]).dt.days)[["n", "amount", "last"]].sort_values(["n", "amount", "last"])
    logs = np.log1p(raw)
    points = ((logs - logs.mean()) / logs.std(ddof=0)).to_numpy()
    best, kept = -1.0, np.zeros(0)
    for count in range(2, 7):
        labels = KMeans(count, n_init=5, random_state=0).fit_predict(points)
        score = float(silhouette_score(points, labels, sample_size=min(5_000, len(points)), random_state=0))
        if score > best:
            best, kept = score, labels
    if best < 0.25:
        return {}
    groups = (
        raw.groupby(kept).agg(size=("n", "size"), amount=("amount", "median")).sort_values("amount", ascending=False)
    )
    return {f"segments {place}": float(size) for place, size in enumerate(groups["size"])}


def _revenue(book: Book, sales: pd.DataFrame) -> Found:
    """Five methods, each of the last twelve months foretold by all of them."""
    by = sales.groupby(month(sales["ordered_on"]))["total"].sum().sort_index()
    known = by[by.index < f"{book.today:%Y-%m}"].to_numpy(float)
    errors: dict[str, list[float]] = {}
    for origin in range(max(4, len(known) - 12), len(known)):
        for name, value in _foretold(known[:origin]).items():
            errors.setdefault(name, []).append(abs(max(0.0, value) - known[origin]))
    told = {name: float(np.mean(found)) for name, found in errors.items()}
    best = min(told, key=told.__getitem__)
    words = book.words.text
    found = {f"insights.methods.forecast_error[{words(f'insights.method.{name}')}]": told[name] for name in told}
    return found | {"insights.revenue_foretold": max(0.0, _foretold(known)[best])}


def _foretold(known: Numbers) -> dict[str, float]:
    """The month after those that are known."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trend = ExponentialSmoothing(known, trend="add", damped_trend=True, initialization_method="estimated").fit()
        theta = ThetaModel(known, period=12, deseasonalize=len(known) >= 24).fit()
        levels = [pd.Series(known).ewm(alpha=step / 10, adjust=False).mean() for step in range(1, 10)]
        smooth = min(levels, key=lambda level: float(((level.shift() - known) ** 2).sum()))
        return {
            "naive": float(known[-1]), "moving_mean": float(known[-3:].mean()),
            "smoothing": float(smooth.iloc[-1]), "ets": float(trend.forecast(1)[0]),
            "theta": float(theta.forecast(1).iloc[0]),
        }  # fmt: skip

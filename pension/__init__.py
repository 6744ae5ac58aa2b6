"""Pension rights of people in China whose contributions are scattered over schemes and provinces.

What pension do the rules in force give, what would a fairer accounting of the same contributions give, how large is
the loss, which rule causes it, who bears it?

    >>> import pension
    >>> history = pension.read_case("case.toml")
    >>> result = pension.Engine(pension.load_parameters(), ["current", "fair"]).run(history.arrays)
    >>> result.column("monthly", "current")
    >>> pension.run("people.parquet", "results.parquet", regimes=["current", "fair"])

Units: money in yuan (pensions and employee bases yuan/month, resident contributions yuan/year), months as serials
``12*year + month - 1`` inside and ``"YYYY-MM"`` outside, places as GB/T 2260 codes.

Glossary
--------
The schemes

- *employee scheme* 城镇职工基本养老保险: contributions of workers and employers, or of individuals.
- *resident scheme* 城乡居民基本养老保险: one contribution a calendar year, subsidised; for everybody else.
- *hukou* 户籍: registered residence; *urban* 城镇 or *rural* 农村, *local* 本地 or *non-local* 外地.
- *form of work* 用工形式: employed 全日制, dispatched 劳务派遣, part-time 非全日制, flexible 灵活就业, platform
  平台用工; the last three insure as individuals, if at all.
- *stars*: severity group of people outside a labour relation, from one (local urban) to four (non-local rural).

Contributions

- *contribution base* 缴费基数: the wage contributions are reckoned on, yuan/month.
- *reference wage* 社平工资: the mean wage of a place and year; C(y - 1) is the denominator of a month of year y.
- *average index* 平均缴费指数: mean over the counted months of contribution base / reference wage.
- *pooled* 统筹: the part of contributions that buys no property; stays with the province but for 12 points.
- *individual account* 个人账户: the part that does, with *book interest* 记账利率.
- *deemed months* 视同缴费: service before individual accounts, counted as if paid.
- *late back-payment* 补缴: months paid afterwards; not accepted for transfer without proof.
- *temporary account* 临时缴费账户: opened by men from 50 and women from 40 away from their hukou; never a claim place.
- *overlap* 重复缴费: months paid to both schemes; the resident ones are refunded.
- *tier* 缴费档次, *subsidy* 缴费补贴, *collective assistance* 集体补助: what a resident year consists of.

The award

- *claim place* 待遇领取地: the province that settles and pays, by article 6 of 国办发〔2009〕66号.
- *award month* R: month of the claim; the first payment follows in R + 1. *R0*: the statutory month, the date of all
  present values.
- *calculation base* 计发基数: the wage that values the years at the award, P[place, year].
- *basic pension* 基础养老金, *account pension* 个人账户养老金, *transitional pension* 过渡性养老金: the parts of an
  employee pension.
- *annuity months* 计发月数: divisor of the account by age; 139 at 60.
- *year premium* 年限基础养老金: addition to the resident basic pension for long contribution.
- *minimum months* 最低缴费年限: needed for a monthly employee pension; short of it one is *bridged* 制度衔接 to the
  resident scheme (人社部发〔2014〕17号) or *withdraws* 一次性领取.

The comparison

- *regime* 核算方案: one choice for each provision of the accounting; ``current`` is the law in force.
- *present value* PW 养老金财富: all payments of life and to heirs at R0, in constant yuan of the price year.
- *net pension wealth* NPW 净养老金财富: present value less that of the member's own contributions.
- *loss* 便携性损失: what the reference regime gives more than the law in force.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pension.accounting import Regime, RegimeError
    from pension.award_forms.form import award_form
    from pension.batch import run
    from pension.choice.open_choices import choices
    from pension.choice.scheme_choice import choose
    from pension.choice.what_if import whatif
    from pension.engine import Engine, Entitlements
    from pension.errors import InputError
    from pension.histories import Histories
    from pension.inputs.opening import read_case
    from pension.parameters import ParameterError, Parameters
    from pension.parameters import load as load_parameters
    from pension.pools.flows import flows
    from pension.report import demo
    from pension.results import Results, compare
    from pension.statement.explain import explain
    from pension.variants.stayers import stayer_gap

__version__ = "0.1.0"

__all__ = [
    "Engine",
    "Entitlements",
    "Histories",
    "InputError",
    "ParameterError",
    "Parameters",
    "Regime",
    "RegimeError",
    "Results",
    "__version__",
    "award_form",
    "choices",
    "choose",
    "compare",
    "demo",
    "explain",
    "flows",
    "load_parameters",
    "read_case",
    "run",
    "stayer_gap",
    "whatif",
]

# numba, pandas and pyarrow cost half a second: nothing is imported before it is asked for (PEP 562).
_HOME = {
    "Engine": "engine",
    "Entitlements": "engine",
    "Histories": "histories",
    "InputError": "errors",
    "ParameterError": "parameters",
    "Parameters": "parameters",
    "Regime": "accounting",
    "RegimeError": "accounting",
    "award_form": "award_forms.form",
    "choices": "choice.open_choices",
    "choose": "choice.scheme_choice",
    "Results": "results",
    "compare": "results",
    "demo": "report",
    "explain": "statement.explain",
    "flows": "pools.flows",
    "load_parameters": "parameters:load",
    "read_case": "inputs.opening",
    "run": "batch",
    "stayer_gap": "variants.stayers",
    "whatif": "choice.what_if",
}


def __getattr__(name: str) -> object:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, attribute = home.partition(":")
    value = getattr(import_module(f"{__name__}.{module}"), attribute or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)

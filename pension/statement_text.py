"""The words of a statement: English and Chinese side by side, and how its data is laid out as text.

Nothing is computed here: every number printed stands in the data (rounded, or an age in months as years and months).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any, Final

from pension import schema
from pension.errors import refuse

LANGUAGES: Final = ("en", "zh")

PHRASES: Final[dict[str, tuple[str, str]]] = {
    "notice": ("A research estimate, no official determination.", "研究估算，非官方核定。"),
    "undefined": ("undefined", "无定义"),
    "none": ("nothing", "无"),
    "nation": ("the nation", "全国"),
    "age": ("{years} years {months} months", "{years}岁{months}个月"),
    "comma": (", ", "、"),
    "semicolon": ("; ", "；"),
    # --- the answer
    "answer": ("In short", "结论"),
    "answer_monthly": (
        "From {start} {monthly} yuan a month under “{title}”: {parts}.",
        "自{start}起，按“{title}”每月领取{monthly}元：{parts}。",
    ),
    "answer_nothing": ("No monthly pension under “{title}”.", "按“{title}”无按月待遇。"),
    "answer_lump": ("Paid once: {amount} yuan.", "一次性领取{amount}元。"),
    "answer_place": (
        "Claim place {place}; {route}; {months} of {minimum} employee months.",
        "待遇领取地：{place}；{route}；职工养老保险缴费年限{months}个月，最低缴费年限{minimum}个月。",
    ),
    "answer_resident": ("Claim place: the registered residence; {route}.", "待遇领取地：户籍地；{route}。"),
    "answer_loss": (
        "Lost against “{title}”: {monthly} yuan a month at first, {present_value} yuan of pension wealth ({ratio}); "
        "the largest cause: {cause} ({amount}).",
        "与“{title}”相比，首月养老金少{monthly}元，养老金财富少{present_value}元（{ratio}）；最大原因：{cause}（{amount}元）。",
    ),
    "answer_gain": (
        "Nothing lost against “{title}”: difference {monthly} yuan a month at first, {present_value} yuan of pension "
        "wealth ({ratio}); negative: it would pay less.",
        "与“{title}”相比没有损失：首月差额{monthly}元，养老金财富差额{present_value}元（{ratio}）；负数表示该方案更低。",
    ),
    # --- person
    "person": ("Person", "参保人"),
    "person_line": (
        "{sex}, born {birth}, {type} registration in {hukou}, category {category}",
        "{sex}，{birth}出生，户籍地{hukou}（{type}），退休类别：{category}",
    ),
    "stars": ("severity group {stars}", "困难等级{stars}"),
    "award": (
        "Award month {month} at {age} (statutory month {statutory}); first payment the month after.",
        "待遇核定月{month}，年龄{age}（法定退休月{statutory}），次月起发放。",
    ),
    "male": ("male", "男"),
    "female": ("female", "女"),
    "urban": ("urban", "城镇"),
    "rural": ("rural", "农村"),
    "male_60": ("male_60", "男职工（原60周岁）"),
    "female_55": ("female_55", "女职工（原55周岁）"),
    "female_50": ("female_50", "女职工（原50周岁）"),
    "male_hazardous_55": ("male_hazardous_55", "特殊工种男职工（55周岁）"),
    "female_hazardous_45": ("female_hazardous_45", "特殊工种女职工（45周岁）"),
    # --- history
    "history": ("The history as the schemes see it", "制度所见的参保经历"),
    "summary_employee": (
        "Employee scheme, {place}: {first} to {last}, {recorded} months recorded, {counted} count ({classes})",
        "城镇职工基本养老保险，{place}：{first}至{last}，记录{recorded}个月，计入{counted}个月（{classes}）",
    ),
    "summary_resident": (
        "Resident scheme, {place}: {first} to {last}, {years} years paid, {counted} months beside the employee scheme",
        "城乡居民基本养老保险，{place}：{first}年至{last}年，缴费{years}年，扣除重复后{counted}个月",
    ),
    "ordinary": ("{n} ordinary", "普通账户{n}个月"),
    "temporary": ("{n} temporary", "临时账户{n}个月"),
    "late": ("{n} late", "补缴{n}个月"),
    "deemed": ("{n} deemed", "视同缴费{n}个月"),
    "is_temporary": (
        "{place} is a temporary account: not the registered residence ({hukou}), first paid in {month} (since "
        "2010-01) at {age}, {limit} or older ({source}). Its months count, but it cannot be the claim place.",
        "{place}为临时基本养老保险缴费账户：非户籍地（户籍地{hukou}），{month}首次参保（2010-01起适用），时年{age}，"
        "已满{limit}周岁（{source}）。其缴费年限计入，但不能作为待遇领取地。",
    ),
    "decided_temporary": (
        "{place}: temporary account by decision of the agency.",
        "{place}：经办机构认定为临时基本养老保险缴费账户。",
    ),
    "dropped": (
        "{n} months were paid in two places at once: one of them counts, the other's account is refunded "
        "(人社部规〔2016〕5号).",
        "{n}个月在两地重复缴费：只计一地，另一地个人账户退还本人（人社部规〔2016〕5号）。",
    ),
    "stranded": (
        "{place}: {n} late back-paid months are not transferred and count nowhere (人社部规〔2016〕5号).",
        "{place}：补缴的{n}个月不予转移，任何地方均不计入（人社部规〔2016〕5号）。",
    ),
    "overlap": (
        "{n} months were paid in both schemes: they count as employee months, the resident money is refunded "
        "(人社部发〔2014〕17号 art. 7).",
        "{n}个月在两种制度重复缴费：只计职工缴费年限，居民缴费退还本人（人社部发〔2014〕17号 art. 7）。",
    ),
    "discarded": (
        "{n} resident months add no employee months: they neither vest nor convert (人社部发〔2014〕17号 art. 5).",
        "居民缴费{n}个月不折算、不计入职工缴费年限（人社部发〔2014〕17号 art. 5）。",
    ),
    "gap": ("Nothing paid {first} to {last}: {n} months.", "{first}至{last}未缴费：{n}个月。"),
    # --- claim place
    "claim": ("Claim place and minimum months", "待遇领取地与最低缴费年限"),
    "place_line": (
        "{place}: {classes}; last {last}; {ten} months count for the ten years",
        "{place}：{classes}；最后缴费{last}；计入十年的{ten}个月",
    ),
    "ten_missing": (
        "{n} months more here, insured here last, and this place would pay",
        "如最后在此参保，再缴{n}个月即可由此地支付",
    ),
    "never_pays": ("a temporary account never pays", "临时账户地不支付待遇"),
    "ten_reached": ("ten years reached", "已满十年"),
    "claim_place": ("Claim place: {place} - {branch}.", "待遇领取地：{place}——{branch}。"),
    "branch_0": (
        "no employee month is counted, so no claim place is needed",
        "没有计入的职工缴费年限，无需确定待遇领取地",
    ),
    "branch_1": (
        "art. 6 (1): the relation is at the registered residence, so it is the claim place",
        "art. 6 (1)：基本养老保险关系在户籍所在地，由户籍所在地支付",
    ),
    "branch_2": (
        "art. 6 (2): the relation is elsewhere and at least ten years were paid there",
        "art. 6 (2)：关系不在户籍所在地，在关系所在地累计缴费满十年，由该地支付",
    ),
    "branch_3": (
        "art. 6 (3): less than ten years at the place of the relation; back to the last earlier place with at least "
        "ten years",
        "art. 6 (3)：关系所在地累计缴费不满十年，转回上一个缴费满十年的原参保地",
    ),
    "branch_4": (
        "art. 6 (4): no place with ten years; collected at the registered residence",
        "art. 6 (4)：各地均不满十年，归集到户籍所在地",
    ),
    "branch_5": ("regime: the place of the last relation", "方案规定：最后关系所在地"),
    "branch_6": ("regime: the registered residence", "方案规定：户籍所在地"),
    "alternative": (
        "Had {place} paid ({rule}): {monthly} yuan/month, present value {present_value}.",
        "若由{place}支付（{rule}）：每月{monthly}元，现值{present_value}元。",
    ),
    "last_ordinary": ("the last ordinary place", "最后的普通账户地"),
    "last_even_temporary": ("the last place, the temporary account counted", "最后参保地，临时账户视同普通账户"),
    "hukou_rule": ("the registered residence", "户籍所在地"),
    "vested": (
        "Counted employee months {months} of {minimum} needed: {reached}. Resident months {resident}. Annuity months "
        "at the award {annuity}.",
        "职工缴费年限{months}个月，最低缴费年限{minimum}个月：{reached}。居民缴费{resident}个月。计发月数{annuity}。",
    ),
    "reached": ("reached", "已达到"),
    "not_reached": ("not reached, {n} months missing", "未达到，还差{n}个月"),
    # --- choices
    "choices": ("Choices: {n} months are missing at {month}", "可选办法：至{month}还差{n}个月"),
    "choices_head": (
        "under “{title}”; cost: own contributions still to be paid; net: present value less that of the cost",
        "按“{title}”计算；费用为今后本人缴费；净值为现值减去费用现值",
    ),
    "col_choice": ("choice", "办法"),
    "col_claim": ("claim", "申领"),
    "col_start": ("start", "开始"),
    "col_monthly": ("monthly", "月养老金"),
    "col_once": ("once", "一次性"),
    "col_cost": ("cost", "费用"),
    "col_pw": ("present value", "现值"),
    "col_net": ("net", "净值"),
    "col_left": ("left behind", "留下的统筹"),
    "col_age": ("age", "年龄"),
    "col_months": ("months/min.", "年限/最低"),
    "continue_to_minimum": ("continue to the minimum", "延长缴费至最低年限"),
    "lump_sum_top_up": ("top up in one sum", "一次性趸缴"),
    "bridge_to_resident": ("bridge to the resident scheme", "转入城乡居民养老保险"),
    "withdraw": ("withdraw the account", "终止关系、领取账户"),
    "wait": ("wait for the statutory age", "等到法定退休年龄"),
    "draw_now": ("draw as a resident at 60", "60岁领取居民养老金"),
    "continue_how": (
        "{choice}: {n} months in {place} as an individual at index {index} ({source})",
        "{choice}：在{place}以个人身份按指数{index}再缴{n}个月（{source}）",
    ),
    "at_once": (
        "{n} of them in one sum, after 60 months of continued payment",
        "延长缴费60个月后一次性缴纳其中{n}个月",
    ),
    "not_open": ("{choice}: not open - {reason} ({source})", "{choice}：不适用——{reason}（{source}）"),
    "withdraw_how": (
        "{choice}: the account of {amount} yuan once in {month}, nothing from the employee scheme after it; the "
        "resident scheme goes on by its own years ({source})",
        "{choice}：{month}一次性领取职工个人账户{amount}元，职工养老保险不再有待遇；居民养老保险按自身年限办理（{source}）",
    ),
    "bridge_how": (
        "{choice}: account and months go over, pooled money stays behind ({source})",
        "{choice}：个人账户和年限转入，统筹部分不转（{source}）",
    ),
    "backpay_how": ("{amount} yuan paid back at the award for missing years", "核定时补缴{amount}元"),
    "male_60_choice": (
        "A man between 60 and {month}: draw now as a resident, or wait? (no national text; default: wait)",
        "男性60周岁至{month}之间：先领居民养老金，还是等待？（国家无明文；默认等待）",
    ),
    "joined_after_2011_06": (
        "first insured after 2011-06, so no lump sum under this rule",
        "首次参保在2011-06之后，不适用一次性缴费",
    ),
    "minimum_reached_within_5_years": (
        "not needed: continued payment reaches the minimum within 5 years",
        "无需：延长缴费5年内即达到最低年限",
    ),
    "no_free_months": ("no calendar months are free to carry it", "没有可供缴费的空白月份"),
    "resident_years_missing": (
        "the required resident years are missing and cannot be paid back there",
        "居民缴费年限不足，当地不允许补缴",
    ),
    "regime_pays_pooled_money": ("this regime pays pooled money on exit", "该方案退出时支付统筹部分"),
    "no_resident_right_at_60": ("no resident right at 60 by own years", "60周岁时按自身年限无居民待遇"),
    "an early claim without the minimum months (人社部发〔2024〕94号 art. 2)": (
        "an early claim without the minimum months (人社部发〔2024〕94号 art. 2)",
        "未达到最低缴费年限，不能弹性提前退休（人社部发〔2024〕94号 art. 2）",
    ),
    "no employee month and no resident year, so no claim": (
        "no employee month and no resident year, so no claim",
        "没有职工缴费月和居民缴费年，无待遇",
    ),
    "a parameter this person needs is unknown for its place and year": (
        "a parameter this person needs is unknown for its place and year",
        "所需参数在该地该年缺失",
    ),
    "the award lies between the ages of 40 and 79": (
        "the award lies between the ages of 40 and 79",
        "核定年龄须在40至79岁之间",
    ),
    "claim_months": ("The month of the claim", "申领月份"),
    "claim_months_note": (
        "Flexible claims from {first} to {last} (人社部发〔2024〕94号); who works to the award goes on as before. "
        "Own: own contributions after {first}.",
        "弹性退休可在{first}至{last}之间选择（人社部发〔2024〕94号）；在职者继续缴费。本人缴费指{first}之后的缴费。",
    ),
    "col_own": ("own", "本人缴费"),
    # --- regimes
    "regimes": ("The pension under each regime", "各核算方案下的待遇"),
    "regime_line": (
        "{name}: {title} - {monthly} yuan/month, {route}",
        "{name}：{title}——每月{monthly}元，{route}",
    ),
    "route_none": ("no claim", "无待遇"),
    "route_employee": ("employee pension", "按职工养老保险领取"),
    "route_resident": ("resident pension", "按居民养老保险领取"),
    "route_employee_and_resident": (
        "employee pension with the resident right beside it",
        "职工养老金与居民权益并行",
    ),
    "route_employee_to_resident": (
        "bridged from the employee to the resident scheme",
        "职工养老保险转入居民养老保险",
    ),
    "route_resident_to_employee": (
        "employee pension, the resident account merged into it",
        "居民养老保险转入职工养老保险",
    ),
    "route_withdrawal": ("withdrawal in one sum", "一次性领取"),
    "route_withdrawal_and_resident": ("withdrawal, resident pension by own years", "领取账户，另领居民养老金"),
    "component_line": ("{component} {amount} yuan/month from {month}", "{component} {amount} 元/月，自{month}起"),
    "once_line": ("{what} {amount} yuan once", "{what} {amount} 元（一次性）"),
    "pw_line": (
        "present value {present_value} yuan of {year} at {month}; replacement rate {rate}",
        "{month}现值{present_value}元（{year}年价格）；替代率{rate}",
    ),
    "basic": ("basic pension", "基础养老金"),
    "account": ("account pension", "个人账户养老金"),
    "transitional": ("transitional pension", "过渡性养老金"),
    "resident_basic": ("resident basic pension", "居民基础养老金"),
    "year_premium": ("year premium", "年限基础养老金"),
    "age_supplement": ("age supplement", "高龄加发养老金"),
    "resident_account": ("resident account pension", "居民个人账户养老金"),
    "refund_overlap": ("refund of overlapped months", "重复缴费退款"),
    "refund_dropped": ("refund of months paid twice", "两地重复缴费退款"),
    "backpay": ("paid back at the award", "核定时补缴"),
    "lump_sum": ("lump sum", "一次性待遇"),
    "f_average_index": ("average index", "平均缴费工资指数"),
    "f_indexed_wage": ("indexed wage", "指数化月平均缴费工资"),
    "f_required": (
        "required resident years: {result} (age {age} at the start)",
        "规定缴费年限：{result}年（制度开始时{age}）",
    ),
    "f_share": (
        "share of the resident right = {months}/(12 x {required}), at most 1 = {result}",
        "保留居民权益份额 = {months}/(12 x {required})，最多1 = {result}",
    ),
    "f_years": (
        "years = whole({employee} + {resident})/12 = {result}",
        "累计缴费年限（整年）= ({employee} + {resident})/12 取整 = {result}",
    ),
    "f_missing": (
        "missing years = {required} - {years}, at least 0 = {result}",
        "应补缴年限 = {required} - {years}，不小于0 = {result}",
    ),
    "f_premium": (
        "year premium: {years} years above {above} at {amount} = {result}",
        "年限基础养老金：{years}年，超过{above}年部分每年{amount}元 = {result}",
    ),
    "f_value": (
        "value of {of}: {amount} x {factor} = {result} at R0",
        "{of}的现值：{amount} x {factor} = {result}（R0时点）",
    ),
    "months_unit": ("months", "个月"),
    "value_used": (
        "  {symbol} = {value}: {table}{place}{period}, {status} ({why})",
        "  {symbol} = {value}：{place}{period}{table}，{status}（{why}）",
    ),
    # --- values of the trace
    "refund of overlapped or dropped months": ("refund of overlapped or dropped months", "重复缴费退款"),
    "basic and transitional pension": ("basic and transitional pension", "基础养老金和过渡性养老金"),
    "account left to heirs": ("account left to heirs", "可继承的个人账户余额"),
    "resident years paid back at the award (deducted)": (
        "resident years paid back at the award (deducted)",
        "核定时补缴的居民缴费（扣除）",
    ),
    "resident basic pension (share; the factor holds its amounts)": (
        "resident basic pension (share; the factor holds its amounts)",
        "居民基础养老金（份额；金额在系数中）",
    ),
    "year premium (share; the factor holds its amounts)": (
        "year premium (share; the factor holds its amounts)",
        "年限基础养老金（份额；金额在系数中）",
    ),
    "age supplements (share; the factor holds their amounts)": (
        "age supplements (share; the factor holds their amounts)",
        "高龄加发（份额；金额在系数中）",
    ),
    "resident account left to heirs": ("resident account left to heirs", "可继承的居民个人账户余额"),
    "accounts left by a death before the award": (
        "accounts left by a death before the award",
        "领取前死亡可继承的个人账户",
    ),
    # --- losses
    "losses": ("What was lost", "损失及原因"),
    "loss_less": ("{a} against {b}: {a} pays less", "{a}与{b}相比：{a}较低"),
    "loss_more": ("{a} against {b}: {a} pays more", "{a}与{b}相比：{a}较高"),
    "loss_same": ("{a} against {b}: the same", "{a}与{b}相比：相同"),
    "loss_line": (
        "{monthly} yuan/month at first amounts; {present_value} yuan of present value ({ratio} of the reference)",
        "首月差额每月{monthly}元；现值差额{present_value}元（占参照方案的{ratio}）",
    ),
    "col_cause": ("cause and rule", "原因与规则"),
    "col_pw_monthly": ("yuan/month", "折合元/月"),
    "col_ratio": ("of reference", "占比"),
    "cause_sum": ("sum of the causes (Shapley values)", "合计（沙普利值）"),
    "flat_base": ("whose calculation base values the social-average half", "社会平均部分按何地计发基数"),
    "earnings_base": ("whose calculation base values the own-earnings half", "本人缴费部分按何地计发基数"),
    "index_wage": ("whose wages are the denominators of the index", "指数以何地社平工资为分母"),
    "vesting": ("minimum months", "最低缴费年限"),
    "resident_years": ("resident years that do not convert", "居民缴费年限不折算"),
    "pooled_on_exit": ("pooled money left behind", "统筹部分不随转"),
    "overlap_cause": ("months paid in both schemes", "两种制度重复缴费"),
    "temporary_accounts": ("temporary accounts", "临时账户"),
    "late_backpayments": ("late back-payments not transferred", "补缴不予转移"),
    "claim_place_cause": ("choice of the claim place", "待遇领取地的确定"),
    "route_choice": ("freedom to choose the route", "衔接去向的选择"),
    "revaluation": ("how a past segment is carried forward", "既往权益的调整"),
    # --- money moved
    "moves": ("Money moved under {name}", "按{name}转移的资金"),
    "move_line": (
        "{kind}: {origin} -> {to}: account {account}, pooled {pooled} yuan",
        "{kind}：{origin} → {to}：个人账户{account}元，统筹基金{pooled}元",
    ),
    "move_hukou": ("change of registration", "户籍迁移"),
    # --- parameters
    "rests": ("What the result rests on", "结果所依据的参数"),
    "scenario": (
        "Scenario {scenario}, parameters {hash}; values used by status: {counts}",
        "情景{scenario}，参数{hash}；所用数值按来源状态：{counts}",
    ),
    "uncertain_line": ("{status}: {table} {place}{span} ({rule})", "{status}：{place}{table}{span}（{rule}）"),
    "statute": ("statute", "法规"),
    "official": ("official", "官方公布"),
    "secondary": ("secondary", "二手来源"),
    "unconfirmed": ("unconfirmed", "未经证实"),
    "estimated": ("estimated", "估计"),
    "assumption": ("assumption", "假设"),
    "projected": ("projected", "预测"),
    "unknown": ("unknown", "未知"),
    "t_reference_wage": ("reference wage", "社平工资"),
    "t_calculation_base": ("calculation base", "计发基数"),
    "t_employee_rate": ("employee book rate", "职工账户记账利率"),
    "t_resident_rate": ("resident book rate", "居民账户记账利率"),
    "t_account_rate": ("account share", "记入个人账户比例"),
    "t_subsidy": ("contribution subsidy", "缴费补贴"),
    "t_lowest_tier": ("lowest tier", "最低缴费档次"),
    "t_resident_basic": ("resident basic pension", "居民基础养老金"),
    "t_premium": ("year premium", "年限基础养老金标准"),
    "t_supplement": ("age supplement", "高龄加发标准"),
    "t_transition_coefficient": ("transition coefficient", "过渡系数"),
    "t_resident_start": ("start of the resident scheme", "居民养老保险启动时间"),
    "t_minimum_months": ("minimum months", "最低缴费年限"),
    "t_annuity_months": ("annuity months", "计发月数"),
    # --- records
    "records": ("The records, year by year", "逐年缴费记录"),
    "records_employee": (
        "Employee scheme. Index = base / reference wage of the year before; credited = base x account rate, with book "
        "interest to the award.",
        "城镇职工基本养老保险。指数=缴费基数/上年社平工资；记账额=缴费基数×记入比例，含至核定月的记账利息。",
    ),
    "records_resident": (
        "Resident scheme. Credited = own contribution + subsidy + collective assistance, booked in December.",
        "城乡居民基本养老保险。入账额=个人缴费+缴费补贴+集体补助，年末记账。",
    ),
    "records_deemed": ("Deemed months: {n}, with indices {indices}.", "视同缴费{n}个月，指数{indices}。"),
    "col_year": ("year", "年"),
    "col_n": ("months", "月数"),
    "col_place": ("place", "地区"),
    "col_base": ("base", "缴费基数"),
    "col_wage": ("wage there", "当地社平"),
    "col_index": ("index", "指数"),
    "col_wage_claim": ("wage at claim", "领取地社平"),
    "col_rate": ("rate", "利率"),
    "col_share": ("share", "比例"),
    "col_credited": ("credited", "记账额"),
    "col_paid": ("paid", "缴费"),
    "col_subsidy": ("subsidy", "补贴"),
    "col_balance": ("balance", "储存额"),
    "col_overlap": ("overlap", "重复月数"),
    # --- what if
    "whatif": ("What if: ways to go on after {now}", "假设比较：{now}之后的不同选择"),
    "whatif_last": (
        "Last paid {month} in {place} ({form}, index {index}); award {award}; yuan of {year}. Own: own contributions "
        "still to be paid, at present value; net: present value less own.",
        "最后缴费{month}，{place}（{form}，指数{index}）；核定月{award}；{year}年价格。本人缴费为今后缴费的现值；净值为现值减本人缴费。",
    ),
    "whatif_dates": (
        "Present values of {path} stand at {month}, the others at {other}.",
        "{path}的现值时点为{month}，其余为{other}。",
    ),
    "col_path": ("path", "选择"),
    "path_as_recorded": ("as recorded", "按已有记录"),
    "path_stay": ("stay in {place}", "留在{place}"),
    "path_stay_flexible": ("stay in {place}, flexible", "留在{place}，灵活就业"),
    "path_move_home": ("home: {place}", "回户籍地{place}"),
    "path_stop": ("stop contributing", "停止缴费"),
    "path_pause": ("pause {months} months", "中断{months}个月"),
    "path_claim_later": ("claim {months} months later", "推迟{months}个月领取"),
    "path_index": ("index {index}", "缴费指数{index}"),
    "path_resident": ("resident scheme, {contribution} a year", "改缴居民保险每年{contribution}元"),
    "beyond_flexible": (
        "{path}: later than flexible retirement allows (人社部发〔2024〕94号)",
        "{path}：超出弹性延迟退休的期限（人社部发〔2024〕94号）",
    ),
    "no_result": ("{path}: no result under {regime} - {reason}", "{path}：按{regime}无结果——{reason}"),
    "next": ("What the next months are worth", "今后缴费的边际价值"),
    "next_stop": (
        "The next {n} months, nothing after them: present value gained, and per yuan the member pays",
        "今后{n}个月缴费、此后不再缴：增加的现值，以及本人每缴一元的价值",
    ),
    "next_stay": (
        "The next {n} months, then on as before: present value gained, and per yuan the member pays",
        "今后{n}个月缴费、此后照旧：增加的现值，以及本人每缴一元的价值",
    ),
    "way_employee": ("employee, {place}, {form}", "职工，{place}，{form}"),
    "way_resident": ("resident, {place}, {contribution} a year", "居民，{place}，每年{contribution}元"),
    "col_way": ("scheme, place, form", "制度、地区、形式"),
    "col_gain": ("gained", "增加"),
    "col_per_yuan": ("per yuan", "每元"),
    "employed": ("employed", "单位就业"),
    "dispatched": ("dispatched", "劳务派遣"),
    "part_time": ("part_time", "非全日制"),
    "flexible": ("flexible", "灵活就业"),
    "platform": ("platform", "平台用工"),
}
"""Every phrase, (English, Chinese). Keys are the ASCII words of the JSON where there is one."""

RULES_ZH: Final[dict[str, str]] = {
    "published": "公布值",
    "carried": "沿用此前最近值",
    "national_wage_backwards": "按全国非私营单位工资增长回推",
    "wage_growth": "按情景工资增长外推",
    "population_mean": "各省按人口加权平均",
    "corps_as_xinjiang": "取新疆数值",
    "previous_wage": "取上年社平工资，且不低于上年基数",
    "geometric_mean": "相邻年份几何插值",
    "deposit_rate": "年初的一年期存款利率",
    "deposit_rate_1994": "1994年初的一年期存款利率",
    "reference_rate": "早期记账利率替代序列",
    "national_rate": "全国统一记账利率",
    "resident_rate": "未公布利率时的默认值",
    "scenario_rate": "情景记账利率",
    "last_published": "沿用上年公布利率",
    "increments_backwards": "按全国历次增量回推",
    "increments": "上一标准加全国增量",
    "national_minimum": "全国最低标准",
    "scenario_increments": "情景：先定额后随工资增长",
    "national_share": "取全国缴费比例",
    "before_account": "个人账户建立之前",
    "legal_floor": "补贴法定下限",
    "default_tier": "默认最低档次",
    "no_row": "无省级标准，不计发",
    "default_rule": "统一默认",
    "half_wage_half_price": "情景：工资与物价增长加权",
    "price_growth": "情景物价增长",
    "graduated": "由简略生命表修匀",
}

_SOURCES_ZH: Final = (
    ("Social Insurance Law", "《社会保险法》"),
    ("NPC decision of 2024-09-13", "全国人大常委会2024-09-13决定"),
    ("by decision of the agency", "经办机构认定"),
    ("and annexes", "及附件"),
    ("annex", "附件"),
    ("and provincial methods", "及各省办法"),
    (", provincial methods", "及各省办法"),
    ("provincial methods", "各省办法"),
    ("second section, provincial tables", "第二部分及各省标准"),
    ("ours provision resident_years", "本研究方案 resident_years"),
)
_CAUSES: Final = {"overlap": "overlap_cause", "claim_place": "claim_place_cause"}
_COMPONENTS: Final = (
    "basic",
    "account",
    "transitional",
    "resident_basic",
    "year_premium",
    "age_supplement",
    "resident_account",
)


def check_language(lang: str) -> None:
    """InputError unless the statement is written in this language."""
    if lang not in LANGUAGES:
        raise refuse(f"the statement is written in {' or '.join(LANGUAGES)}", column="lang", value=lang)


def statement_text(data: dict[str, Any], lang: str = "en") -> str:
    """A statement's data as text."""
    check_language(lang)
    w = _Words(lang)
    parts = (
        _answer,
        _person,
        _summary,
        _claim,
        _choices,
        _claim_months,
        _regimes,
        _losses,
        _moves,
        _parameters,
        _records,
    )
    lines: list[str] = []
    for part in parts:
        if found := part(data, w):
            lines += [*found, ""]
    return "\n".join([*lines, w("notice")])


def whatif_text(data: dict[str, Any], lang: str = "en") -> str:
    """The data of a what-if as text."""
    check_language(lang)
    w = _Words(lang)
    return "\n".join([*_paths(data, w), "", *_next(data, w), "", w("notice")])


class _Words:
    """Phrases, names and numbers in one language."""

    def __init__(self, lang: str) -> None:
        self.column = LANGUAGES.index(lang)
        self.zh = lang == "zh"

    def __call__(self, key: str, **values: Any) -> str:
        phrase = PHRASES[key][self.column]
        text = phrase.format(**values) if values else phrase
        return self.source(text) if "art. " in text else text

    def known(self, key: str) -> str:
        """A phrase where there is one, else the key itself (a rule of the input)."""
        return self(key) if key in PHRASES else key

    def place(self, code: int | None) -> str:
        if code is None:
            return "-"
        if code == schema.NATION:
            return self("nation")
        _, zh, en = schema.PLACES[schema.PLACE_INDEX[code]]
        return f"{zh}（{code}）" if self.zh else f"{en} ({code})"

    def month(self, text: str | None) -> str:
        """``"YYYY-MM"`` as it is written."""
        if text is None:
            return "-"
        return f"{text[:4]}年{int(text[5:])}月" if self.zh and len(text) == 7 else text

    def age(self, months: int) -> str:
        return self("age", years=months // 12, months=months % 12)

    def yuan(self, value: float | None) -> str:
        # No minus sign before a zero.
        return self("undefined") if value is None else f"{value + 0.0:,.2f}".replace("-0.00", "0.00")

    def share(self, value: float | None) -> str:
        return self("undefined") if value is None else f"{value:.2%}"

    def source(self, text: str) -> str:
        """Act and article; articles in Chinese as a Chinese text cites them."""
        if not self.zh:
            return text
        for english, chinese in _SOURCES_ZH:
            text = text.replace(english, chinese)
        text = re.sub(r" ?arts\. (\d+)-(\d+)", r"第\1至\2条", text)
        text = re.sub(r" ?art\. (\d+) \((\d+)\)", r"第\1条第\2项", text)
        text = re.sub(r" ?art\. (\d+)", r"第\1条", text)
        return text.replace(", 第", "、第").replace("; ", "；")

    def title(self, regime: dict[str, Any], name: str) -> str:
        return (regime["title_zh"] if self.zh else regime["title"]) or name

    def cause(self, provision: str) -> str:
        return self(_CAUSES.get(provision, provision))

    def joined(self, texts: Iterable[str]) -> str:
        return self("comma").join(texts)

    def classes(self, months: dict[str, int]) -> str:
        return self.joined(self(name, n=n) for name, n in months.items() if n)

    def heading(self, title: str) -> list[str]:
        return [title, "=" * _width(title)]


def _width(text: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _padded(text: str, width: int, left: bool = False) -> str:
    space = " " * (width - _width(text))
    return text + space if left else space + text


def _table(head: list[str], rows: list[list[str]], left: int = 1, indent: str = "") -> list[str]:
    """A table with aligned columns, the first ``left`` of them to the left."""
    widths = [max(_width(row[k]) for row in (head, *rows)) for k in range(len(head))]
    return [
        (indent + "  ".join(_padded(cell, widths[k], k < left) for k, cell in enumerate(row))).rstrip()
        for row in (head, *rows)
    ]


# ---- the statement ------------------------------------------------------------------------------------------------


def _answer(data: dict[str, Any], w: _Words) -> list[str]:
    a, c = data["answer"], data["claim"]
    first = data["regimes"][a["regime"]]
    title = w.title(first, a["regime"])
    out = w.heading(w("answer"))
    if a["monthly"]:
        parts = w.joined(f"{w(k)} {w.yuan(first['components'][k])}" for k in _COMPONENTS if first["components"][k])
        out.append(
            w("answer_monthly", start=w.month(a["start"]), monthly=w.yuan(a["monthly"]), title=title, parts=parts)
        )
    else:
        out.append(w("answer_nothing", title=title))
    if a["lump_sum"]:
        out.append(w("answer_lump", amount=w.yuan(a["lump_sum"])))
    route = w(f"route_{a['route']}")
    if a["place"] is None:
        out.append(w("answer_resident", route=route))
    else:
        months = {"months": c["employee_months"], "minimum": c["minimum_months"]}
        out.append(w("answer_place", place=w.place(a["place"]), route=route, **months))
    if "reference" in a:
        lost = a["loss_present_value"] > 0
        values = {
            "title": w.title(data["regimes"][a["reference"]], a["reference"]),
            "monthly": w.yuan(a["loss_monthly"]),
            "present_value": w.yuan(a["loss_present_value"]),
            "ratio": w.share(a["loss_ratio"]),
        }
        if lost and a["largest_cause"] is not None:
            values |= {"cause": w.cause(a["largest_cause"]), "amount": w.yuan(a["largest_cause_present_value"])}
            out.append(w("answer_loss", **values))
        else:
            out.append(w("answer_gain", **values))
    return out


def _person(data: dict[str, Any], w: _Words) -> list[str]:
    p, c = data["person"], data["claim"]
    line = w(
        "person_line",
        sex=w(p["sex"]),
        birth=w.month(p["birth"]),
        type=w(p["hukou_type"]),
        hukou=w.place(p["hukou"]),
        category=w(p["retirement_category"]),
    )
    if p["stars"]:
        line += w("semicolon") + w("stars", stars="★" * p["stars"])
    award = w("award", month=w.month(c["month"]), age=w.age(c["age_months"]), statutory=w.month(c["statutory_month"]))
    return [*w.heading(w("person")), line, award]


def _summary(data: dict[str, Any], w: _Words) -> list[str]:
    out = w.heading(w("history"))
    s = data["summary"]
    for row in s["schemes"]:
        where = {"place": w.place(row["place"]), "first": w.month(row["first"]), "last": w.month(row["last"])}
        if row["scheme"] == "employee":
            months = {"recorded": row["recorded_months"], "counted": row["counted_months"]}
            out.append(w("summary_employee", **where, **months, classes=w.classes(row["classes"])))
        else:
            out.append(w("summary_resident", **where, years=row["years"], counted=row["counted_months"]))
    for row in s["schemes"]:
        if row.get("stranded_months"):
            out.append(w("stranded", place=w.place(row["place"]), n=row["stranded_months"]))
    for t in s["temporary"]:
        if "first_month" not in t:
            out.append(w("decided_temporary", place=w.place(t["place"])))
            continue
        out.append(
            w(
                "is_temporary",
                place=w.place(t["place"]),
                hukou=w.place(t["hukou"]),
                month=w.month(t["first_month"]),
                age=w.age(t["age_months"]),
                limit=t["age_limit"],
                source=w.source(t["source"]),
            )
        )
    if data["person"]["dropped_months"]:
        out.append(w("dropped", n=data["person"]["dropped_months"]))
    if data["person"]["overlap_months"]:
        out.append(w("overlap", n=data["person"]["overlap_months"]))
    if data["answer"]["route"] == "resident_to_employee" and data["claim"]["resident_months"]:
        out.append(w("discarded", n=data["claim"]["resident_months"]))
    for gap in s["gaps"]:
        out.append(w("gap", first=w.month(gap["first"]), last=w.month(gap["last"]), n=gap["months"]))
    return out


def _claim(data: dict[str, Any], w: _Words) -> list[str]:
    c = data["claim"]
    out = w.heading(w("claim"))
    for p in c["places"]:
        line = w(
            "place_line",
            place=w.place(p["place"]),
            classes=w.classes(p["months"]),
            last=w.month(p["last"]),
            ten=p["ten_year_months"],
        )
        if p["months"]["temporary"]:
            more = w("never_pays")
        elif p["months_to_ten_years"]:
            more = w("ten_missing", n=p["months_to_ten_years"])
        else:
            more = w("ten_reached")
        out.append(line + w("semicolon") + more)
    if c["place"] is not None:
        out.append(w("claim_place", place=w.place(c["place"]), branch=w(f"branch_{c['branch_number']}")))
    for a in c["alternatives"]:
        rule = w("hukou_rule" if a["rule"] == "hukou" else a["rule"])
        money = {"monthly": w.yuan(a["monthly"]), "present_value": w.yuan(a["present_value"])}
        out.append(w("alternative", place=w.place(a["place"]), rule=rule, **money))
    reached = w("not_reached", n=c["missing_months"]) if c["missing_months"] else w("reached")
    values = {"months": c["employee_months"], "minimum": c["minimum_months"], "resident": c["resident_months"]}
    out.append(w("vested", **values, reached=reached, annuity=c["annuity_months"]))
    return out


def _choice_rows(options: list[dict[str, Any]], w: _Words) -> list[str]:
    names = ("choice", "claim", "start", "monthly", "once", "cost", "pw", "net", "left")
    rows = [
        [
            w(o["option"]),
            o["claim"],
            o["start"] or "-",
            *(w.yuan(o[key]) for key in ("monthly", "lump_sum", "cost", "present_value", "net_present_value")),
            w.yuan(o["pooled_left_behind"]),
        ]
        for o in options
        if o["allowed"]
    ]
    return _table([w(f"col_{name}") for name in names], rows, left=3) if rows else []


def _how(o: dict[str, Any], w: _Words) -> str:
    choice, source = w(o["option"]), w.source(o["source"])
    if not o["allowed"]:
        return w("not_open", choice=choice, reason=w.known(o["reason"]), source=source)
    if "months_added" in o:
        values = {"n": o["months_added"], "place": w.place(o["place"]), "index": f"{o['index']:g}"}
        line = w("continue_how", choice=choice, source=source, **values)
        return line + w("semicolon") + w("at_once", n=o["months_at_once"]) if "months_at_once" in o else line
    if "lump_sum_month" in o:
        money = {"amount": w.yuan(o["lump_sum"]), "month": w.month(o["lump_sum_month"])}
        line = w("withdraw_how", choice=choice, source=source, **money)
    else:
        line = w("bridge_how", choice=choice, source=source)
    return line + w("semicolon") + w("backpay_how", amount=w.yuan(o["backpay"])) if o["backpay"] else line


def _choices(data: dict[str, Any], w: _Words) -> list[str]:
    c = data["choices"]
    if not c["options"]:
        return []
    first = data["regimes"][c["regime"]]
    out = w.heading(w("choices", n=c["missing_months"], month=w.month(c["statutory_month"])))
    out += [w("choices_head", title=w.title(first, c["regime"])), *_choice_rows(c["options"], w)]
    out += [_how(o, w) for o in c["options"]]
    if c["male_60_choice"]:
        options = c["male_60_choice"]["options"]
        out += ["", w("male_60_choice", month=w.month(c["statutory_month"])), *_choice_rows(options, w)]
        out += [_how(o, w) for o in options if o["option"] != "wait"]
    return out


def _claim_months(data: dict[str, Any], w: _Words) -> list[str]:
    """Every sixth month and the statutory one; all months are in the data."""
    c = data["choices"]
    months = c["claim_months"]
    if len(months) < 2:
        return []
    shown = [
        m for k, m in enumerate(months) if k % 6 == 0 or k == len(months) - 1 or m["month"] == c["statutory_month"]
    ]
    rows = []
    for m in shown:
        money = ("monthly", "own_contributions", "present_value", "net_present_value")
        mark = "*" if m["month"] == c["statutory_month"] else ""
        counted = "-" if m["employee_months"] is None else str(m["employee_months"])
        rows.append(
            [
                m["month"] + mark,
                w.age(m["age_months"]),
                f"{counted}/{m['minimum_months']}",
                *("-" if m[key] is None else w.yuan(m[key]) for key in money),
            ]
        )
    head = [w(f"col_{name}") for name in ("claim", "age", "months", "monthly", "own", "pw", "net")]
    note = w("claim_months_note", first=w.month(months[0]["month"]), last=w.month(months[-1]["month"]))
    reasons = dict.fromkeys(m["reason"] for m in shown if m["reason"])
    out = [*w.heading(w("claim_months")), note, *_table(head, rows, left=2)]
    return out + [f"-: {w.known(reason)}" for reason in reasons]


def _regimes(data: dict[str, Any], w: _Words) -> list[str]:
    out = w.heading(w("regimes"))
    first = data["claim"]
    used: dict[str, None] = {}
    for number, (name, r) in enumerate(data["regimes"].items()):
        line = {"name": name, "title": w.title(r, name), "monthly": w.yuan(r["monthly"])}
        out += ["", w("regime_line", **line, route=w(f"route_{r['route']}"))]
        if r["place"] is not None and (r["place"], r["branch_number"]) != (first["place"], first["branch_number"]):
            branch = w(f"branch_{r['branch_number']}")
            out.append("  " + w("claim_place", place=w.place(r["place"]), branch=branch))
        steps = [s for s in data["steps"] if s["regime"] == name]
        for step in steps:
            if formula := _formula(step, w, values=number == 0):
                out.append("  " + formula)
        for component in _COMPONENTS:
            if r["components"][component]:
                amount = _padded(w.yuan(r["components"][component]), 12)
                label = _padded(w(component), 26, left=True)
                month = w.month(r["starts"][component])
                out.append("  " + w("component_line", component=label, amount=amount, month=month))
        for what, paid in (
            ("refund_overlap", r["refunds"]["overlap"]),
            ("refund_dropped", r["refunds"]["dropped_months"]),
            ("backpay", r["backpay"]),
            ("lump_sum", r["lump_sum"]),
        ):
            if paid:
                label = _padded(w(what), 26, left=True)
                out.append("  " + w("once_line", what=label, amount=_padded(w.yuan(paid), 12)))
        rate = w("undefined") if r["replacement_rate"] is None else f"{r['replacement_rate']:.1%}"
        wealth = {"present_value": w.yuan(r["present_value"]), "year": data["parameters"]["price_year"]}
        out.append("  " + w("pw_line", **wealth, month=w.month(first["statutory_month"]), rate=rate))
        for value in [v for s in steps for v in s.get("parameters", [])] + r["basis"]:
            if line_of := _value_used(value, w):
                used[line_of] = None
    return [*out, "", *used]


_SYMBOLS: Final = {
    "calculation_base": "P",
    "coefficient": "k",
    "annuity_months": "M",
    "resident_basic": "B",
}


def _value_used(v: dict[str, Any], w: _Words) -> str:
    """One parameter value of the formulas with its source and status."""
    symbol = _SYMBOLS.get(v["argument"])
    if symbol is None:
        return ""
    value = f"{v['value']:.2%}" if symbol == "k" else f"{v['value']:,.1f}" if symbol == "M" else w.yuan(v["value"])
    period = "" if v["period"] is None else str(v["period"])
    if w.zh and period:
        period = w.month(period) if len(period) == 7 else f"{period}年"
    # A published value names its source, a filled one its rule.
    published = v["rule"] in ("published", "carried")
    why = v["source"] if published or not w.zh else RULES_ZH[v["rule"]]
    place = "" if v["place"] == schema.NATION else w.place(v["place"])
    name = {"table": w(f"t_{v['table']}"), "place": place if w.zh or not place else f" {place}"}
    where = name | {"period": period if w.zh or not period else f" {period}"}
    return w("value_used", symbol=symbol, value=value, **where, status=w(v["status"]), why=why).strip()


def _formula(step: dict[str, Any], w: _Words, values: bool) -> str:
    """One step of a settlement as a line; empty for the steps that are printed elsewhere."""
    v, result, place = step["values"], step["result"], w.place(step.get("place"))
    source = w.source(step["source"])
    match step["what"]:
        case "average_index":
            return (
                f"{w('f_average_index')} = {v['index_sum']:.6f} / {v['contribution_months']:.0f} {w('months_unit')} = "
                f"{result:.6f} [{place}; {source}]"
            )
        case "indexed_wage":
            wage = f"{v['calculation_base']:,.2f} x {v['average_index']:.6f} = {result:,.4f}"
            return f"{w('f_indexed_wage')} = {wage} [{source}]"
        case "basic_pension":
            return (
                f"{w('basic')} = ({v['calculation_base']:,.2f} + {v['indexed_wage']:,.4f})/2 x "
                f"{v['contribution_months']:.0f}/12 x 1% = {result:,.4f} [{place}; {source}]"
            )
        case "account_pension":
            return f"{w('account')} = {v['balance']:,.2f} / {v['annuity_months']:.1f} = {result:,.4f} [{source}]"
        case "transitional_pension":
            return (
                f"{w('transitional')} = {v['calculation_base']:,.2f} x {v['index']:.6f} x {v['deemed_months']:.0f}/12 "
                f"x {v['coefficient']:.2%} = {result:,.4f} [{place}; {source}]"
            )
        case "required_years":
            return w("f_required", result=f"{result:.0f}", age=w.age(int(v["age_months_at_start"]))) + f" [{source}]"
        case "retained_share":
            months = {"months": f"{v['resident_months']:.0f}", "required": f"{v['required_years']:.0f}"}
            return w("f_share", **months, result=f"{result:.6f}") + f" [{source}]"
        case "whole_years":
            months = {"employee": f"{v['employee_months']:.0f}", "resident": f"{v['resident_months']:.0f}"}
            return w("f_years", **months, result=f"{result:.0f}") + f" [{source}]"
        case "missing_years":
            years = {"required": f"{v['required_years']:.0f}", "years": f"{v['years']:.0f}"}
            return w("f_missing", **years, result=f"{result:.0f}") + f" [{source}]"
        case "year_premium_segment":
            amounts = {"years": f"{v['years']:.4f}", "above": f"{v['above']:.0f}", "amount": f"{v['amount']:g}"}
            return w("f_premium", **amounts, result=f"{result:,.4f}") + f" [{source}]"
        case "resident_account_pension":
            return f"{w('resident_account')} = {v['balance']:,.2f} / 139 = {result:,.4f} [{source}]"
        case "present_value" if values and result:
            amounts = {"amount": f"{v['amount']:,.4f}", "factor": f"{v['factor']:,.6f}", "result": f"{result:,.2f}"}
            return w("f_value", of=_valued(step["of"], w), **amounts)
    return ""


def _valued(of: str, w: _Words) -> str:
    names = {"account pension": "account", "resident account pension": "resident_account", "lump sum": "lump_sum"}
    return w(names.get(of, of))


def _losses(data: dict[str, Any], w: _Words) -> list[str]:
    out = w.heading(w("losses"))
    for pair, loss in data["losses"].items():
        a, _, b = pair.partition("->")
        word = "less" if loss["present_value"] > 0 else "more" if loss["present_value"] < 0 else "same"
        money = {"monthly": w.yuan(loss["monthly"]), "present_value": w.yuan(loss["present_value"])}
        out += ["", w(f"loss_{word}", a=a, b=b), "  " + w("loss_line", **money, ratio=w.share(loss["ratio"]))]
        rows = [
            [
                f"{w.cause(cause)} [{w.source(d['source'])}]",
                w.yuan(d["present_value"]),
                w.yuan(d["monthly"]),
                w.share(d["ratio"]),
            ]
            for cause, d in loss["causes_detail"].items()
            if abs(d["present_value"]) >= 0.005
        ]
        if rows:
            rows.append(
                [
                    w("cause_sum"),
                    w.yuan(loss["present_value"]),
                    w.yuan(loss["present_value_monthly"]),
                    w.share(loss["ratio"]),
                ]
            )
            head = [w(f"col_{name}") for name in ("cause", "pw", "pw_monthly", "ratio")]
            out += _table(head, rows, indent="  ")
    return out if data["losses"] else []


def _moves(data: dict[str, Any], w: _Words) -> list[str]:
    out = w.heading(w("moves", name=next(iter(data["regimes"]))))
    for t in data["transfers"]:
        kind = w("move_hukou") if t["kind"] == "hukou" else t["kind"]
        money = {"account": w.yuan(t["account"]), "pooled": w.yuan(t["pooled"])}
        out.append(w("move_line", kind=kind, origin=w.place(t["from"]), to=w.place(t["to"]), **money))
    return out if data["transfers"] else [*out, w("none")]


def _parameters(data: dict[str, Any], w: _Words) -> list[str]:
    p = data["parameters"]
    counts = w.joined(f"{n} {w(status)}" for status, n in sorted(p["counts"].items()))
    out = [*w.heading(w("rests")), w("scenario", scenario=p["scenario"], hash=p["hash"][:16], counts=counts)]
    for status in ("unconfirmed", "estimated", "projected"):
        by_table: dict[tuple[str, int, str], list[int]] = {}
        for v in p[status]:
            by_table.setdefault((v["table"], v["place"], v["rule"]), []).append(v["year"] or 0)
        for (table, place, rule), years in by_table.items():
            first, last = min(years), max(years)
            span = "" if not last else f" {first}" if first == last else f" {first}-{last}"
            where = {"table": w(f"t_{table}"), "place": w.place(place), "span": span}
            why = RULES_ZH[rule] if w.zh else rule
            out.append(w("uncertain_line", status=w(status), **where, rule=why))
    return out


def _records(data: dict[str, Any], w: _Words) -> list[str]:
    out = w.heading(w("records"))
    paid = [r for r in data["history"] if r["scheme"] == "employee"]
    if paid:
        names = ("year", "n", "place", "base", "wage", "index", "wage_claim", "index", "share", "credited")
        rows = [
            [
                str(r["year"]),
                str(r["months"]),
                w.place(r["place"]),
                w.yuan(r["base"]),
                *(
                    "-" if r.get(key) is None else f"{r[key]:,.{digits}f}"
                    for key, digits in (
                        ("reference_wage", 2),
                        ("index", 4),
                        ("reference_wage_at_claim_place", 2),
                        ("index_at_claim_place", 4),
                    )
                ),
                f"{r['account_rate']:.0%}",
                w.yuan(r["credited_with_interest"]),
            ]
            for r in paid
        ]
        out += [w("records_employee"), *_table([w(f"col_{name}") for name in names], rows, left=3)]
    deemed = [r for r in data["history"] if r["scheme"] == "deemed"]
    if deemed:
        indices = w.joined(f"{index:g}" for index in sorted({r["index"] for r in deemed}))
        out.append(w("records_deemed", n=sum(r["months"] for r in deemed), indices=indices))
    residents = [r for r in data["history"] if r["scheme"] == "resident"]
    if residents:
        columns = ("year", "place", "paid", "subsidy", "credited", "rate", "balance", "overlap")
        rows = [
            [
                str(r["year"]),
                w.place(r["place"]),
                *(w.yuan(r[key]) for key in ("base", "subsidy", "credited")),
                f"{r['rate']:.2%}" if "rate" in r else "-",
                w.yuan(r["balance"]) if "balance" in r else "-",
                str(r.get("overlap_months") or "-"),
            ]
            for r in residents
        ]
        head = [w(f"col_{name}") for name in columns]
        out += [*([""] if len(out) > 2 else []), w("records_resident"), *_table(head, rows, left=2)]
    return out


# ---- what if ------------------------------------------------------------------------------------------------------


def _path(row: dict[str, Any], w: _Words) -> str:
    values = {key: row[key] for key in ("months",) if key in row}
    values |= {key: f"{row[key]:g}" for key in ("index", "contribution") if key in row}
    if "place" in row:
        values["place"] = w.place(row["place"])
    return w(f"path_{row['path']}", **values)


def _paths(data: dict[str, Any], w: _Words) -> list[str]:
    last = data["last"]
    out = w.heading(w("whatif", now=w.month(data["now"])))
    values = {"month": w.month(last["month"]), "place": w.place(last["place"]), "form": w(last["form"])}
    when = {"award": w.month(data["award"]), "year": data["parameters"]["price_year"]}
    out.append(w("whatif_last", **values, index=f"{last['index']:.4f}", **when))
    notes = []
    for name, regime in data["regimes"].items():
        rows = []
        for row in data["paths"]:
            r, path = row["regimes"][name], _path(row, w)
            if "reason" in r:
                notes.append(w("no_result", path=path, regime=name, reason=w.known(r["reason"])))
            money = ("monthly", "present_value", "net_present_value")
            cells = ["-" if r[key] is None else w.yuan(r[key]) for key in money]
            own = "-" if row["own_contributions_value"] is None else w.yuan(row["own_contributions_value"])
            months = "-" if r.get("employee_months") is None else str(r["employee_months"])
            place = w.place(r.get("place"))
            rows.append([path, place, f"{months}/{row['minimum_months']}", cells[0], own, *cells[1:]])
        head = [w(f"col_{name}") for name in ("path", "place", "months", "monthly", "own", "pw", "net")]
        out += ["", f"{name}: {w.title(regime, name)}", *_table(head, rows, left=2)]
    for row in data["paths"]:
        if row.get("beyond_flexible"):
            notes.append(w("beyond_flexible", path=_path(row, w)))
        if row["valued_at"] != data["statutory_month"]:
            dates = {"month": w.month(row["valued_at"]), "other": w.month(data["statutory_month"])}
            notes.append(w("whatif_dates", path=_path(row, w), **dates))
    return [*out, *notes]


def _next(data: dict[str, Any], w: _Words) -> list[str]:
    out = w.heading(w("next"))
    head = [w("col_way"), w("col_own")]
    for name in data["regimes"]:
        head += [f"{name}: {w('col_gain')}", w("col_per_yuan")]
    for after in ("stop", "stay"):
        ways = [row for row in data["next_months"] if row["after"] == after]
        rows = []
        for row in ways:
            values = {"place": w.place(row["place"])}
            if row["scheme"] == "employee":
                values["form"] = w(row["form"])
            else:
                values["contribution"] = f"{row['contribution']:g}"
            line = [w(f"way_{row['scheme']}", **values), w.yuan(row["own_contributions_value"])]
            for r in row["regimes"].values():
                line.append("-" if r["present_value"] is None else w.yuan(r["present_value"]))
                line.append("-" if r["per_yuan"] is None else f"{r['per_yuan']:.2f}")
            rows.append(line)
        if rows:
            out += [w(f"next_{after}", n=ways[0]["months"]), *_table(head, rows), ""]
    return out[:-1]

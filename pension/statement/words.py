"""The words of a statement, English and Chinese side by side, and how names, numbers and tables are written."""

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
    "this regime needs the actual income of every paid employee month; one states none": (
        "this regime needs the actual income of every paid employee month; one states none",
        "该方案需要每个职工缴费月的实际收入，有的月份未提供",
    ),
    "no such career: the first record is resident, or there is no paid employee month": (
        "no such career: the first record is resident, or there is no paid employee month",
        "无此经历：首条记录为居民养老保险，或没有职工缴费月",
    ),
    "this regime would award before 2014-07, under rules this program does not hold": (
        "this regime would award before 2014-07, under rules this program does not hold",
        "按该方案应在2014年7月之前核定，适用的规定未收录",
    ),
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
    "regime_undefined": ("{name}: no result - {reason}", "{name}：无结果——{reason}"),
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
    "f_top_up": ("citizen pension = {other}, at least 0 = {result}", "公民养老金 = {other}，不小于0 = {result}"),
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
    "loss_further": (
        "lost years of contributions {years}; compensating contribution {compensation} yuan at the statutory month; "
        "gap of rates of return {irr}, of money's worth {worth}",
        "折损年限{years}年；补偿额{compensation}元（法定退休月）；内部收益率差{irr}；待遇缴费比差{worth}",
    ),
    "survival_un_wpp_2024": (
        "Survival: United Nations, World Population Prospects 2024, by sex and calendar year",
        "生存率：联合国《世界人口展望2024》，分性别、分日历年",
    ),
    "survival_cl5_cl6": (
        "Survival: China Life Insurance Mortality Tables (2010-2013) CL5 and CL6, annuitants; period tables applied to "
        "every year",
        "生存率：中国人身保险业经验生命表（2010—2013）养老类CL5、CL6；时期表，各年均用",
    ),
    "survival_file": ("Survival: table of the user, {name}", "生存率：用户生命表{name}"),
    # --- what was paid and what it earns
    "wealth": ("What was paid and what it earns", "缴费与回报"),
    "wealth_note": (
        "Present values at {month} in yuan of {year}; money's worth = present value / own contributions; rate of "
        "return of own contributions, nominal, a year; forfeited = money paid that carries neither right nor cash.",
        "{month}现值（{year}年价格，元）；待遇缴费比＝待遇现值/本人缴费现值；内部收益率为本人缴费的名义年收益率；"
        "沉没比例＝既不计权益也不退还的缴费占全部缴费的比例。",
    ),
    "irr_several": (
        "{name}: {n} rates of return; the one nearest to the discount rate is shown",
        "{name}：存在{n}个内部收益率，所示为最接近贴现率者",
    ),
    "col_regime": ("regime", "方案"),
    "col_all": ("all", "全部缴费"),
    "col_worth": ("worth", "待遇缴费比"),
    "col_irr": ("return", "内部收益率"),
    "col_forfeited": ("forfeited", "沉没比例"),
    "no own contributions, so there is neither a rate of return nor a money's worth": (
        "no own contributions, so there is neither a rate of return nor a money's worth",
        "本人没有缴费，因此没有内部收益率和待遇缴费比",
    ),
    "nothing is received, so there is no rate of return": (
        "nothing is received, so there is no rate of return",
        "没有任何待遇，因此没有内部收益率",
    ),
    "no rate of return between -90 % a year and 100 % a month": (
        "no rate of return between -90 % a year and 100 % a month",
        "在每年-90%至每月100%之间没有内部收益率",
    ),
    "col_cause": ("cause and rule", "原因与规则"),
    "col_pw_monthly": ("yuan/month", "折合元/月"),
    "col_ratio": ("of reference", "占比"),
    "cause_sum": ("sum of the causes (Shapley values)", "合计（沙普利值）"),
    "flat_base": ("whose calculation base values the social-average half", "社会平均部分按何地计发基数"),
    "earnings_base": ("whose calculation base values the own-earnings half", "本人缴费部分按何地计发基数"),
    "index_wage": ("whose wages are the denominators of the index", "指数以何地社平工资为分母"),
    "floor": ("lower bound of the contribution base", "缴费基数下限"),
    "income_cause": ("which income counts for the base", "计入缴费基数的收入"),
    "payer": ("who pays the pooled part for platform work", "平台用工统筹部分由谁缴纳"),
    "enrolment": ("who is insured where", "参保范围与参保地"),
    "exit_before_2010": ("leaving a province before 2010", "2010年前跨省退保"),
    "refund when a province was left before 2010": ("refund when a province was left", "离省退保返还"),
    "refund_surrender": ("refund of a surrender", "退保返还"),
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
    "move_worth": (
        "  {months} months: worth {origin} yuan at the origin's wages, {to} at the destination's; pooled money that "
        "stays {stays}",
        "  {months}个月：按转出地工资计值{origin}元，按转入地工资计值{to}元；留在转出地的统筹基金{stays}元",
    ),
    "move_origin_gains": ("  {place} gains {x} (liability less pooled money)", "  {place}得益{x}元（义务减转出统筹）"),
    "move_origin_bears": (
        "  {place} bears {x} (pooled money above liability)",
        "  {place}负担{x}元（转出统筹超过义务）",
    ),
    "move_destination_gains": (
        "  {place} gains {x} (pooled money above liability)",
        "  {place}得益{x}元（转入统筹超过义务）",
    ),
    "move_destination_bears": (
        "  {place} bears {x} (liability less pooled money)",
        "  {place}负担{x}元（义务减转入统筹）",
    ),
    "move_member_gains": ("  the member gains {x}", "  参保人得益{x}元"),
    "move_member_bears": ("  the member loses {x}", "  参保人损失{x}元"),
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
    "t_base_floor": ("lower limit of the contribution base", "缴费基数下限"),
    "t_base_ceiling": ("upper limit of the contribution base", "缴费基数上限"),
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
    # --- proposals
    "ndc": ("pension from the notional account", "名义账户养老金"),
    "points": ("pension from points", "积分养老金"),
    "rights": ("pension from booked rights", "权益养老金"),
    "citizen": ("citizen pension", "公民养老金"),
    "branch_7": (
        "reading of 70号: the relation was transferred before 2010 and never since, so its place pays",
        "按70号的一种理解：2010年前已转移、此后未再转移的关系，由该地支付",
    ),
    "branch_8": ("regime: the place with the highest present value", "方案规定：现值最高的参保地"),
    "defined": ("defined", "有结果"),
    "payer_of_benefit": ("which pool pays the benefit", "待遇由何地基金支付"),
    "pooled_transfer": ("pooled money that moves between provinces", "跨省转移的统筹基金"),
    "hold_harmless": ("no guarantee against being paid less", "无不低于现行待遇的保证"),
    "design": ("the formula by which contributions earn a pension", "缴费形成待遇的公式"),
    "citizen_floor": ("no citizen pension", "无公民养老金"),
    "pension by the regime's design, and transitional pension": (
        "pension by the regime's design, and transitional pension",
        "按方案设计的养老金和过渡性养老金",
    ),
    # --- beside the award
    "after": ("After the award, under the law in force", "核定之后（按现行制度）"),
    "after_adjusted": (
        "First adjustment in {year}: {rate} ({status}), {monthly} yuan a month at the end of that year.",
        "{year}年首次调整：{rate}（{status}），当年年末每月{monthly}元。",
    ),
    "after_moved": (
        "In {year} {monthly} yuan a month at the year's end; the resident pension moves with the amounts announced.",
        "{year}年年末每月{monthly}元；居民养老金随公布标准调整。",
    ),
    "after_used_up_employee": (
        "The employee account of {balance} yuan is used up in {month}; the pool then pays on.",
        "职工个人账户{balance}元于{month}支付完毕，此后由统筹基金继续支付。",
    ),
    "after_used_up_resident": (
        "The resident account of {balance} yuan is used up in {month}; the pool then pays on.",
        "居民个人账户{balance}元于{month}支付完毕，此后由统筹基金继续支付。",
    ),
    "after_deaths": ("A death in {months} leaves heirs {amounts} yuan", "若于{months}死亡，继承人可得{amounts}元"),
    "after_not_in_it": ("; not in it: {reasons}", "；未计入：{reasons}"),
    "after_path": ("The pension in the first years", "最初各年的养老金"),
    "col_december": ("monthly in December", "年末月养老金"),
    "col_paid_out": ("paid in the year", "全年领取"),
    "col_adjusted": ("adjustment", "调整幅度"),
    "heirs": (
        "A death in {month} ({when}, {months} credited months) leaves:",
        "若于{month}死亡（{when}，缴费年限{months}个月），继承人可得：",
    ),
    "before_award": ("before the award", "核定之前"),
    "in_payment": ("after the award", "领取期间"),
    "heirs_employee": ("employee account", "职工个人账户余额"),
    "heirs_resident": ("resident account", "居民个人账户余额"),
    "heirs_funeral": ("funeral grant", "丧葬补助金"),
    "heirs_bereavement": ("bereavement grant", "抚恤金"),
    "heirs_funeral_and_bereavement": ("funeral and bereavement grant", "丧葬补助金和抚恤金"),
    "heirs_known": ("together, as far as known: {amount} yuan", "已知合计：{amount}元"),
    "known": ("{what}: {amount} yuan", "{what}：{amount}元"),
    "not_known": ("{what}: not known - {reason}", "{what}：无法确定——{reason}"),
    "bracketed": (" ({text})", "（{text}）"),
    "disability": ("disability allowance", "病残津贴"),
    "disability_paid": (
        "Disability allowance from {first}: {amount} yuan a month, paid by {place} for {months} credited months - "
        "{case}.",
        "病残津贴自{first}起每月{amount}元，由{place}支付，缴费年限{months}个月——{case}。",
    ),
    "disability_1": (
        "within five years of the statutory age: as the pension",
        "距法定退休年龄五年以内：按基本养老金计发",
    ),
    "disability_2": (
        "more than five years before the statutory age: the basic pension",
        "距法定退休年龄五年以上：按基础养老金计发",
    ),
    "disability_3": (
        "minimum months not reached: the basic pension for some months",
        "未达最低缴费年限：按基础养老金发给若干个月",
    ),
    "disability_again": ("computed again in {month}: {amount} yuan a month", "{month}重新核定：每月{amount}元"),
    "disability_months": (
        "for {months} months, at the latest to {last}: {total} yuan in all at the first amount",
        "共{months}个月，最迟至{last}；按首月金额合计{total}元",
    ),
    "double": ("both pensions at once", "重复领取"),
    "double_line": (
        "A resident pension drawn since {claim} meets the employee pension of {monthly} yuan from {begins} on; found "
        "in a December, to be repaid (人社部发〔2014〕17号 art. 8):",
        "自{claim}起领取的居民养老金与职工养老金（每月{monthly}元）自{begins}起重复；"
        "于某年末发现时应退还（人社部发〔2014〕17号 art. 8）：",
    ),
    "col_found": ("found", "发现时"),
    "col_drawn": ("drawn", "已领"),
    "col_repayment": ("to repay", "应退"),
    "col_set_off_against_balance": ("from the account", "账户抵扣"),
    "col_set_off_against_pension": ("from the pension", "养老金抵扣"),
    "col_balance_paid_out": ("account paid out", "账户退还"),
    "enterprise": ("enterprise", "企业年金"),
    "occupational": ("occupational", "职业年金"),
    "annuity_of": ("annuity {number}, {kind}", "年金{number}（{kind}）"),
    "annuity": (
        "{label}: {start} to {end}, at the award {balance} yuan (own {own}, employer {employer}) at {rate} a year",
        "{label}：{start}至{end}，核定时{balance}元（个人{own}元，单位{employer}元），年收益率{rate}",
    ),
    "annuity_left": (
        "left in {month}: {taken} yuan taken along, {lost} yuan forfeited",
        "{month}离职：带走{taken}元，未归属{lost}元",
    ),
    "annuity_disabled": (
        "at the disability: own {own}, employer {employer} yuan",
        "病残时：个人{own}元，单位{employer}元",
    ),
    "annuity_paid": (
        "paid out over {months} annuity months: {monthly} yuan a month",
        "按计发月数{months}个月领取：每月{monthly}元",
    ),
    "annuity_instalments": ("or in {number} instalments of {amount} yuan", "或分{number}期，每期{amount}元"),
    "public": (
        "Public-sector posts: {since} months since the reform, {before} before it; {moved} yuan of pooled money moves "
        "on leaving.",
        "机关事业单位：改革后{since}个月，改革前{before}个月；离开时转移统筹{moved}元。",
    ),
    "access": ("Access to the schemes at the time", "参保当时的准入"),
    "access_total": ("{closed} months closed, {unknown} unknown", "当时不可参保{closed}个月，无法确定{unknown}个月"),
    "access_line": (
        "{first} to {last}, {scheme}, {form}, {place}: {state} - {rule}",
        "{first}至{last}，{scheme}，{form}，{place}：{state}——{rule}",
    ),
    "access_closed": ("closed", "不可参保"),
    "access_unknown": ("unknown", "无法确定"),
    "scheme_employee": ("employee scheme", "城镇职工基本养老保险"),
    "scheme_resident": ("resident scheme", "城乡居民基本养老保险"),
    "form": ("The award form", "养老金核定表"),
    "form_province": ("The award form of {place}, rounded as its forms are", "{place}核定表（按当地表样取整）"),
    "form_exact": ("The award form of {place}, nothing rounded", "{place}核定表（不取整）"),
    "col_form_line": ("line", "项目"),
    "col_convention": ("convention", "取整规则"),
    "col_printed": ("printed", "表列"),
    "col_exact": ("exact", "精确值"),
}
"""Every phrase, (English, Chinese). Keys are the ASCII words of the JSON where there is one."""

RULES_ZH: Final[dict[str, str]] = {
    "published": "公布值",
    "carried": "沿用此前最近值",
    "share_of_wage": "上年社平工资的60%和300%",
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

SAID_ZH: Final[dict[str, str]] = {
    # what follows the award
    "before 2011-07 only the own part was inheritable, and resident money is in this account": (
        "2011-07之前只有个人缴费部分可继承，而该账户含有居民账户资金"
    ),
    "deaths before {month} fall under provincial rules that are not held": "{month}之前死亡适用各省规定，未收录",
    "urban disposable income of {place} in {year} is not given (disposable_income)": (
        "丧葬补助金和抚恤金需要{place}（{year}年）城镇居民人均可支配收入（disposable_income），未提供"
    ),
    "the relation ended with the withdrawal: no rule was found": "关系已终止，未找到规定",
    "the funeral grant of residents is local; no dated figure of {place} is known": (
        "居民丧葬补助金由各地规定，{place}的标准未知"
    ),
    "the allowance belongs to the employee scheme, and no month is counted in it": "病残津贴属职工养老保险，无计入月数",
    "no employee pension is awarded, so nothing is drawn twice": "未核定职工养老金，不存在重复领取",
    "no adjustment of {year} is known": "{year}年的调整幅度未知",
    "for occupational annuities only the monthly payout is held": "职业年金只按月领取",
    "the coefficient of the occupational make-up was not found in a text": "职业年金补记系数未找到依据",
    "the pension by the old method (a post's pay table) is not given": "老办法待遇（职务工资标准）未提供",
    "the whole balance": "全部余额",
    "own contributions only": "仅个人缴费部分",
    "without the subsidies": "不含政府补贴",
    "moves when the member leaves for an enterprise or another area": "流动到企业或跨地区时转移",
    # access
    "individuals at their registered residence: open from {month}": "本地户籍灵活就业人员：{month}起可参保",
    "individuals of {place} outside their registered residence: unknown to {before}, open from {month}": (
        "{place}省内非户籍地灵活就业人员：至{before}情况不明，{month}起可参保"
    ),
    "individuals of other provinces in {place}: {more}": "{place}的外省户籍灵活就业人员：{more}",
    "{kind} residents: open from {month}": "居民养老保险（{kind}）：{month}起可参保",
    "residents insure at their registered residence": "居民养老保险在户籍地参保",
    # the award form
    "an award form is of one claim place's own method, and {name} settles otherwise": (
        "核定表按一个待遇领取地的办法计算，而{name}另行计算"
    ),
    "an award form is of an employee pension, and none is awarded": "核定表只用于职工养老金，此处没有",
    "the form needs what a statement does not hold: {more}": "核定表还需要：{more}",
    "Xinjiang Corps: base, coefficient and conventions of Xinjiang": "新疆兵团：按新疆的基数、系数和取整规则",
}
"""Sentences of the data, English to Chinese; the words in braces stay."""

_CLAUSES_ZH: Final = (
    ("no date known, so unknown to ", "开放日期未知，至"),
    ("unknown to ", "情况不明至"),
    ("closed to ", "不可参保至"),
    ("open from ", "可参保自"),
    ("unknown since", "此后情况不明"),
    ("so unknown", "情况不明"),
    ("there were taken on further conditions", "缴费的另按条件办理"),
    ("urban", "城镇"),
    ("rural", "农村"),
    ("assumption: ", "假设："),
    ("secondary: ", "二手来源："),
    ("official: ", "官方公布："),
    ("statute: ", "法规："),
    ("unconfirmed: ", "未经证实："),
    ("estimated: ", "估计："),
)

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
    ("ours pension rights paid", "本研究方案：权益养老金"),
    ("literature on notional accounts (名义账户)", "名义账户研究文献"),
    ("proposals for a citizen pension (国民年金)", "国民年金建议"),
    ("no rule in force", "无现行规定"),
)
_CAUSES: Final = {"overlap": "overlap_cause", "claim_place": "claim_place_cause", "income": "income_cause"}
COMPONENTS: Final = (
    "basic",
    "account",
    "transitional",
    "resident_basic",
    "year_premium",
    "age_supplement",
    "resident_account",
    "ndc",
    "points",
    "rights",
    "citizen",
)
"""Parts of a pension in the order in which they are printed."""


def check_language(lang: str) -> None:
    """InputError unless the statement is written in this language."""
    if lang not in LANGUAGES:
        raise refuse(f"the statement is written in {' or '.join(LANGUAGES)}", column="lang", value=lang)


class Words:
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

    def said(self, text: str) -> str:
        """A sentence of the data in this language; its sources stay as they are."""
        if not self.zh:
            return text
        if text in PHRASES:
            return self(text)
        body, bracket, sources = text.partition(" (") if re.search(r" \(\w+: ", text) else (text, "", "")
        for english, chinese in SAID_ZH.items():
            pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(english))
            if found := re.fullmatch(pattern, body):
                body = chinese.format(**{key: self._named(word) for key, word in found.groupdict().items()})
                break
        text = body + bracket + sources
        for english, chinese in _CLAUSES_ZH:
            text = text.replace(english, chinese)
        return text

    def _named(self, word: str) -> str:
        """A word of a sentence; a place, by code or English name, as it is called."""
        for code, chinese, english in schema.PLACES:
            if word == str(code):
                return self.place(code)
            if word == english:
                return chinese
        return word

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
        return [title, "=" * columns_of(title)]


def columns_of(text: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def padded(text: str, width: int, left: bool = False) -> str:
    space = " " * (width - columns_of(text))
    return text + space if left else space + text


def table(head: list[str], rows: list[list[str]], left: int = 1, indent: str = "") -> list[str]:
    """A table with aligned columns, the first ``left`` of them to the left."""
    widths = [max(columns_of(row[k]) for row in (head, *rows)) for k in range(len(head))]
    return [
        (indent + "  ".join(padded(cell, widths[k], k < left) for k, cell in enumerate(row))).rstrip()
        for row in (head, *rows)
    ]

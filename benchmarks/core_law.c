/* The core law of `current` and `fair` in C: the yardstick of the compiled kernel.
 *
 * One pass over a person's records into segments (one a place), then the two settlements. Written to be fast: both
 * regimes are fixed at compile time, sums stay in registers, what a record needs of a place and year is one half of a
 * cache line, indices against a foreign claim place are summed only where they are asked for.
 *
 * Reads what the kernel reads: the columns of the histories and the packed arrays of `World` (awards included). It
 * handles what the benchmark cohort contains and no more; benchmarks/numpy_baseline.py `check` refuses the rest: claims
 * other than statutory, late payments, deemed months, decisions of the agency, payments in the award year, several
 * employee records of a year, resident years elsewhere than at the registered residence, withdrawals.
 *
 * Compiled by benchmarks/compiler.py; benchmarks/c_kernel.py writes layout.h (numbers of columns, fields and codes).
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "layout.h"

#define EACH 4 /* columns written for each regime: status, route, monthly, pw */

typedef struct {
    const int8_t *sex, *hukou_type, *scheme, *form;
    const int16_t *hukou, *year, *months, *place, *work_place;
    const int32_t *birth;
    const int64_t *offsets;
    const double *base;
} Histories;

typedef struct {
    const double *wages, *annual, *years, *resident, *monthly, *at_month, *lines, *tiers, *floors;
    const double *weights, *prefix, *interest, *awards;
    const int64_t *position; /* [place code] -> position */
    double floor_tier;
    int64_t n_years, n_months, annual_width, resident_width, monthly_width;
    int64_t births, award_width, horizon, first_birth, n_employee_classes;
} World;

/* What a record needs of a place and year, for one yuan of base. */
typedef struct {
    double index;   /* 1 / reference wage */
    double account; /* account money of twelve months over the book growth to the end of the year */
} Yuan;

typedef struct {
    const Histories *h;
    const World *w;
    const Yuan *yuan; /* [place, year] */
    int16_t earning[4096]; /* months of interest that the credits of a mask earn in their year */
} Job;

typedef struct {
    int place, temporary;
    int last; /* last month paid, serial */
    int months;
    double index;   /* sum of indices against the wages of the place itself */
    double account; /* money over the book growth; with interest to the award after the records */
} Segment;

typedef struct {
    const double *award; /* row of the table of awards */
    int64_t begin, end;  /* records */
    int sex, birth, hukou, month; /* month of the award */
    int n, months;
    Segment segments[N_PLACES];
    double account;
    /* The resident side: payments and overlapped money over the book growth, refund at face. */
    int residents, resident_months;
    double paid, overlapped, refund;
} Person;

typedef struct { double route, monthly, pw; } Result;
typedef struct { double money, principal; } Balance;

/* ------------------------------------------------------------------ tables */

static inline const double *annual(const World *w, int place, int y) {
    return w->annual + (place * w->n_years + y) * w->annual_width;
}
static inline const double *monthly(const World *w, int place, int64_t month) {
    return w->monthly + (place * w->n_months + (month - FIRST_MONTH)) * w->monthly_width;
}
static inline const double *resident(const World *w, int place, int y) {
    return w->resident + (place * w->n_years + y) * w->resident_width;
}
static inline const double *lines(const World *w, int place) { return w->lines + place * N_LINE; }
static inline double at_month(const World *w, int column, int place, int64_t month) {
    return w->at_month[(column * N_PLACES + place) * w->n_months + (month - FIRST_MONTH)];
}
static inline double basic_at(const World *w, int place, int64_t month) {
    return at_month(w, MONTH_BASIC, place, month);
}

/* Value at `reference` of payments from `start` on; `column` LEVEL, ALPHA or BETA. */
static double stream(const World *w, int sex, int birth, int start, int reference, int column) {
    const double *line = w->weights + ((sex - 1) * w->births + (birth - w->first_birth)) * (AGE_MONTHS + 1) * N_WEIGHTS;
    int at = reference - birth - FIRST_AGE;
    if (start >= reference) {
        int a = start - birth - FIRST_AGE;
        return a >= AGE_MONTHS ? 0.0 : line[a * N_WEIGHTS + column] / line[at * N_WEIGHTS + WEIGHT];
    }
    const double *until = w->prefix + (reference - FIRST_MONTH) * 4, *since = w->prefix + (start - FIRST_MONTH) * 4;
    double before = until[column - LEVEL] - since[column - LEVEL];
    return before * w->interest[reference - FIRST_MONTH]
           + line[at * N_WEIGHTS + column] / line[at * N_WEIGHTS + WEIGHT];
}

/* Value of the resident basic pension for life from `start`: by notices, from the horizon by the scenario. */
static double basic_stream(const World *w, int sex, int birth, int place, int start, int reference) {
    double last = basic_at(w, place, w->horizon - 1), total = 0.0;
    int at = start;
    if (start < w->horizon) {
        double level = basic_at(w, place, start);
        total = level * stream(w, sex, birth, start, reference, LEVEL);
        for (int t = start + 1; t < w->horizon; t++) {
            double now = basic_at(w, place, t);
            if (now != level) {
                total += (now - level) * stream(w, sex, birth, t, reference, LEVEL);
                level = now;
            }
        }
        at = (int)w->horizon;
        total -= last * stream(w, sex, birth, at, reference, LEVEL);
    }
    return total + last * stream(w, sex, birth, at, reference, ALPHA) + stream(w, sex, birth, at, reference, BETA);
}

/* Year premium of one version: yuan a month, or a fraction of the basic pension. */
static double premium_amount(const double *version, double years) {
    double total = 0.0;
    for (int k = 0; k < N_SEGMENTS; k++) {
        const double *segment = version + 2 + 3 * k;
        if (segment[2] != 0.0) total += segment[2] * fmax(0.0, fmin(years, segment[1]) - segment[0]);
    }
    return total;
}

static double premium_at(const World *w, int place, double years, int month) {
    for (int v = N_VERSIONS - 1; v >= 0; v--) {
        const double *version = lines(w, place) + PREMIUM + v * PREMIUM_WIDTH;
        if (version[0] <= month) {
            double amount = premium_amount(version, years);
            return version[1] == 1.0 ? amount * basic_at(w, place, month) : amount;
        }
    }
    return 0.0;
}

static double premium_stream(const World *w, int sex, int birth, int place, double years, int start, int reference,
                             double level) {
    const double *line = lines(w, place) + PREMIUM;
    const int end_of_life = birth + FIRST_AGE + AGE_MONTHS;
    double total = 0.0;
    for (int v = 0; v < N_VERSIONS; v++) {
        const double *version = line + v * PREMIUM_WIDTH;
        double amount = premium_amount(version, years);
        if (amount == 0.0) continue;
        int begins = start > version[0] ? start : (int)version[0], ends = end_of_life;
        if (v + 1 < N_VERSIONS && version[PREMIUM_WIDTH] < ends) ends = (int)version[PREMIUM_WIDTH];
        if (begins >= ends) continue;
        double value;
        if (version[1] == 1.0) {
            value = basic_stream(w, sex, birth, place, begins, reference);
            if (ends < end_of_life) value -= basic_stream(w, sex, birth, place, ends, reference);
        } else {
            value = begins == start ? level : stream(w, sex, birth, begins, reference, LEVEL);
            if (ends < end_of_life) value -= stream(w, sex, birth, ends, reference, LEVEL);
        }
        total += amount * value;
    }
    return total;
}

/* Age supplement: the amount paid in month `start`, and the value of all from then on. */
static double supplement(const World *w, int sex, int birth, int place, int start, int reference, double *value) {
    const int end_of_life = birth + FIRST_AGE + AGE_MONTHS, age = (start - 1 - birth) / 12;
    double now = 0.0;
    *value = 0.0;
    for (int k = 0; k < N_BANDS; k++) {
        const double *band = lines(w, place) + SUPPLEMENT + 4 * k;
        if (band[2] == 0.0) continue;
        if (band[0] <= age && age < band[1] && start >= band[3]) now += band[2];
        int begins = birth + 12 * (int)band[0] + 1;
        if (begins < band[3]) begins = (int)band[3];
        if (begins < start) begins = start;
        int ends = isfinite(band[1]) ? birth + 12 * (int)band[1] + 1 : end_of_life;
        if (begins >= ends || begins >= end_of_life) continue;
        double worth = stream(w, sex, birth, begins, reference, LEVEL);
        if (ends < end_of_life) worth -= stream(w, sex, birth, ends, reference, LEVEL);
        *value += band[2] * worth;
    }
    return now;
}

/* ------------------------------------------------------------------ records */

/* Account money of one yuan of base paid in the months `mask`, over the book growth to the end of the year. */
static double account_of(const Job *job, int place, int y, int mask) {
    const double *line = annual(job->w, place, y);
    double total = 0.0, rate = line[ACCOUNT_RATE];
    for (int rest = mask, part; rest; rest &= ~part) {
        part = rest;
        if (line[UNIFORM] == 0.0) { /* a year in which a rate changes is booked in parts */
            const double *month = monthly(job->w, place, FIRST_MONTH + 12 * y + __builtin_ctz(rest));
            rate = month[MONTH_ACCOUNT];
            part = rest & (int)month[MONTH_RUN];
        }
        total += rate * (__builtin_popcount(part) + line[BOOK_RATE] / 12.0 * job->earning[part]);
    }
    return total / line[GROWTH];
}

/* Subsidy (yuan a year) of a payment booked in December of year y. */
static double subsidy_of(const World *w, int place, int y, double amount) {
    int64_t month = FIRST_MONTH + 12 * y + 11;
    const double *line = monthly(w, place, month);
    int found = -1;
    for (int row = (int)line[MONTH_TIERS]; row < (int)line[MONTH_TIERS + 1] && w->tiers[2 * row] <= amount; row++)
        found = row;
    if (found >= 0 && !isnan(w->tiers[2 * found + 1])) return w->tiers[2 * found + 1];
    return w->floors[2 * (12 * y + 11) + (amount >= w->floor_tier)];
}

static Segment *segment_at(Person *p, int place, int first_month) {
    for (int k = 0; k < p->n; k++)
        if (p->segments[k].place == place) return &p->segments[k];
    Segment *s = &p->segments[p->n++];
    int limit = p->sex == 1 ? 600 : 480; /* 66号 art. 5 (2) */
    int temporary = place != p->hukou && first_month >= 12 * 2010 && first_month - p->birth >= limit;
    *s = (Segment){.place = place, .temporary = temporary};
    return s;
}

static void read_records(const Job *job, Person *p, int64_t i, int8_t *stars) {
    const Histories *h = job->h;
    const World *w = job->w;
    int home = 0, away = 0; /* months without a labour relation */
    int year_before = 0, mask_before = 0, home_before = 0;
    p->n = p->months = p->residents = p->resident_months = 0;
    p->account = p->paid = p->overlapped = p->refund = 0.0;
    int64_t r = p->begin;
    while (r < p->end) {
        if (h->scheme[r] == 1) { /* a run of employee records at one place */
            const int16_t code = h->place[r];
            const int place = (int)w->position[code];
            Segment *s = segment_at(p, place, 12 * h->year[r] + __builtin_ctz(h->months[r]));
            const Yuan *yuan = job->yuan + place * w->n_years - FIRST_YEAR;
            double index = s->index, account = s->account;
            int months = 0;
            do {
                const int mask = h->months[r], year = h->year[r];
                const double base = h->base[r];
                int n = 12, at_home = 0;
                if (mask == 4095) {
                    account += yuan[year].account * base;
                } else {
                    n = __builtin_popcount(mask);
                    account += account_of(job, place, year - FIRST_YEAR, mask) * base;
                }
                index += yuan[year].index * base * n;
                months += n;
                if (h->form[r] >= INDIVIDUAL_FORM) {
                    int work = h->work_place[r] < 0 ? place : (int)w->position[h->work_place[r]];
                    if (work == p->hukou) at_home = n;
                    home += at_home;
                    away += n - at_home;
                }
                home_before = at_home;
                r++;
            } while (r < p->end && h->place[r] == code && h->scheme[r] == 1);
            year_before = h->year[r - 1], mask_before = h->months[r - 1];
            s->last = 12 * year_before + 31 - __builtin_clz(mask_before);
            s->months += months, s->index = index, s->account = account;
            p->months += months;
        } else { /* a resident year, after the employee record of the year */
            const int year = h->year[r], y = year - FIRST_YEAR;
            const double amount = h->base[r], growth = resident(w, p->hukou, y)[RESIDENT_GROWTH];
            const int overlap = year == year_before ? __builtin_popcount(mask_before) : 0;
            const double credit = amount + subsidy_of(w, p->hukou, y, amount);
            p->paid += credit / growth;
            p->overlapped += credit / 12.0 * overlap / growth;
            p->refund += amount / 12.0 * overlap;
            p->resident_months += 12 - overlap;
            p->residents++;
            home += 12 - (year == year_before ? home_before : 0);
            r++;
        }
    }
    *stars = home + away == 0 ? 0 : (int8_t)((h->hukou_type[i] == 2 ? 2 : 1) + (away >= home ? 2 : 0));
    const int y = p->month / 12 - FIRST_YEAR;
    for (int k = 0; k < p->n; k++) {
        Segment *s = &p->segments[k];
        double rate = annual(w, s->place, y)[BOOK_RATE];
        s->account *= annual(w, s->place, y - 1)[GROWTH] * (1.0 + rate / 12.0 * (p->month % 12 + 1));
        p->account += s->account;
    }
}

/* ------------------------------------------------------------------ the law in force and the fair accounting */

/* Claim place of 66号 art. 6; temporary accounts take part where `temporary_counts`. */
static int claim_place(const Person *p, int temporary_counts) {
    const Segment *relation = NULL, *upper = NULL;
    for (int k = 0; k < p->n; k++) {
        const Segment *s = &p->segments[k];
        if ((temporary_counts || !s->temporary) && (!relation || s->last > relation->last)) relation = s;
    }
    if (!relation || relation->place == p->hukou) return p->hukou;
    if (relation->months >= 120) return relation->place;
    for (int k = 0; k < p->n; k++) {
        const Segment *s = &p->segments[k];
        if (s == relation || (s->temporary && !temporary_counts) || s->months < 120) continue;
        if (!upper || s->last > upper->last) upper = s;
    }
    return upper ? upper->place : p->hukou;
}

/* Average index of all months against the wages of the claim place. */
static double average_index(const Job *job, const Person *p, int claim) {
    if (p->n == 1 && p->segments[0].place == claim) return p->segments[0].index / p->months;
    const Histories *h = job->h;
    const Yuan *yuan = job->yuan + claim * job->w->n_years - FIRST_YEAR;
    double total = 0.0;
    for (int64_t r = p->begin; r < p->end; r++)
        if (h->scheme[r] == 1) total += yuan[h->year[r]].index * h->base[r] * __builtin_popcount(h->months[r]);
    return total / p->months;
}

/* Transitional pension by the method of place `at` for the months paid there (`only`) or anywhere; `overall` the
 * average index of all months. */
static double transition(const Job *job, const Person *p, int at, int only, double overall) {
    const Histories *h = job->h;
    const double *line = lines(job->w, at);
    if (line[COUNTS_PAID] == 0.0) return 0.0;
    const int begins = (int)line[PAID_FROM], ends = (int)line[CUTOFF];
    const Yuan *yuan = job->yuan + at * job->w->n_years - FIRST_YEAR;
    double total = 0.0;
    int months = 0;
    for (int64_t r = p->begin; r < p->end && h->year[r] <= LAST_EARLY_YEAR; r++) {
        const int year = h->year[r];
        if (h->scheme[r] != 1 || (only && job->w->position[h->place[r]] != at)) continue;
        const int low = begins > 12 * year ? begins - 12 * year : 0;
        const int high = ends < 12 * year + 11 ? ends - 12 * year : 11;
        if (high < low) continue;
        const int n = __builtin_popcount(h->months[r] & ((1 << (high + 1)) - (1 << low)));
        total += yuan[year].index * h->base[r] * n;
        months += n;
    }
    if (months == 0) return 0.0;
    const double base = annual(job->w, at, p->month / 12 - FIRST_YEAR)[CALCULATION_BASE];
    const double coefficient = line[COEFFICIENT + (p->months > line[THRESHOLD])];
    const int shape = (int)line[TRANSITION_SHAPE];
    double index = only || line[OWN_INDEX] == 1.0 || shape == BEIJING ? total / months : overall;
    if (shape == FIXED_INDEX) index = 1.0;
    if (shape == MEAN_OF_BASE_AND_WAGE) return (base + base * index) / 2.0 * months / 12.0 * coefficient;
    return base * index * months / 12.0 * coefficient;
}

/* What the resident account holds in month `t`: money and its principal. */
static Balance resident_balance(const World *w, const Person *p, double over_growth, int t) {
    const int y = t / 12 - FIRST_YEAR;
    const double opening = over_growth * resident(w, p->hukou, y - 1)[RESIDENT_GROWTH];
    return (Balance){opening * (1.0 + resident(w, p->hukou, y)[RESIDENT_RATE] / 12.0 * (t % 12 + 1)), opening};
}

/* Monthly amount and value at R0 of a resident pension: `share` of basic pension, premium (of `years`) and supplement;
 * `held` in the account at the settlement, which is the 60th birthday (`at_sixty`) or the award. */
static void resident_pension(const World *w, const Person *p, double share, double years, Balance held, int at_sixty,
                             Result *out) {
    const double *a = p->award;
    const int sixty = p->birth + 720, reference = (int)a[REFERENCE];
    const int start = (at_sixty || sixty > p->month ? sixty : p->month) + 1;
    const double *ready = a + (at_sixty ? AT_SIXTY : AT_START);
    const double *account = a + N_AWARD + w->n_employee_classes + 4 * (int)lines(w, p->hukou)[RESIDENT_CLASS];
    double balance = held.money, inherited;
    if (!at_sixty && p->month < sixty) {
        balance = account[0] * held.money + account[1] * held.principal;
        inherited = account[2] * held.money + account[3] * held.principal;
    } else {
        inherited = balance * account[at_sixty ? 0 : 1];
    }
    double value, extra = supplement(w, p->sex, p->birth, p->hukou, start, reference, &value);
    double now = basic_at(w, p->hukou, start) + extra;
    if (start >= w->horizon)
        value += basic_at(w, p->hukou, w->horizon - 1) * ready[1] + ready[2];
    else
        value += basic_stream(w, p->sex, p->birth, p->hukou, start, reference);
    if (years > 0.0) {
        now += premium_at(w, p->hukou, years, start);
        value += premium_stream(w, p->sex, p->birth, p->hukou, years, start, reference, ready[0]);
    }
    out->monthly += share * now + balance / 139.0;
    out->pw += share * value + balance / 139.0 * ready[0] + inherited;
}

static Result bridge(const World *w, const Person *p, int required, Balance held, double employee_account) {
    const int years = (p->months + p->resident_months) / 12, missing = required > years ? required - years : 0;
    const double backpay = missing * at_month(w, MONTH_LOWEST_TIER, p->hukou, p->month);
    Result out = {ROUTE_TO_RESIDENT, 0.0, -backpay * p->award[AT_AWARD_VALUE]};
    held.money += employee_account + backpay;
    held.principal += employee_account + backpay;
    resident_pension(w, p, 1.0, years, held, 0, &out);
    return out;
}

static Result employee(const World *w, const Person *p, int claim, double earned, double account) {
    const double *a = p->award;
    const double pension = account / a[ANNUITY];
    double pw = account * a[N_AWARD + (int)lines(w, claim)[EMPLOYEE_CLASS]];
    pw += earned * a[EMPLOYEE_VALUE] + pension * a[ACCOUNT_VALUE];
    return (Result){ROUTE_EMPLOYEE, earned + pension, pw};
}

static Result settle_current(const Job *job, const Person *p, int required, Balance held) {
    const World *w = job->w;
    const double *a = p->award;
    Result out;
    held.money -= p->refund, held.principal -= p->refund;
    if (p->months < a[MINIMUM]) {
        out = bridge(w, p, required, held, p->account);
    } else {
        const int claim = claim_place(p, 0);
        const double base = annual(w, claim, p->month / 12 - FIRST_YEAR)[CALCULATION_BASE];
        const double i = average_index(job, p, claim);
        const double basic = (base + base * i) / 2.0 * p->months / 12.0 * 0.01;
        out = employee(w, p, claim, basic + transition(job, p, claim, 0, i), p->account + held.money);
        if (p->residents) out.route = ROUTE_TO_EMPLOYEE;
    }
    out.pw += p->refund * a[AT_AWARD_VALUE];
    return out;
}

static Result settle_fair(const Job *job, const Person *p, int required, Balance held) {
    const World *w = job->w;
    const double *a = p->award;
    const int y = p->month / 12 - FIRST_YEAR, sixty = p->birth + 720;
    Balance overlap = {0.0, 0.0};
    if (p->overlapped > 0.0) overlap = resident_balance(w, p, p->overlapped, p->month);
    const double account = p->account + overlap.money;
    double earned = 0.0;
    for (int k = 0; k < p->n; k++) {
        const Segment *s = &p->segments[k];
        const double base = annual(w, s->place, y)[CALCULATION_BASE];
        earned += base * (s->months + s->index) / 2.0 / 12.0 * 0.01 + transition(job, p, s->place, 1, 0.0);
    }
    Result out = employee(w, p, claim_place(p, 1), earned, account);
    if (p->residents) { /* the resident right beside it */
        Balance kept = {held.money - overlap.money, held.principal - overlap.principal};
        if (sixty <= p->month) kept = resident_balance(w, p, p->paid - p->overlapped, sixty);
        double share = required > 0 ? fmin(1.0, p->resident_months / (12.0 * required)) : 1.0;
        resident_pension(w, p, share, p->resident_months / 12.0, kept, sixty <= p->month, &out);
        out.route = ROUTE_RETAIN;
    }
    if (p->months < a[MINIMUM]) { /* the member chooses */
        Balance rest = {held.money - overlap.money, held.principal - overlap.principal};
        Result other = bridge(w, p, required, rest, account);
        if (other.pw > out.pw) out = other;
    }
    return out;
}

static void write_result(const Result *found, double price, double *out) {
    out[0] = isfinite(found->pw) && isfinite(found->monthly) ? DEFINED : UNKNOWN_PARAMETER;
    out[1] = found->route;
    out[2] = found->monthly;
    out[3] = found->pw * price;
}

static void settle_person(const Job *job, int64_t i, int64_t award_row, double *out, int8_t *stars) {
    const Histories *h = job->h;
    const World *w = job->w;
    Person p;
    p.award = w->awards + award_row * w->award_width;
    p.begin = h->offsets[i], p.end = h->offsets[i + 1];
    p.sex = h->sex[i], p.birth = h->birth[i], p.hukou = (int)w->position[h->hukou[i]];
    p.month = (int)p.award[AWARD];
    read_records(job, &p, i, stars);
    Balance held = {0.0, 0.0};
    if (p.residents) held = resident_balance(w, &p, p.paid, p.month);
    const int age = (int)lines(w, p.hukou)[SCHEME_START] - p.birth;
    const int required = age < 540 ? 15 : age < 720 ? (720 - age) / 12 : 0;
    const Result current = settle_current(job, &p, required, held), fair = settle_fair(job, &p, required, held);
    write_result(&current, p.award[PRICE], out);
    write_result(&fair, p.award[PRICE], out + EACH);
}

/* Settle `count` people into values[person, regime, 4] and stars[person]; 1 when memory is short. */
int core_law(const Histories *h, const World *w, const int64_t *award_rows, int64_t count, int threads, double *values,
             int8_t *stars) {
    Yuan *yuan = malloc(sizeof(Yuan) * N_PLACES * w->n_years);
    if (!yuan) return 1;
    for (int64_t k = 0; k < N_PLACES * w->n_years; k++)
        yuan[k] = (Yuan){1.0 / w->wages[k], w->years[YEAR_ACCOUNT * N_PLACES * w->n_years + k]};
    Job job = {.h = h, .w = w, .yuan = yuan};
    for (int mask = 0; mask < 4096; mask++)
        for (int k = 0; k < 12; k++) job.earning[mask] += (int16_t)((mask >> k & 1) * (12 - k));
#pragma omp parallel for schedule(dynamic, 4096) num_threads(threads)
    for (int64_t i = 0; i < count; i++)
        settle_person(&job, i, award_rows[i], values + 2 * EACH * i, stars + i);
    free(yuan);
    return 0;
}

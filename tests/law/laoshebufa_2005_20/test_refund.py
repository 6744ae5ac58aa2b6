"""劳社部发〔2005〕20号: what a surrender refunded. Employee rulebook E5.10."""

from pension.law.contributions import refunded_share


def test_only_own_money_in_the_account_is_refunded() -> None:
    # an employee of 1998 pays 4 % of 11 % credited; of 2006 8 % of 8 %; an individual 20 %, of which 8 % are credited
    assert refunded_share(0.04, 0.11) == 0.04
    assert refunded_share(0.08, 0.08) == 0.08
    assert refunded_share(0.20, 0.08) == 0.08
    # before the account of the place started nothing is in it
    assert refunded_share(0.03, 0.0) == 0.0

"""The independent reference ledger: the rulebook month by month in exact decimal arithmetic."""

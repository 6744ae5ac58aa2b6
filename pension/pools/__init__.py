"""What moves between provinces: money and liabilities, who gains, who bears it, what each pool holds and owes."""

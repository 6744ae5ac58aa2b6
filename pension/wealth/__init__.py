"""What was paid and what it earns: contributions, cash flows, net wealth, rates of return, what is forfeited."""

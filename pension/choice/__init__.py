"""What a person can still choose: schemes, bases, years, claim months, ways out; and one history changed at a time."""

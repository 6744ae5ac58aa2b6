"""Other histories of the same people: another career, exit, enrolment, base or payer, and what is lost by moving."""

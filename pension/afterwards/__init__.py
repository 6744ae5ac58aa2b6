"""After the award: death, disability, double benefits, annuities; for one person and for many."""

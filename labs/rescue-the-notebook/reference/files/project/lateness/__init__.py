"""How late the flights out of New York are."""

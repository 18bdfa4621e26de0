"""Child Welfare Services: clients, referrals, cases, households, assignments and removals of a county."""

"""Training a model with Splink, on two rosters and without labels. Needs `linkages[bulk]`."""

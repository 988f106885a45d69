"""The strategy that needs no model: steps that rules ask for, each guarded on its own."""

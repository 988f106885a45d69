"""The strategy `wizard`: PromptWizard's operators as proposals to the search engine gepa, decided on held-out cases."""

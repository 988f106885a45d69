"""What is known of all prompts of a workspace, kept between runs: an index to search, derived from the files alone."""

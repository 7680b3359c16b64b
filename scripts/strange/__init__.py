"""Real files of other people, and the promises a box keeps to them."""

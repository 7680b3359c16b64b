"""What people and machines call."""

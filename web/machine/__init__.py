"""What boxes call at their county centre: signatures, no sessions, limits of its own."""

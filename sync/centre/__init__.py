"""The county centre's side: what it publishes, signs and hears back."""

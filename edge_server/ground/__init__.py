"""Without one school word: database, durable files, store, jobs, clock."""

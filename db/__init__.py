"""The store: knows SQL and the seven emotions, and nothing else of Moodreel."""

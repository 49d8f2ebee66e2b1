"""The console: what a person's agents may do, and what administrators look after."""

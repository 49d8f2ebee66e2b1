"""The few parts of Authlib that we stand on, typed: Authlib ships no types of its own."""

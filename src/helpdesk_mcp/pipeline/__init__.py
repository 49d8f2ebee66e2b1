"""The one road every call takes."""

"""A real, stock django-helpdesk on SQLite with lifelike seed data, in a process of its own."""

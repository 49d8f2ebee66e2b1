"""Help desks to try helpdesk-mcp on: a real django-helpdesk, simulators, sample data, a tour."""

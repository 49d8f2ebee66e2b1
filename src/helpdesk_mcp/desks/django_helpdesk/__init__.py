"""django-helpdesk: the stock product through its REST API and its staff pages."""

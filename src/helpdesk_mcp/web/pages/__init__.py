"""Server-rendered pages for people: sign in, choose an organisation, consent, errors."""

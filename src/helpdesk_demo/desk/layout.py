"""What lies where in the data directory of a help desk, and the agreements with its runner."""

DATABASE = "helpdesk.sqlite3"
RECORD = "seed.json"
CREDENTIALS = "credentials.json"
SECRET_KEY = "secret-key"  # noqa: S105 - the name of a file
LOG = "server.log"

USERNAME = "agent"
DEFAULT_TICKETS = 340
PORT_TAKEN_STATUS = 2

"""The command line: `helpdesk-mcp …`."""

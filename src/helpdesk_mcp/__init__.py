"""One MCP server that gives AI agents safe access to an organisation's help desks."""

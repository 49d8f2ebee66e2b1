"""What administrators may do: operations with the shape of tools, never offered over MCP."""

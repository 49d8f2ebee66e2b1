"""HTTP in: the only place with starlette, mcp and fastapi."""

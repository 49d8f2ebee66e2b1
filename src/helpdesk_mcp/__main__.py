"""`python -m helpdesk_mcp` is the `helpdesk-mcp` command."""

from helpdesk_mcp.cli.main import main

if __name__ == "__main__":
    main()

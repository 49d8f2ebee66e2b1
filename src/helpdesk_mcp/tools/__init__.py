"""What agents may do: one file per toolset, one function per tool."""

"""The server-side functions: Lua files that together make one Redis function library."""

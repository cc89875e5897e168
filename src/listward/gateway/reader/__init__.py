"""Reading mail in a process that may be killed: the gateway's loop never touches what is inside a message."""

"""Content filters, one file each."""

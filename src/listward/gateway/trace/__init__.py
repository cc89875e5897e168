"""What we add to a message and take out of it: trace fields, results, marks. The body and all other fields stay."""

"""A person at the keyboard and mouse as a policy."""

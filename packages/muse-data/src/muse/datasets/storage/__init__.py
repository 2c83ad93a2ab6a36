"""How steps lie in memory, and how windows are cut out of them."""

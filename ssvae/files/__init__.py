"""Files of every kind: atomic writes, tables, pictures."""

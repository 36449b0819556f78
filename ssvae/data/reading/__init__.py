"""Files as people have them become data sets, and what models take."""

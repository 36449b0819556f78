"""What a folder or an archive holds: its files, and the classes that they name."""
